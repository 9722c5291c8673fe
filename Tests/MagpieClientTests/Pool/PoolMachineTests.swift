import Fakes
import MagpieClient
import Testing
import Vocabulary

@Suite struct PoolMachineTests {
  @Test func opensOneConnectionAndLetsCallsWaitForIt() {
    var pool = PoolMachine<String>(linksMax: 2)
    #expect(pool.submit("a", now: 0) == .wait(open: 1))
    #expect(pool.submit("b", now: 0) == .wait(open: nil))
    #expect(pool.opened(1) == ["a", "b"])
    // The first is busy, so the second is worth opening; meanwhile the first takes the call.
    #expect(pool.submit("c", now: 0) == .send(link: 1, open: 2))
    #expect(pool.submit("d", now: 0) == .send(link: 1, open: nil))
    #expect(pool.opened(2) == [])
    #expect(pool.submit("e", now: 0) == .send(link: 2, open: nil))
    #expect(pool.submit("f", now: 0) == .send(link: 2, open: nil))
  }

  @Test func anIdleConnectionNeedsNoCompany() {
    var pool = PoolMachine<String>(linksMax: 4)
    _ = pool.submit("a", now: 0)
    _ = pool.opened(1)
    #expect(pool.released(1) == nil)
    #expect(pool.submit("b", now: 0) == .send(link: 1, open: nil))
  }

  @Test func callsBeyondWhatConnectionsTakeWaitTheirTurn() {
    var pool = PoolMachine<String>(linksMax: 1, streamsMax: 2, waitersMax: 2)
    _ = pool.submit("a", now: 0)
    _ = pool.opened(1)
    #expect(pool.submit("b", now: 0) == .send(link: 1, open: nil))
    #expect(pool.submit("c", now: 0) == .wait(open: nil))
    #expect(pool.submit("d", now: 0) == .wait(open: nil))
    guard case .refuse(let fault) = pool.submit("e", now: 0) else {
      Issue.record("more calls wait than may")
      return
    }
    #expect(fault.reason == .queueFull)
    #expect(pool.released(1) == "c")
    #expect(pool.released(1) == "d")
    #expect(pool.released(1) == nil)
  }

  @Test func whenNothingCanBeOpenedAllThatWaitAreTold() {
    var pool = PoolMachine<String>(linksMax: 2)
    _ = pool.submit("a", now: 0)
    _ = pool.submit("b", now: 0)
    #expect(pool.openFailed(1, now: 5) == ["a", "b"])
    // The next call tries again at once; when to call is the retry policy's business.
    #expect(pool.submit("c", now: 6) == .wait(open: 2))
  }

  @Test func aFailedExtraConnectionHarmsNobodyAndIsNotTriedAgainAtOnce() {
    var pool = PoolMachine<String>(linksMax: 2)
    _ = pool.submit("a", now: 0)
    _ = pool.opened(1)
    #expect(pool.submit("b", now: 0) == .send(link: 1, open: 2))
    #expect(pool.openFailed(2, now: 0) == [])
    #expect(pool.submit("c", now: 999_999_999) == .send(link: 1, open: nil))
    #expect(pool.submit("d", now: 1_000_000_000) == .send(link: 1, open: 3))
  }

  @Test func aConnectionThatLeavesIsReplaced() {
    var pool = PoolMachine<String>(linksMax: 1, streamsMax: 1)
    _ = pool.submit("a", now: 0)
    _ = pool.opened(1)
    #expect(pool.submit("b", now: 0) == .wait(open: nil))
    #expect(pool.leaving(1) == 2)
    #expect(pool.opened(2) == ["b"])
    // The old one still finishes "a", and takes nothing in its place.
    #expect(pool.submit("c", now: 0) == .wait(open: nil))
    #expect(pool.released(1) == nil)
    #expect(pool.closed(1) == nil)
    #expect(pool.released(2) == "c")
    #expect(pool.closed(2) == nil)
    #expect(pool.submit("d", now: 0) == .wait(open: 3))
  }

  @Test func shutDownHandsBackAndRefuses() {
    var pool = PoolMachine<String>(linksMax: 1)
    _ = pool.submit("a", now: 0)
    #expect(pool.shutDown() == ["a"])
    #expect(pool.opened(1) == nil)
    #expect(pool.submit("b", now: 0) == .refuse(PoolMachine<String>.shutDownFault))
  }

  /// Against a simple model: every call is sent, waiting, handed back or refused, exactly once, in order.
  @Test(arguments: 1...40 as ClosedRange<UInt64>)
  func losesAndRepeatsNoCall(seed: UInt64) {
    var generator = Seeded(seed: seed)
    let streamsMax = Int.random(in: 1...3, using: &generator)
    var pool = PoolMachine<Int>(
      linksMax: Int.random(in: 1...3, using: &generator), streamsMax: streamsMax, waitersMax: 5)
    var opening: Set<Int> = []
    var load: [Int: Int] = [:]
    var waiting: [Int] = []
    var next = 0

    func sent(_ calls: [Int], on link: Int) {
      #expect(calls == Array(waiting.prefix(calls.count)), "seed \(seed)")
      waiting.removeFirst(min(calls.count, waiting.count))
      load[link, default: 0] += calls.count
      #expect(load[link, default: 0] <= streamsMax, "seed \(seed)")
    }
    for now in 0..<400 as Range<UInt64> {
      switch Int.random(in: 0..<6, using: &generator) {
      case 0, 1:
        next += 1
        switch pool.submit(next, now: now * 100_000_000) {
        case .send(let link, let open):
          #expect(waiting.isEmpty || load[link] != nil, "seed \(seed)")
          load[link, default: 0] += 1
          #expect(load[link, default: 0] <= streamsMax, "seed \(seed)")
          if let open { opening.insert(open) }
        case .wait(let open):
          waiting.append(next)
          if let open { opening.insert(open) }
          #expect(!opening.isEmpty || !load.isEmpty, "nothing will ever take call \(next); seed \(seed)")
        case .refuse: #expect(waiting.count == 5, "seed \(seed)")
        }
      case 2:
        guard let link = opening.min() else { continue }
        opening.remove(link)
        guard let calls = pool.opened(link) else {
          Issue.record("an opened connection was refused; seed \(seed)")
          continue
        }
        load[link] = 0
        sent(calls, on: link)
      case 3:
        guard let link = opening.min() else { continue }
        opening.remove(link)
        let told = pool.openFailed(link, now: now * 100_000_000)
        if !told.isEmpty {
          #expect(told == waiting, "seed \(seed)")
          waiting = []
        }
        #expect(waiting.isEmpty || !opening.isEmpty || !load.isEmpty, "seed \(seed)")
      case 4:
        guard let (link, count) = load.min(by: { $0.key < $1.key }), count > 0 else { continue }
        load[link] = count - 1
        if let call = pool.released(link) { sent([call], on: link) }
      default:
        guard let link = load.keys.max() else { continue }
        load[link] = nil
        if let open = pool.closed(link) { opening.insert(open) }
        #expect(waiting.isEmpty || !opening.isEmpty || !load.isEmpty, "seed \(seed)")
      }
    }
  }
}
