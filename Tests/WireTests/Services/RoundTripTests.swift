import CMessages
import Testing
import Vocabulary
import Wire

/// Every message of every method, both directions, and byte for byte against protobuf-c.
@Suite struct RoundTripTests {
  static let seed: UInt64 = 20_261_121
  static let rounds: UInt64 = 60

  @Test(arguments: Method.allCases)
  func requestsComeBackAsTheyWere(_ method: Method) throws {
    let arena = MessageArena()
    for round in 0..<Self.rounds {
      var random = RandomMessages(seed: Self.seed &+ round)
      let request = random.request(method)
      let bytes = RequestCodec.encode(request)
      let back = try bytes.withUnsafeBytes { try RequestCodec.decode(method, $0, arena: arena) }
      #expect(back == request, "seed \(Self.seed &+ round)")
    }
  }

  @Test(arguments: Method.allCases)
  func repliesComeBackAsTheyWere(_ method: Method) throws {
    let arena = MessageArena()
    for round in 0..<Self.rounds {
      var random = RandomMessages(seed: Self.seed &+ round)
      let reply = random.reply(method)
      let bytes = ReplyCodec.encode(reply)
      let back = try bytes.withUnsafeBytes { try ReplyCodec.decode(method, $0, arena: arena) }
      #expect(back == reply, "seed \(Self.seed &+ round)")
    }
  }

  @Test(arguments: Method.allCases)
  func ourWriterAgreesWithProtobufC(_ method: Method) throws {
    for round in 0..<Self.rounds {
      var random = RandomMessages(seed: Self.seed &+ round)
      let request = RequestCodec.encode(random.request(method))
      #expect(Repack.request(method, request) == request, "request, seed \(Self.seed &+ round)")
      let reply = ReplyCodec.encode(random.reply(method))
      #expect(Repack.reply(method, reply) == reply, "reply, seed \(Self.seed &+ round)")
    }
  }

  @Test func emptyMessagesHaveNoBytes() {
    #expect(RequestCodec.encode(.check) == [])
    #expect(RequestCodec.encode(.status(StatusRequest())) == [])
    #expect(RequestCodec.encode(.train(TrainRequest())) == [])
    #expect(ReplyCodec.encode(.check(HealthReport(state: .starting))) == [])
    #expect(ReplyCodec.encode(.check(HealthReport(state: .ready))) == [0x08, 0x01])
  }

  @Test func faultsComeBackAsTheyWere() throws {
    let arena = MessageArena()
    for reason in FaultReason.allCases {
      for retry in [nil, UInt32(250)] {
        let fault = Fault(reason, "what to do", field: "events.time", retryAfterMilliseconds: retry)
        let back = try FaultCodec.encode(fault).withUnsafeBytes { try FaultCodec.decode($0, arena: arena) }
        #expect(back == fault)
      }
    }
  }

  @Test func aReasonFromTheFutureKeepsItsWords() throws {
    // code 8, reason "tomorrow", message "m"
    let bytes: [UInt8] = [0x08, 0x08, 0x12, 0x08] + Array("tomorrow".utf8) + [0x1A, 0x01] + Array("m".utf8)
    let fault = try bytes.withUnsafeBytes { try FaultCodec.decode($0, arena: MessageArena()) }
    #expect(fault.reason == .internalError)
    #expect(fault.message == "Reason tomorrow, status 8: m")
  }

  @Test func valuesFromTheFutureAreLeftOutOfLists() throws {
    // A slate with fallbacks 1, 99, 3.
    let bytes: [UInt8] = [0x3A, 0x03, 0x01, 99, 0x03]
    let reply = try bytes.withUnsafeBytes { try ReplyCodec.decode(.recommend, $0, arena: MessageArena()) }
    var slate = Slate()
    slate.fallbacks = [.noGeneration, .noHistory]
    #expect(reply == .recommend(slate))
  }
}
