import Locking
import NIOCore
import NIOPosix
import Vocabulary

/// Holds the connections of one client: asks the machine under a lock, acts outside of it.
final class ConnectionPool: Sendable, ConnectionEvents {
  private struct State {
    var machine: PoolMachine<PendingCall>
    var connections: [Int: Connection] = [:]
    /// Being opened: they are not in `connections` yet.
    var openings = 0
    /// Resumed when the last connection is gone.
    var emptied: [CheckedContinuation<Void, Never>] = []

    var isEmpty: Bool { connections.isEmpty && openings == 0 }
  }

  private let configuration: MagpieClient.Configuration
  private let group = MultiThreadedEventLoopGroup.singleton
  private let state: Locked<State>

  init(configuration: MagpieClient.Configuration) {
    self.configuration = configuration
    state = Locked(State(machine: PoolMachine(linksMax: configuration.poolSize)))
  }

  /// Sends a call as soon as a connection can take it. Calls submitted by one task, each after the one before has
  /// reported `submitted`, leave in that order if the pool has one connection.
  func submit(_ call: PendingCall) {
    call.startTimer(on: group.next())
    let now = ContinuousNanoseconds.now
    let (decision, connection) = state.withLock { state in
      let decision = state.machine.submit(call, now: now)
      if case .send(let link, _) = decision { return (decision, state.connections[link]) }
      return (decision, nil)
    }
    switch decision {
    case .send(_, let open):
      connection?.send(call)
      if let open { self.open(open) }
    case .wait(let open):
      if let open { self.open(open) }
    case .refuse(let fault): call.finish(.failure(CallFailure(fault, wasSent: false)))
    }
  }

  /// Takes no more calls, lets those in flight finish for at most `patience`, then closes everything.
  func shutDown(patience: Duration) async {
    let (waiting, connections) = state.withLock { state in
      (state.machine.shutDown(), Array(state.connections.values))
    }
    for call in waiting {
      call.finish(.failure(CallFailure(PoolMachine<PendingCall>.shutDownFault, wasSent: false)))
    }
    for connection in connections { connection.leave() }
    let deadline = group.next().scheduleTask(
      in: .nanoseconds(Int64(clamping: patience.nanosecondsClamped))
    ) {
      for connection in self.state.withLock({ Array($0.connections.values) }) { connection.close() }
      // Closing takes no time. One that does not report its end must not keep the caller for ever.
      self.group.next().scheduleTask(in: .seconds(1)) { self.resume(evenIfConnected: true) }
    }
    await withCheckedContinuation { continuation in
      let isEmpty = state.withLock { state in
        if state.isEmpty { return true }
        state.emptied.append(continuation)
        return false
      }
      if isEmpty { continuation.resume() }
    }
    deadline.cancel()
  }

  // MARK: Connections

  private func open(_ id: Int) {
    state.withLock { $0.openings += 1 }
    Connection.open(id: id, configuration: configuration, group: group, events: self).whenComplete { result in
      switch result {
      case .success(let connection): self.opened(connection)
      case .failure(let error):
        self.openFailed(id, error as? Fault ?? Fault(.connectionLost, "Cannot connect: \(error)."))
      }
    }
  }

  private func opened(_ connection: Connection) {
    let calls = state.withLock { state -> [PendingCall]? in
      state.openings -= 1
      let calls = state.machine.opened(connection.id)
      if calls != nil { state.connections[connection.id] = connection }
      return calls
    }
    guard let calls else {
      connection.close()
      return resumeIfEmpty()
    }
    for call in calls { connection.send(call) }
  }

  private func openFailed(_ id: Int, _ fault: Fault) {
    let now = ContinuousNanoseconds.now
    let calls = state.withLock { state in
      state.openings -= 1
      return state.machine.openFailed(id, now: now)
    }
    for call in calls { call.finish(.failure(CallFailure(fault, wasSent: false))) }
    resumeIfEmpty()
  }

  func released(_ connection: Connection) {
    if let next = state.withLock({ $0.machine.released(connection.id) }) { connection.send(next) }
  }

  func leaving(_ connection: Connection) {
    if let open = state.withLock({ $0.machine.leaving(connection.id) }) { self.open(open) }
  }

  func closed(_ connection: Connection) {
    let open = state.withLock { state in
      state.connections[connection.id] = nil
      return state.machine.closed(connection.id)
    }
    if let open { self.open(open) }
    resumeIfEmpty()
  }

  private func resumeIfEmpty() { resume(evenIfConnected: false) }

  private func resume(evenIfConnected: Bool) {
    let waiting = state.withLock { state -> [CheckedContinuation<Void, Never>] in
      guard state.isEmpty || evenIfConnected else { return [] }
      defer { state.emptied = [] }
      return state.emptied
    }
    for continuation in waiting { continuation.resume() }
  }
}
