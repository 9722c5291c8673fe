import Testing
import Vocabulary
import Wire

/// The token's bytes as the table in docs/protocol.md has them, what is refused, and what the digest sees.
@Suite struct ReplayTokenTests {
  private func example() throws -> (request: Request, slate: Slate, provenance: Provenance) {
    var request = RecommendRequest()
    request.user = Array("anna".utf8)
    request.k = 3
    var slate = Slate()
    slate.items = [SlateItem(item: try ItemIdentifier("mug"), score: 0.5)]
    slate.position = Position(42)
    slate.generation = GenerationNumber(7)
    slate.configurationHash = 0x1122_3344_5566_7788
    return (
      .recommend(request), slate,
      Provenance(second: 1_700_000_000, quality: 1_000, counted: Position(41))
    )
  }

  @Test func hasTheDocumentedLayout() throws {
    let (request, slate, provenance) = try example()
    let token = ReplayToken.make(request, slate, provenance)
    let body = RequestCodec.encode(request)
    #expect(token.count == 56 + body.count)
    #expect(token[0] == 2)
    #expect(token[1] == 32)
    #expect(Array(token[2..<4]) == [0xe8, 0x03])
    #expect(Array(token[8..<16]) == [42, 0, 0, 0, 0, 0, 0, 0])
    #expect(Array(token[16..<24]) == [41, 0, 0, 0, 0, 0, 0, 0])
    #expect(Array(token[24..<32]) == [7, 0, 0, 0, 0, 0, 0, 0])
    #expect(Array(token[32..<40]) == [0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11])
    #expect(Array(token[40..<48]) == [0, 0xf1, 0x53, 0x65, 0, 0, 0, 0])
    #expect(Array(token[56...]) == body)
  }

  /// A later page tells where its list began: two numbers more, and the first request behind its own.
  @Test func laterPagesHaveALongerHeader() throws {
    let (request, slate, given) = try example()
    var provenance = given
    var first = RecommendRequest()
    first.user = Array("anna".utf8)
    first.k = 9
    first.cursor = []
    provenance.page = PageOrigin(first: .recommend(first), place: 258, second: 1_700_000_009)
    let token = ReplayToken.make(request, slate, provenance)
    let (body, begun) = (RequestCodec.encode(request), RequestCodec.encode(.recommend(first)))
    #expect(token[1] == 128 + 32)
    #expect(Array(token[56..<64]) == [9, 0xf1, 0x53, 0x65, 0, 0, 0, 0])
    #expect(Array(token[64..<72]) == [2, 1, 0, 0, UInt8(begun.count), 0, 0, 0])
    #expect(Array(token[72...]) == body + begun)
    let plan = try ReplayToken.parse(token, arena: MessageArena())
    #expect(plan.provenance == provenance)
    // Both together are too long: no token rather than half of one.
    first.filter = [UInt8](repeating: 0x20, count: Limits.tokenRequestBytesMax)
    provenance.page?.first = .recommend(first)
    #expect(ReplayToken.make(request, slate, provenance).isEmpty)
  }

  @Test func refusesEveryTokenThatWasChanged() throws {
    let (request, slate, provenance) = try example()
    let token = ReplayToken.make(request, slate, provenance)
    let arena = MessageArena()
    #expect(try ReplayToken.parse(token, arena: arena).position == Position(42))
    for place in token.indices {
      for bit in 0..<8 {
        var changed = token
        changed[place] ^= 1 << UInt8(bit)
        let fault = #expect(throws: Fault.self, "byte \(place)") {
          try ReplayToken.parse(changed, arena: arena)
        }
        #expect(fault?.reason == .tokenInvalid)
      }
    }
    for length in [0, 1, 47, token.count - 1] {
      #expect(throws: Fault.self) { try ReplayToken.parse(Array(token[..<length]), arena: arena) }
    }
    let long = token + [UInt8](repeating: 0, count: Limits.tokenRequestBytesMax)
    #expect(throws: Fault.self) { try ReplayToken.parse(long, arena: arena) }
  }

  @Test func namesListsOnly() throws {
    let (_, slate, provenance) = try example()
    let token = ReplayToken.make(.status(StatusRequest()), slate, provenance)
    let fault = #expect(throws: Fault.self) { try ReplayToken.parse(token, arena: MessageArena()) }
    #expect(fault?.reason == .tokenInvalid)
  }

  @Test func digestSeesEverythingButTimesCursorAndToken() throws {
    let (_, slate, _) = try example()
    let digest = ReplayToken.digest(of: slate)
    var timed = slate
    timed.times = [StepTime(step: .look, nanoseconds: 5)]
    timed.token = [1, 2, 3]
    timed.cursor = [4]
    #expect(ReplayToken.digest(of: timed) == digest)
    let changes: [(inout Slate) -> Void] = [
      { $0.items[0].score = 0.25 }, { $0.position = Position(43) }, { $0.seed = 1 },
      { $0.fallbacks = [.noHistory] }, { $0.experiment = "a/b" }, { $0.items = [] },
    ]
    for change in changes {
      var other = slate
      change(&other)
      #expect(ReplayToken.digest(of: other) != digest)
    }
  }

  /// A reply frame gets the token of its question; one without provenance gets none.
  @Test func framesCarryIt() throws {
    let (request, made, provenance) = try example()
    let body = RequestCodec.encode(request)
    let arena = MessageArena()
    func reply(_ slate: Slate) throws -> Slate? {
      let frames = FrameWriter()
      body.withUnsafeBytes { frames.write(.success(.recommend(slate)), stream: 1, to: (.recommend, $0)) }
      let bytes = frames.withFrame { Array($0) }
      let decoded = try Array(bytes[32...]).withUnsafeBytes {
        try ReplyCodec.decode(.recommend, $0, arena: arena)
      }
      if case .recommend(let slate) = decoded { return slate }
      return nil
    }
    var slate = made
    #expect(try reply(slate)?.token == [])
    slate.provenance = provenance
    let token = try #require(try reply(slate)?.token)
    let plan = try ReplayToken.parse(token, arena: arena)
    #expect(plan.digest == ReplayToken.digest(of: made))
    if case .recommend(let asked) = request { #expect(plan.question == .recommend(asked)) }
    slate.times = [StepTime(step: .keep, nanoseconds: 9)]
    let timed = try #require(try reply(slate)?.token)
    #expect(try ReplayToken.parse(timed, arena: arena).digest == plan.digest)
    // Its cursor belongs to one run of the daemon, so it is no part of the digest.
    slate.cursor = Array("0120".utf8)
    let paged = try #require(try reply(slate)?.token)
    #expect(try ReplayToken.parse(paged, arena: arena).digest == plan.digest)
  }
}
