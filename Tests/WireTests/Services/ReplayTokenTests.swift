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
    return (.recommend(request), slate, Provenance(second: 1_700_000_000, quality: 1_000))
  }

  @Test func hasTheDocumentedLayout() throws {
    let (request, slate, provenance) = try example()
    let token = ReplayToken.make(request, slate, provenance)
    let body = RequestCodec.encode(request)
    #expect(token.count == 48 + body.count)
    #expect(token[0] == 1)
    #expect(token[1] == 32)
    #expect(Array(token[2..<4]) == [0xe8, 0x03])
    #expect(Array(token[8..<16]) == [42, 0, 0, 0, 0, 0, 0, 0])
    #expect(Array(token[16..<24]) == [7, 0, 0, 0, 0, 0, 0, 0])
    #expect(Array(token[24..<32]) == [0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11])
    #expect(Array(token[48...]) == body)
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

  @Test func digestSeesEverythingButTimesAndToken() throws {
    let (_, slate, _) = try example()
    let digest = ReplayToken.digest(of: slate)
    var timed = slate
    timed.times = [StepTime(step: .look, nanoseconds: 5)]
    timed.token = [1, 2, 3]
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

  /// A reply frame gets the token of its question; a degraded one and one without provenance get none.
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
    slate.degraded = [.keep]
    #expect(try reply(slate)?.token == [])
    // A narrowed search can be repeated: the token holds how far.
    slate.degraded = [.gather]
    #expect(try reply(slate)?.token == [])
    slate.provenance?.quality = 500
    #expect(try reply(slate)?.token.isEmpty == false)
  }
}
