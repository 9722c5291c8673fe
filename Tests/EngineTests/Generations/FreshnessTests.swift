import Engine
import Foundation
import Testing
import Vocabulary

/// The rows of docs/freshness.md, one test or expectation for each: what an event or a change alters at once, and what
/// waits for the next generation.
struct FreshnessTests {
  /// An engine that serves a generation of items a to d, each a neighbour of each; `old` has a history.
  /// - Parameter trends: without, nothing depends on the second at which the trending list was last refreshed.
  private func rig(trends: Bool = false) async throws -> EngineRig {
    let rig = try EngineRig { if !trends { $0.reading.sourceWeights[.trending] = 0 } }
    _ = await rig.ingest([("old", "a"), ("other", "b"), ("other", "c"), ("other", "d")])
    try FullGeneration.make(1, in: rig.root + "/data/generations/default")
    _ = try await rig.generations(.promote, 1).get()
    return rig
  }

  private func slate(
    _ rig: EngineRig, _ user: String, _ change: (inout RecommendRequest) -> Void = { _ in }
  ) async throws -> Slate {
    try #require(
      await rig.recommend(user) {
        $0.explain = .full
        $0.k = 50
        change(&$0)
      }.slate)
  }

  private func sources(_ slate: Slate, of item: String) -> Set<SourceKind> {
    Set(slate.items.first { $0.item.text == item }?.sources.map(\.source) ?? [])
  }

  private func send(_ rig: EngineRig, _ type: EventType, _ user: String, _ item: String?) async {
    var request = IngestEventsRequest()
    var draft = EventDraft()
    draft.id = Array(UUID().uuidString.utf8)
    draft.type = Int32(type.rawValue)
    draft.user = Array(user.utf8)
    if type == .rate { draft.value = 4 }
    if let item { draft.item = Array(item.utf8) } else { draft.query = Array("tea".utf8) }
    request.events = [draft]
    _ = await rig.call(.ingestEvents(request))
  }

  private func put(_ rig: EngineRig, _ id: String, _ change: (inout ItemDraft) -> Void = { _ in }) async {
    var request = PutItemsRequest()
    var draft = ItemDraft()
    draft.id = Array(id.utf8)
    change(&draft)
    request.items = [draft]
    _ = await rig.call(.putItems(request))
  }

  // MARK: Users

  @Test func aNewUserIsFoldedInAfterTheFirstEvent() async throws {
    let rig = try await rig()
    let before = try await slate(rig, "new")
    #expect(before.fallbacks.contains(.unknownUser))
    #expect(before.items.allSatisfy { !$0.sources.contains { [.ials, .transitions].contains($0.source) } })
    await send(rig, .purchase, "new", "a")
    let after = try await slate(rig, "new")
    #expect(!after.fallbacks.contains(.unknownUser) && !after.ids.contains("a"))
    #expect(sources(after, of: "b").isSuperset(of: [.ials, .transitions, .cooccurrence]))
  }

  @Test func aVisitorWithoutANameIsServedFromTheSession() async throws {
    let rig = try await rig()
    let slate = try await slate(rig, "") { $0.sessionItems = [Array("a".utf8)] }
    #expect(!slate.ids.contains("a"))
    #expect(sources(slate, of: "b").isSuperset(of: [.ials, .transitions, .cooccurrence]))
    #expect(!slate.fallbacks.contains(.unknownUser))
  }

  @Test(arguments: [
    EventType.view, .click, .like, .rate, .addToCart, .purchase, .play, .share, .comment,
  ])
  func aPositiveEventMovesTheListAndHidesTheItem(_ type: EventType) async throws {
    let rig = try await rig()
    let before = try await slate(rig, "old")
    #expect(before.ids.contains("d"))
    await send(rig, type, "old", "d")
    let after = try await slate(rig, "old")
    #expect(!after.ids.contains("d"), "what was touched is hidden")
    #expect(after.position > before.position)
    let score = { (slate: Slate) in
      slate.items.first { $0.item.text == "b" }?.sources.first { $0.source == .transitions }?.score
    }
    let (earlier, later) = (try #require(score(before)), try #require(score(after)))
    #expect(later > earlier, "d is a starting point too, so b gets two shares")
    // Shown again where seen items may be, and named as a repeat.
    let allowed = try await slate(rig, "old") { $0.seen = .allow }
    #expect(sources(allowed, of: "d").contains(.repeats))
  }

  @Test(arguments: [EventType.hide, .dislike])
  func turningAwayHidesTheItemEverywhere(_ type: EventType) async throws {
    let rig = try await rig()
    await send(rig, type, "old", "d")
    #expect(try await !slate(rig, "old").ids.contains("d"))
    #expect(try await !slate(rig, "old") { $0.seen = .allow }.ids.contains("d"))
    #expect(try await slate(rig, "stranger").ids.contains("d"), "for nobody else")
  }

  @Test func impressionsAndSearchesChangeNoList() async throws {
    let rig = try await rig()
    let before = try await slate(rig, "old")
    await send(rig, .impression, "old", "d")
    await send(rig, .search, "old", nil)
    let after = try await slate(rig, "old")
    #expect(after.items == before.items)
    #expect(after.position.value == before.position.value + 2, "they are in the log all the same")
  }

  @Test func aUsersAttributesChangeNoList() async throws {
    let rig = try await rig()
    let before = try await slate(rig, "old")
    var request = PutUsersRequest()
    var draft = UserDraft()
    draft.id = Array("old".utf8)
    request.users = [draft]
    _ = await rig.call(.putUsers(request))
    #expect(try await slate(rig, "old").items == before.items)
  }

  // MARK: Items

  @Test func aNewItemIsServableAtOnce() async throws {
    let rig = try await rig()
    #expect(try await !slate(rig, "old").ids.contains("fresh"))
    await put(rig, "fresh") { $0.title = Array("Fresh".utf8) }
    for user in ["old", "stranger"] {
      let slate = try await slate(rig, user)
      #expect(sources(slate, of: "fresh") == [.newest], "no generation knows it")
    }
    // One that was only ever seen in an event is as new.
    await send(rig, .view, "other", "heard-of")
    #expect(sources(try await slate(rig, "old"), of: "heard-of").contains(.newest))
  }

  @Test func aNewItemTrendsWithinSeconds() async throws {
    let rig = try await rig(trends: true)
    await put(rig, "fresh")
    for user in 0..<20 { await send(rig, .purchase, "buyer\(user)", "fresh") }
    var found: Set<SourceKind> = []
    for _ in 0..<400 where !found.contains(.trending) {
      // The list is refreshed once a second, by the next commit or by the store thread.
      await send(rig, .impression, "old", "a")
      found = sources(try await slate(rig, "stranger"), of: "fresh")
      try await Task.sleep(for: .milliseconds(20))
    }
    #expect(found.contains(.trending))
  }

  @Test func whatANewItemWasBoughtWithIsNotLearnedYet() async throws {
    let rig = try await rig()
    await put(rig, "fresh")
    await send(rig, .purchase, "new", "fresh")
    let slate = try await slate(rig, "new")
    #expect(!slate.ids.contains("fresh"), "it is hidden as seen")
    #expect(!slate.fallbacks.contains(.noHistory))
    #expect(
      slate.items.allSatisfy {
        !$0.sources.contains { [.ials, .transitions, .cooccurrence].contains($0.source) }
      },
      "no model has a row for it to start from")
  }

  @Test func catalogueChangesHideAndShowAtOnce() async throws {
    let rig = try await rig()
    let changes: [(String, (inout ItemDraft) -> Void)] = [
      ("hidden", { $0.isHidden = true }), ("out of stock", { $0.stock = 0 }),
      ("over", { $0.availableUntil = 1_000_000 }),
      ("not yet", { $0.availableFrom = Int64(Date().timeIntervalSince1970 * 1e6) + 3_600_000_000 }),
      ("one's own", { $0.owner = Array("old".utf8) }),
    ]
    for (name, change) in changes {
      await put(rig, "b", change)
      #expect(try await !slate(rig, "old").ids.contains("b"), "\(name)")
      await put(rig, "b")
      #expect(try await slate(rig, "old").ids.contains("b"), "\(name), undone")
    }
    await put(rig, "b") { $0.title = Array("Bread".utf8) }
    let titled = try await slate(rig, "old") { $0.includeTitles = true }
    #expect(titled.items.first { $0.item.text == "b" }?.title == "Bread")
    var request = DeleteItemsRequest()
    request.items = [Array("b".utf8)]
    _ = await rig.call(.deleteItems(request))
    #expect(try await !slate(rig, "old").ids.contains("b"))
    #expect(try await !slate(rig, "old") { $0.seen = .allow }.ids.contains("b"))
    await put(rig, "b")
    #expect(try await slate(rig, "old").ids.contains("b"), "put again")
  }

  // MARK: What waits

  @Test func modelsWaitForTheNextGeneration() async throws {
    let rig = try await rig()
    func scores(_ slate: Slate) -> [String: [SourceKind: Float]] {
      Dictionary(
        uniqueKeysWithValues: slate.items.map { item in
          (
            item.item.text,
            Dictionary(
              uniqueKeysWithValues: item.sources.filter {
                [.popular, .transitions, .cooccurrence, .ials].contains($0.source)
              }.map { ($0.source, $0.score) })
          )
        })
    }
    let before = scores(try await slate(rig, "old"))
    // Everyone goes from a to d now. What is popular, what follows what and the factors stay as trained.
    for user in 0..<30 {
      await send(rig, .purchase, "crowd\(user)", "a")
      await send(rig, .purchase, "crowd\(user)", "d")
    }
    #expect(scores(try await slate(rig, "old")) == before)
    // And with the next generation they change: here one that knows only two items.
    try FullGeneration.make(2, in: rig.root + "/data/generations/default", items: ["a", "d"])
    _ = try await rig.generations(.promote, 2).get()
    #expect(scores(try await slate(rig, "old")) != before)
  }
}
