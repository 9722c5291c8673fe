import Testing
import Transport
import Vocabulary

/// Transcripts: what came and when, and what is to be done then.
@Suite struct WaitingRequestsTests {
  static let millisecond: UInt64 = 1_000_000
  private var waiting = WaitingRequests<String>(
    target: 20 * millisecond, interval: 200 * millisecond, bytesMax: 1 << 20)

  private mutating func next(at milliseconds: UInt64) -> String {
    switch waiting.next(at: milliseconds * Self.millisecond) {
    case .serve(let name, let `class`, let waited):
      "serve \(name) \(`class`.name) \(waited / Self.millisecond)"
    case .refuse(let name, let `class`, let waited):
      "refuse \(name) \(`class`.name) \(waited / Self.millisecond)"
    case .nothing: "nothing"
    }
  }

  private mutating func arrive(_ name: String, _ class: RequestClass, at milliseconds: UInt64) {
    #expect(fits(name, `class`, bytes: 100, at: milliseconds))
  }

  private mutating func fits(
    _ name: String, _ class: RequestClass, bytes: Int, at milliseconds: UInt64 = 0
  ) -> Bool {
    waiting.arrived(name, `class`, bytes: bytes, at: milliseconds * Self.millisecond)
  }

  @Test mutating func classesGoInOrderAndOthersAsTheyCame() {
    arrive("import", .bulk, at: 1)
    arrive("status", .admin, at: 2)
    arrive("click", .ingest, at: 3)
    arrive("list", .read, at: 4)
    arrive("list 2", .read, at: 5)
    #expect(next(at: 6) == "serve list read 2")
    #expect(next(at: 6) == "serve list 2 read 1")
    #expect(next(at: 7) == "serve click ingest 4")
    arrive("list 3", .read, at: 7)
    #expect(next(at: 8) == "serve list 3 read 1")
    #expect(next(at: 8) == "serve status admin 6")
    #expect(next(at: 8) == "serve import bulk 7")
    #expect(next(at: 8) == "nothing")
    #expect(waiting.isEmpty)
    #expect(waiting.bytes == 0)
  }

  @Test mutating func anOperatorGetsOneTurnInSixtyFour() {
    arrive("status", .admin, at: 0)
    for number in 0..<200 { arrive("\(number)", .read, at: 0) }
    var turn = 1
    while next(at: 1) != "serve status admin 1" { turn += 1 }
    #expect(turn == Limits.adminTurnEvery)
  }

  @Test mutating func readsThatStoodTooLongAreRefusedFromTheFront() {
    // Five come while one is served: at 200 ms the oldest of those that wait is from long ago.
    for number in 0..<300 { arrive("\(number)", .read, at: UInt64(number)) }
    var first = 0
    for now in stride(from: UInt64(100), to: 300, by: 5) {
      // Nobody waits for longer than an interval, though the queue is not known to stand yet.
      while Int(now) - first > 200 {
        #expect(next(at: now) == "refuse \(first) read \(Int(now) - first)")
        first += 1
      }
      #expect(next(at: now) == "serve \(first) read \(Int(now) - first)")
      first += 1
    }
    #expect(!waiting.isOverloaded(.read))
    // An interval passed in which the shortest wait was above 20 ms.
    for number in first..<260 { #expect(next(at: 300) == "refuse \(number) read \(300 - number)") }
    #expect(next(at: 300) == "serve 260 read 40")
    #expect(waiting.isOverloaded(.read))
    #expect(!waiting.isOverloaded(.ingest))
    for number in 261..<300 { #expect(next(at: 300) == "serve \(number) read \(300 - number)") }
    #expect(next(at: 301) == "nothing")
    // Some were refused in this interval, so it lasts through the next, in which nobody is; then it is over.
    arrive("300", .read, at: 450)
    #expect(next(at: 501) == "refuse 300 read 51")
    #expect(next(at: 701) == "nothing")
    #expect(waiting.isOverloaded(.read))
    #expect(next(at: 901) == "nothing")
    #expect(!waiting.isOverloaded)
  }

  @Test mutating func whoIsStarvedIsRefusedInsteadOfWaitingForEver() {
    waiting.bytesMax = 1 << 30
    arrive("click", .ingest, at: 0)
    for number in 0..<4_000 { arrive("\(number)", .read, at: UInt64(number)) }
    // Reads leave no turn to ingest. Its patience is five times theirs.
    var refusedAt: UInt64?
    for now in 1..<UInt64(4_000) where next(at: now).hasPrefix("refuse click") { refusedAt = now }
    // Nobody waits longer than an interval, which is a second for ingest.
    #expect(refusedAt == 1_001)
    arrive("click 2", .ingest, at: 1_100)
  }

  @Test mutating func aClassMayFillHalfOfWhatTheOneBeforeMay() {
    waiting.bytesMax = 16_384
    let size = 1_024 - Limits.waitingRequestOverheadBytes
    for number in 0..<16 {
      #expect(fits("\(number)", .bulk, bytes: size) == (number < 2))
    }
    for number in 0..<16 {
      #expect(fits("\(number)", .ingest, bytes: size) == (number < 6))
    }
    for number in 0..<16 {
      #expect(fits("\(number)", .read, bytes: size) == (number < 8))
    }
    // What nothing of its class waits before is taken, however large.
    #expect(fits("status", .admin, bytes: 1 << 20))
    #expect(!fits("status 2", .admin, bytes: 1))
  }

  @Test func largeIngestIsBulk() {
    #expect(RequestClass(.ingestEvents, bodyBytes: Limits.bulkBodyBytes) == .ingest)
    #expect(RequestClass(.ingestEvents, bodyBytes: Limits.bulkBodyBytes + 1) == .bulk)
    #expect(RequestClass(.recommend, bodyBytes: 1 << 20) == .read)
    #expect(RequestClass(.check, bodyBytes: 0) == .health)
    #expect(RequestClass(.putItems, bodyBytes: 1) == .bulk)
  }
}
