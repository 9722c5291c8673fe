import Serving
import Testing
import Vocabulary

@Suite struct DropTests {
  /// Every rule, applied to candidates that no source checked.
  @Test func strikesOutWhatIsForbidden() throws {
    let world = try World()
    try world.put("fine", "excluded", "seen", "turned away", "in session")
    try world.put("hidden") { $0.isHidden = true }
    try world.put("sold out") { $0.stock = 0 }
    try world.put("mine") { $0.owner = try? UserIdentifier("u") }
    try world.put("expired") { $0.availableUntil = world.now }
    try world.put("to come") { $0.availableFrom = Timestamp(microseconds: world.now.microseconds + 1) }
    try world.put("deleted")
    try world.delete("deleted")
    try world.event("u", .view, "seen", "turned away")
    try world.event("u", .hide, "turned away")
    let scratch = ReadScratch()
    let context = world.context()
    try scratch.start(context)
    var request = RecommendRequest()
    request.user = Array("u".utf8)
    request.exclude = [Array("excluded".utf8)]
    request.sessionItems = [Array("in session".utf8)]
    try Look.recommend(request, context, scratch)
    for number in 0..<context.catalogue.count {
      scratch.candidates.offer(ItemIndex(UInt32(number)), .popular, rank: number + 1, score: 1)
    }
    Drop.run(context, scratch)
    let expected: [String: DropReason] = [
      "excluded": .excluded, "seen": .seen, "turned away": .turnedAway, "in session": .seen,
      "hidden": .unshowable, "sold out": .unshowable, "mine": .own, "expired": .unshowable,
      "to come": .unshowable, "deleted": .unshowable,
    ]
    for (number, item) in scratch.candidates.items.enumerated() {
      let name = context.catalogue.identifier(item).text
      #expect(scratch.candidates.verdicts[number] == expected[name], "\(name)")
    }
    #expect(scratch.dropped[Int(DropReason.unshowable.rawValue)] == 5)
    #expect(scratch.dropped.reduce(0, +) == 10)
    // An item newer than the catalogue of this request.
    try world.put("newer")
    #expect(Rules.verdict(try world.index("newer"), context, scratch) == .unpublished)
  }
}
