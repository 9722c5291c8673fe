import LiveState
import Serving
import Testing
import Vocabulary

/// Whatever happens between two pages, the pages together are the ranking of the first one: nothing twice, nothing passed
/// over, but for what may not be shown any more.
@Suite struct PagingTests {
  private func world(_ count: Int = 9) throws -> World {
    let world = try World()
    let names = (0..<count).map { "i\($0)" }
    for name in names { try world.put(name) }
    var trained = World.Trained(items: names)
    trained.popularity = names.enumerated().map { ($1, 100 - Float($0)) }
    try world.train(trained)
    world.only(.popular)
    return world
  }

  private func page(
    _ world: World, _ turn: PageTurn, _ change: (inout RecommendRequest) -> Void = { _ in }
  ) throws -> (slate: Slate, rest: PageRest) {
    var request = RecommendRequest()
    request.user = Array("u".utf8)
    request.k = 3
    change(&request)
    let slate = try ReadPath.recommend(request, world.context(), world.scratch, turn)
    return (slate, world.scratch.rest)
  }

  @Test func pagesAreCutFromOneRanking() throws {
    let world = try world()
    world.settings.paging.depth = 8
    let first = try page(world, .first)
    #expect(first.slate.names == ["i0", "i1", "i2"])
    let ranking = try #require(first.rest.ranking)
    #expect(ranking.count == 8 && first.rest.place == 3)
    // Another popularity, a sale, a hidden item and a new one: the order stays, what may not be shown goes.
    var trained = World.Trained(items: (0..<9).map { "i\($0)" })
    trained.popularity = (0..<9).map { ("i\(8 - $0)", 100 - Float($0)) }
    try world.train(trained, number: 2)
    try world.event("u", .purchase, "i4")
    try world.put("i5") { $0.isHidden = true }
    try world.put("new")
    let second = try page(world, .next(ranking, from: 3))
    #expect(second.slate.names == ["i3", "i6", "i7"])
    #expect(second.slate.generation == GenerationNumber(1))
    #expect(second.slate.position == first.slate.position)
    #expect(second.slate.recommendation != first.slate.recommendation)
    // i8 lies beyond the depth.
    #expect(second.rest.place == nil)
    // Asked again, the same page comes again.
    #expect(try page(world, .next(ranking, from: 3)).slate.timeless == second.slate.timeless)
  }

  @Test func aListThatEndsWithItsFirstPageLeavesNothing() throws {
    let world = try world(3)
    let first = try page(world, .first)
    #expect(first.slate.names.count == 3 && first.rest.ranking == nil && first.rest.place == nil)
  }

  @Test func theLastPageKnowsThatNothingAllowedFollows() throws {
    let world = try world()
    let first = try page(world, .first) { $0.k = 5 }
    let ranking = try #require(first.rest.ranking)
    for name in ["i7", "i8"] { try world.delete(name) }
    let second = try page(world, .next(ranking, from: 5)) { $0.k = 2 }
    #expect(second.slate.names == ["i5", "i6"] && second.rest.place == nil)
    #expect(!second.slate.fallbacks.contains(.fewerThanK))
    #expect(try page(world, .next(ranking, from: 5)).slate.fallbacks.contains(.fewerThanK))
  }

  @Test func reasonsOfAFurtherPageAreThoseOfNow() throws {
    let world = try world()
    let first = try page(world, .first)
    let second = try page(world, .next(try #require(first.rest.ranking), from: 3)) { $0.explain = .full }
    #expect(second.slate.names == ["i3", "i4", "i5"])
    #expect(second.slate.items.map(\.sourceRanks) == [["popular 4"], ["popular 5"], ["popular 6"]])
    #expect(zip(second.slate.items, second.slate.items.dropFirst()).allSatisfy { $0.score > $1.score })
  }

  /// What stands somewhere by configuration or chance says so on every page, with the probability it was told with.
  @Test func laterPagesTellPlacesAndPropensities() throws {
    let world = try world()
    // The fresh ones come by exploration alone: nothing else names them, and there is enough without them.
    world.only(.popular)
    world.settings.paging.depth = 8
    for name in ["fresh1", "fresh2", "fresh3", "fresh4"] { try world.put(name) }
    world.settings.spread.pins = [try #require(Pin("i8@5"))]
    world.settings.exploration.slots = [2, 4, 6]
    world.settings.exploration.rate = 0.75
    var explored = 0
    for seed in 0..<20 as Range<UInt64> {
      let first = try page(world, .first) {
        $0.k = 3
        $0.seed = seed
        $0.explain = .reasons
      }
      let ranking = try #require(first.rest.ranking)
      let second = try page(world, .next(ranking, from: 3)) {
        $0.k = 4
        $0.explain = .reasons
      }.slate
      #expect(second.items.contains { $0.placement == .pinned })
      explored += second.items.filter { $0.placement == .explored }.count
      #expect(second.items.allSatisfy { $0.propensity != nil })
      for item in second.items where item.placement == .explored {
        #expect(item.propensity ?? 1 < 0.76 && item.explanations.map(\.code) == [.explored])
      }
    }
    #expect(explored > 0)
  }

  @Test func similarAndCompleteArePagedAlike() throws {
    let world = try world()
    var similar = SimilarRequest()
    similar.item = Array("i0".utf8)
    similar.k = 4
    var complete = CompleteRequest()
    complete.basket = [Array("i0".utf8)]
    complete.k = 4
    for isSimilar in [true, false] {
      func ask(_ turn: PageTurn) throws -> Slate {
        isSimilar
          ? try ReadPath.similar(similar, world.context(), world.scratch, turn)
          : try ReadPath.complete(complete, world.context(), world.scratch, turn)
      }
      let first = try ask(.first)
      let rest = world.scratch.rest
      let second = try ask(.next(try #require(rest.ranking), from: try #require(rest.place)))
      #expect(first.names + second.names == (1..<9).map { "i\($0)" })
      #expect(world.scratch.rest.place == nil)
    }
  }

  /// Random worlds in which anything happens between pages, against the ranking walked by hand.
  @Test(arguments: (1...60).map { UInt64($0) })
  func pagesPartitionTheRanking(seed: UInt64) throws {
    var play = try ReadPathPropertyTests.Play(seed: seed)
    var random = RandomNumbers(seed: seed &+ 2_000_000)
    let world = play.world
    world.settings.paging.depth = [5, 20, 400][random.below(3)]
    let user = play.users[random.below(3)]
    let hides = random.below(2) == 0
    var request = RecommendRequest()
    request.user = Array(user.utf8)
    request.seen = hides ? .hide : .allow
    request.seed = UInt64(random.below(100))
    // The full ranking is the list of that many items.
    request.k = UInt32(world.settings.paging.depth)
    let ranked = try ReadPath.recommend(request, world.context(), world.scratch).names

    request.k = UInt32(1 + random.below(5))
    var turn = PageTurn.first
    var (place, shown, generation) = (0, [String](), UInt64(1))
    for round in 0..<1000 {
      let comment: Comment = "seed \(seed), page \(round)"
      request.explain = [.none, .reasons, .full][random.below(3)]
      let slate = try ReadPath.recommend(request, world.context(), world.scratch, turn)
      // By hand: on from the place, whatever is still allowed.
      var expected: [String] = []
      while place < ranked.count, expected.count < Int(request.k) {
        if try round == 0 || play.mayShow(ranked[place], to: user, hidingSeen: hides) {
          expected.append(ranked[place])
        }
        place += 1
      }
      #expect(slate.names == expected, comment)
      shown += slate.names
      let rest = world.scratch.rest
      if case .first = turn {
        guard let ranking = rest.ranking else { break }
        turn = .next(ranking, from: try #require(rest.place))
      } else if case .next(let ranking, _) = turn {
        guard let next = rest.place else { break }
        turn = .next(ranking, from: next)
      }
      request.k = UInt32(1 + random.below(5))
      for _ in 0..<random.below(4) { try play.happen() }
      if random.below(3) == 0 { try play.putRandomly(play.names[random.below(play.names.count)]) }
      if random.below(6) == 0 { try world.delete(play.names[random.below(play.names.count)]) }
      if random.below(4) == 0 { try world.put("later\(round)") }
      if random.below(4) == 0 {
        generation += 1
        var trained = World.Trained(items: random.shuffled(play.names))
        trained.popularity = random.shuffled(play.names).enumerated().map { ($1, 1000 - Float($0)) }
        try world.train(trained, number: generation)
      }
    }
    #expect(Set(shown).count == shown.count, "seed \(seed)")
    // The last page says so: nothing behind it may be shown.
    let left = try ranked[place...].filter { try play.mayShow($0, to: user, hidingSeen: hides) }
    #expect(left.isEmpty, "seed \(seed)")
  }
}
