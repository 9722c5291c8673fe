import LiveState
import Serving
import Testing
import Vocabulary

/// Random worlds and random requests: what must hold of every reply, checked against rules written down a second
/// time, from the events themselves.
@Suite struct ReadPathPropertyTests {
  struct Happening {
    var user: String
    var type: EventType
    var item: String
  }

  /// A random world and the log of what happened in it.
  struct Play {
    var random: RandomNumbers
    let world: World
    var names: [String] = []
    var happened: [Happening] = []
    let users = ["anna", "ben", "cleo"]

    init(seed: UInt64) throws {
      random = RandomNumbers(seed: seed)
      world = try World()
      let count = 5 + random.below(60)
      names = (0..<count).map { "i\($0)" }
      for name in names { try putRandomly(name) }
      world.settings.sourceWidth = 1 + random.below(20)
      world.settings.hideSeen = random.below(2) == 0
      for source in SourceKind.allCases where random.below(6) == 0 {
        world.settings.sourceWeights[source] = 0
      }
      for _ in 0..<random.below(60) { try happen() }
      if random.below(5) > 0 { try train() }
      for _ in 0..<random.below(10) { try happen() }
      for _ in 0..<random.below(6) { try putRandomly(names[random.below(names.count)]) }
      if random.below(2) == 0 { try putRandomly("fresh") }
      for _ in 0..<random.below(4) { try world.delete(names[random.below(names.count)]) }
      if world.tenant.itemIndex(try ItemIdentifier("fresh")) != nil { names.append("fresh") }
    }

    mutating func putRandomly(_ name: String) throws {
      let (dice, owner) = (random.below(8), users[random.below(users.count)])
      let now = world.now
      try world.put(name) { item in
        switch dice {
        case 0: item.isHidden = true
        case 1: item.stock = 0
        case 2: item.availableUntil = now
        case 3: item.owner = try? UserIdentifier(owner)
        default: break
        }
      }
    }

    mutating func happen() throws {
      let types: [EventType] = [.impression, .view, .view, .purchase, .like, .dislike, .hide]
      let what = Happening(
        user: users[random.below(2)], type: types[random.below(types.count)],
        item: names[random.below(names.count)])
      happened.append(what)
      try world.event(what.user, what.type, what.item)
    }

    mutating func train() throws {
      let known = names.filter { _ in random.below(8) > 0 }
      guard !known.isEmpty else { return }
      var trained = World.Trained(items: random.shuffled(known))
      if random.below(5) > 0 {
        trained.popularity = random.shuffled(known).enumerated().map { ($1, 1000 - Float($0)) }
        trained.popularity.removeLast(random.below(known.count))
      }
      func neighbours(_ random: inout RandomNumbers) -> [String: [(String, Float)]] {
        var lists: [String: [(String, Float)]] = [:]
        for name in known {
          let others = random.shuffled(known).filter { $0 != name }.prefix(random.below(12))
          lists[name] = others.enumerated().map { ($1, 1 - Float($0) / 20) }
        }
        return lists
      }
      if random.below(5) > 0 { trained.transitions = neighbours(&random) }
      if random.below(5) > 0 { trained.cooccurrence = neighbours(&random) }
      if random.below(5) > 0 { trained.linear = neighbours(&random) }
      if random.below(5) > 0 {
        let named = users + ["dora", "emil"]
        trained.users = named.map { user in
          (user, random.shuffled(known).prefix(random.below(8)).map { ($0, 1) })
        }
        trained.similarUsers = 1 + random.below(4)
      }
      if random.below(5) > 0 {
        for name in known { trained.factors[name] = (0..<4).map { _ in random.signed() } }
      }
      try world.train(trained)
    }

    /// Whether an item may be shown to a user, apart from what the request says.
    func mayShow(_ name: String, to user: String, hidingSeen: Bool) throws -> Bool {
      let record = try #require(world.tenant.item(try world.index(name)))
      if record.isDeleted { return false }
      if let item = record.item {
        if item.isHidden || item.stock == 0 { return false }
        if let until = item.availableUntil, until <= world.now { return false }
        if let owner = item.owner, owner.text == user { return false }
      }
      let own = happened.filter { $0.user == user && $0.item == name && $0.type != .impression }
      if hidingSeen, !own.isEmpty { return false }
      if own.last?.type == .hide || own.last?.type == .dislike { return false }
      let sum = own.reduce(Float(0)) { $0 + EventWeights.standard[$1.type] }
      return sum > 0 || own.isEmpty
    }

    func some(_ count: Int, _ random: inout RandomNumbers) -> [String] {
      (0..<random.below(count + 1)).map { _ in
        random.below(10) == 0 ? "missing" : names[random.below(names.count)]
      }
    }
  }

  func bytes(_ names: [String]) -> [[UInt8]] { names.map { Array($0.utf8) } }

  func check(
    _ slate: Slate, k: Int, allowed: Set<String>, citable: Set<String>, _ comment: Comment
  ) {
    #expect(Set(slate.names).count == slate.names.count, comment)
    #expect(Set(slate.names).isSubset(of: allowed), comment)
    #expect(slate.items.count == min(k, allowed.count), comment)
    #expect(slate.fallbacks.contains(.fewerThanK) == (allowed.count < k), comment)
    #expect(zip(slate.items, slate.items.dropFirst()).allSatisfy { $0.score >= $1.score }, comment)
    for item in slate.items {
      #expect(!item.sources.isEmpty && item.sources.allSatisfy { $0.rank >= 1 }, comment)
      #expect(item.explanations.count == item.sources.count, comment)
      for explanation in item.explanations {
        #expect(explanation.items.count <= 2, comment)
        #expect(Set(explanation.items.map(\.text)).isSubset(of: citable), comment)
      }
    }
  }

  @Test(arguments: (1...40).map { UInt64($0) })
  func nothingForbiddenNothingTwiceNothingMissing(seed: UInt64) throws {
    let play = try Play(seed: seed)
    var random = RandomNumbers(seed: seed &+ 1_000_000)
    let other = ReadScratch()
    for round in 0..<8 {
      let comment: Comment = "seed \(seed), round \(round)"
      let user = random.below(5) == 0 ? "stranger" : play.users[random.below(play.users.count)]
      let k = [1, 3, 10, 100][random.below(4)]
      let excluded = play.some(6, &random)
      let named = play.some(3, &random)
      let own = Set(play.happened.filter { $0.user == user }.map(\.item))

      var request = RecommendRequest()
      request.user = Array(user.utf8)
      request.k = UInt32(k)
      request.exclude = bytes(excluded)
      request.sessionItems = bytes(named)
      request.seed = UInt64(random.below(1000))
      request.explain = .full
      request.seen = [.scenario, .hide, .allow][random.below(3)]
      let hidingSeen = request.seen == .hide || (request.seen == .scenario && play.world.settings.hideSeen)
      var allowed = Set(try play.names.filter { try play.mayShow($0, to: user, hidingSeen: hidingSeen) })
      allowed.subtract(excluded)
      let context = play.world.context()
      let slate = try ReadPath.recommend(request, context, play.world.scratch)
      check(
        slate, k: k, allowed: hidingSeen ? allowed.subtracting(named) : allowed, citable: own.union(named),
        comment)
      // The same again, with used and with other memory.
      #expect(
        try ReadPath.recommend(request, context, play.world.scratch).timeless == slate.timeless, comment)
      #expect(try ReadPath.recommend(request, context, other).timeless == slate.timeless, comment)
      #expect(try ReadPath.recommend(request, context, ReadScratch()).timeless == slate.timeless, comment)

      let basket = named.isEmpty ? ["i0"] : named
      var completion = CompleteRequest()
      completion.basket = bytes(basket)
      completion.user = request.user
      completion.k = request.k
      completion.exclude = request.exclude
      completion.explain = .full
      allowed = Set(try play.names.filter { try play.mayShow($0, to: user, hidingSeen: false) })
      check(
        try ReadPath.complete(completion, context, play.world.scratch), k: k,
        allowed: allowed.subtracting(excluded).subtracting(basket), citable: own.union(basket), comment)

      var similarity = SimilarRequest()
      similarity.item = Array(basket[0].utf8)
      similarity.k = request.k
      similarity.exclude = request.exclude
      similarity.explain = .full
      allowed = Set(try play.names.filter { try play.mayShow($0, to: "nobody at all", hidingSeen: false) })
      check(
        try ReadPath.similar(similarity, context, play.world.scratch), k: k,
        allowed: allowed.subtracting(excluded).subtracting([basket[0]]), citable: [basket[0]], comment)
    }
  }
}
