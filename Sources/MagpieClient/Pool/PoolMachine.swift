import Vocabulary

/// Decides which connection takes a call, when another is opened, and who waits; knows no sockets.
///
/// Invariant: a call waits only while no open link has room.
package struct PoolMachine<Waiter> {
  private struct Link {
    enum State {
      /// Being connected. Successors: `open`, or gone.
      case opening
      /// Takes calls. Successors: `leaving`, or gone.
      case open
      /// Finishes what it has. Successor: gone.
      case leaving
    }
    var state: State
    var load = 0
  }

  private var links: [Int: Link] = [:]
  private var nextLink = 1
  private var waiters = WaitingLine<Waiter>()
  private var isShutDown = false
  private var lastFailure: UInt64?
  private let linksMax: Int
  private let streamsMax: Int
  private let waitersMax: Int

  /// Extra connections are not tried again for this long after one failed; the others still work.
  private static var growthPauseNanoseconds: UInt64 { 1_000_000_000 }

  /// - Parameters:
  ///   - linksMax: connections that take calls, at least 1.
  ///   - streamsMax: calls in flight on one.
  ///   - waitersMax: calls that may wait.
  package init(
    linksMax: Int, streamsMax: Int = Limits.streamsPerConnectionMax, waitersMax: Int = Limits.waitingCallsMax
  ) {
    self.linksMax = min(max(1, linksMax), Limits.poolConnectionsMax)
    self.streamsMax = max(1, streamsMax)
    self.waitersMax = waitersMax
  }

  /// What to do with a call.
  package enum OnSubmit: Equatable {
    /// Send it there; perhaps open another connection as well.
    case send(link: Int, open: Int?)
    /// It waits; perhaps open a connection.
    case wait(open: Int?)
    case refuse(Fault)
  }

  /// A call wants to go out. O(links).
  package mutating func submit(_ waiter: Waiter, now: UInt64) -> OnSubmit {
    if isShutDown { return .refuse(Self.shutDownFault) }
    if let (id, load) = leastLoaded, load < streamsMax {
      links[id]?.load += 1
      // A free connection needs no company.
      return .send(link: id, open: load == 0 ? nil : grow(now: now))
    }
    guard waiters.count < waitersMax else {
      return .refuse(
        Fault(
          .queueFull,
          "\(waitersMax) calls wait for a connection already; send less at once, or check the daemon."))
    }
    waiters.append(waiter)
    return .wait(open: hasUsefulLink ? grow(now: now) : addLink())
  }

  /// A connection is open: the calls it takes, in order; nil if it is not wanted any more.
  package mutating func opened(_ id: Int) -> [Waiter]? {
    guard links[id] != nil, !isShutDown else {
      links[id] = nil
      return nil
    }
    links[id]?.state = .open
    var taken: [Waiter] = []
    while taken.count < streamsMax, let waiter = waiters.popFirst() { taken.append(waiter) }
    links[id]?.load = taken.count
    return taken
  }

  /// A connection could not be opened: the calls that have nothing left to wait for.
  package mutating func openFailed(_ id: Int, now: UInt64) -> [Waiter] {
    links[id] = nil
    lastFailure = now
    return hasUsefulLink ? [] : waiters.takeAll()
  }

  /// A call on `id` has ended: the call that takes its place, if one waits.
  package mutating func released(_ id: Int) -> Waiter? {
    guard var link = links[id] else { return nil }
    link.load = max(0, link.load - 1)
    defer { links[id] = link }
    guard link.state == .open, link.load < streamsMax, let waiter = waiters.popFirst() else { return nil }
    link.load += 1
    return waiter
  }

  /// A connection takes no more calls: perhaps open one for those that wait.
  package mutating func leaving(_ id: Int) -> Int? {
    links[id]?.state = .leaving
    return openForWaiters()
  }

  /// A connection is gone: perhaps open one for those that wait.
  package mutating func closed(_ id: Int) -> Int? {
    links[id] = nil
    return openForWaiters()
  }

  /// No more calls: those that wait are handed back.
  package mutating func shutDown() -> [Waiter] {
    isShutDown = true
    return waiters.takeAll()
  }

  /// Why a call after `shutDown` is refused.
  package static var shutDownFault: Fault {
    Fault(.cancelled, "The client was shut down; make a new one.")
  }

  private var hasUsefulLink: Bool { links.values.contains { $0.state != .leaving } }

  private var leastLoaded: (id: Int, load: Int)? {
    var best: (id: Int, load: Int)?
    for (id, link) in links where link.state == .open {
      if let known = best, (known.load, known.id) <= (link.load, id) { continue }
      best = (id, link.load)
    }
    return best
  }

  private mutating func grow(now: UInt64) -> Int? {
    if let lastFailure, now < lastFailure &+ Self.growthPauseNanoseconds { return nil }
    var open = 0
    for link in links.values {
      // One at a time: the next call sees whether it helped.
      if link.state == .opening { return nil }
      if link.state == .open { open += 1 }
    }
    return open < linksMax ? addLink() : nil
  }

  private mutating func openForWaiters() -> Int? {
    isShutDown || waiters.isEmpty || hasUsefulLink ? nil : addLink()
  }

  private mutating func addLink() -> Int {
    defer { nextLink += 1 }
    links[nextLink] = Link(state: .opening)
    return nextLink
  }
}
