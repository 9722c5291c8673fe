import Glibc
import NIOCore
import NIOPosix
import Vocabulary
import Wire

/// Drives one run: sends what is due, on whichever connection has room, and writes down what comes back.
///
/// One thread does all of it, so nothing is locked and nothing waits for a scheduler between a reply and the next
/// request. Everything here happens on `loop`.
final class LoadDriver {
  private let plan: LoadPlan
  private let maker: RequestMaker
  private let loop: any EventLoop
  private let journal: JournalWriter?
  private let progress: @Sendable (SecondRow) -> Void
  private let finished: EventLoopPromise<Measurement>

  private var pacer: Pacer
  private var recorder: RunRecorder
  private var connections: [LoadConnection] = []
  private var lastUsed = 0
  private var ordinal: UInt64 = 0
  private var nextEvent: UInt64 = 0
  private var inFlight = 0
  /// Requests were due that no connection could take, until this moment: their lateness is not the generator's.
  private var blockedUntil: UInt64 = 0
  private var isBlocked = false
  private var wake: Scheduled<Void>?
  private var pumpIsPlanned = false
  private var ticker: RepeatedTask?
  private var lastProblem: Fault?
  private enum Phase { case connecting, sending, waiting, over }
  private var phase = Phase.connecting
  private let arena = MessageArena()

  init(
    _ plan: LoadPlan, on loop: any EventLoop, journal: JournalWriter?,
    progress: @escaping @Sendable (SecondRow) -> Void, finished: EventLoopPromise<Measurement>
  ) {
    self.plan = plan
    self.loop = loop
    self.journal = journal
    self.progress = progress
    self.finished = finished
    maker = RequestMaker(plan)
    pacer = Pacer(closed: 0, start: 0, end: 0)
    recorder = RunRecorder(start: 0, warmupNanoseconds: 0, measuredNanoseconds: 0)
  }

  // MARK: Beginning

  /// Connects, then runs. Everything that can fail does so through `finished`.
  func start() {
    let bound = NIOLoopBound(self, eventLoop: loop)
    let connected = (0..<plan.connections).map { _ in connect() }
    EventLoopFuture.andAllSucceed(connected, on: loop).whenComplete { result in
      switch result {
      case .success: bound.value.begin()
      case .failure(let error):
        bound.value.fail(
          LoadFault(
            .daemon,
            "Cannot open \(bound.value.plan.connections) connections to \(bound.value.plan.host):\(bound.value.plan.port): \(error). Is the daemon running there?"
          ))
      }
    }
  }

  private func connect() -> EventLoopFuture<Void> {
    let bound = NIOLoopBound(self, eventLoop: loop)
    return ClientBootstrap(group: loop)
      .connectTimeout(.seconds(3))
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(bound.value.makeConnection())
        }
      }
      .connect(host: plan.host, port: plan.port)
      .flatMap { channel in
        channel.pipeline.handler(type: LoadConnection.self).map { bound.value.connections.append($0) }
      }
  }

  private func makeConnection() -> LoadConnection {
    // The default tenant is said by saying nothing.
    let tenant = plan.tenant == "default" ? [] : Array(plan.tenant.utf8)
    return LoadConnection(self, meta: Meta(tenant: tenant), capacity: plan.inFlightPerConnection)
  }

  private func begin() {
    if phase == .over { return }
    let start = ContinuousNanoseconds.now
    let warmup = UInt64(plan.warmupSeconds * 1e9)
    let measured = UInt64(plan.seconds * 1e9)
    let end = start + warmup + measured
    switch plan.loop {
    case .open(let kind, let rate):
      pacer = Pacer(open: ArrivalSchedule(kind, rate: rate, seed: plan.seed), start: start, end: end)
    case .closed(let concurrency): pacer = Pacer(closed: concurrency, start: start, end: end)
    }
    recorder = RunRecorder(start: start, warmupNanoseconds: warmup, measuredNanoseconds: measured)
    phase = .sending
    let bound = NIOLoopBound(self, eventLoop: loop)
    ticker = loop.scheduleRepeatedTask(initialDelay: .milliseconds(20), delay: .milliseconds(20)) { _ in
      bound.value.tick()
    }
    pump()
  }

  // MARK: Sending

  /// Sends what is due, at most a burst at a time, then sleeps until the next moment.
  private func pump() {
    pumpIsPlanned = false
    guard phase == .sending else { return }
    var sent = 0
    while sent < Limits.loadBurstMax {
      let now = ContinuousNanoseconds.now
      guard let intended = pacer.due(now: now, inFlight: inFlight) else { break }
      guard let connection = pickConnection() else {
        isBlocked = true
        break
      }
      if isBlocked {
        isBlocked = false
        blockedUntil = now
      }
      pacer.take()
      send(on: connection, intended: intended, now: now)
      sent += 1
    }
    for connection in connections { connection.flush() }
    if sent == Limits.loadBurstMax {
      planPump()
    } else if !isBlocked, let at = pacer.wakeAt {
      sleep(until: at)
    }
  }

  private func planPump() {
    if pumpIsPlanned { return }
    pumpIsPlanned = true
    let bound = NIOLoopBound(self, eventLoop: loop)
    loop.execute { bound.value.pump() }
  }

  private func sleep(until moment: UInt64) {
    wake?.cancel()
    let now = ContinuousNanoseconds.now
    let bound = NIOLoopBound(self, eventLoop: loop)
    wake = loop.scheduleTask(in: .nanoseconds(Int64(clamping: moment > now ? moment - now : 0))) {
      bound.value.pump()
    }
  }

  /// The next in turn with room.
  private func pickConnection() -> LoadConnection? {
    for step in 1...max(1, connections.count) where !connections.isEmpty {
      let index = (lastUsed + step) % connections.count
      let connection = connections[index]
      if connection.takesRequests, connection.inFlight < plan.inFlightPerConnection {
        lastUsed = index
        return connection
      }
    }
    return nil
  }

  private func send(on connection: LoadConnection, intended: UInt64, now: UInt64) {
    let method = maker.method(ordinal)
    let entry = Pending(method: method, intended: intended, sent: now, firstEvent: nextEvent)
    recorder.offered(method, intended: intended)
    do throws(Fault) {
      try connection.append(
        maker.request(ordinal, method, firstEvent: nextEvent), entry,
        timeoutMilliseconds: plan.timeoutMilliseconds)
      if method == .ingest {
        nextEvent += UInt64(plan.batch)
        recorder.measurement.eventsSent += UInt64(plan.batch)
      }
      inFlight += 1
      recorder.sent(method, intended: intended, now: now, wasBlocked: intended < blockedUntil)
    } catch {
      recorder.failed(method, intended: intended, reason: error.reason.rawValue, now: now)
    }
    ordinal += 1
  }

  // MARK: What comes back

  func answered(_ entry: Pending, _ answer: Answer) {
    inFlight -= 1
    let now = ContinuousNanoseconds.now
    switch answer {
    case .reply(let code, let body) where code == StatusCode.ok.rawValue: good(entry, body, now: now)
    case .reply(let code, let body): refused(entry, code: code, body, now: now)
    case .silence:
      outcomeUnknown(entry)
      recorder.timedOut(entry, now: now)
    case .connectionLost:
      outcomeUnknown(entry)
      recorder.failed(
        entry.method, intended: entry.intended, reason: FaultReason.connectionLost.rawValue, now: now)
    }
  }

  private func good(_ entry: Pending, _ body: UnsafeRawBufferPointer, now: UInt64) {
    switch entry.method {
    case .ingest:
      do throws(Fault) {
        guard case .ingestEvents(let reply) = try ReplyCodec.decode(.ingestEvents, body, arena: arena),
          reply.verdicts.count == plan.batch
        else {
          outcomeUnknown(entry)
          return recorder.failed(
            entry.method, intended: entry.intended, reason: "verdicts_missing", now: now)
        }
        take(reply.verdicts, entry, now: now)
      } catch {
        outcomeUnknown(entry)
        recorder.failed(entry.method, intended: entry.intended, reason: error.reason.rawValue, now: now)
      }
    case .recommend, .similar, .complete:
      recorder.ok(entry, now: now)
      if recorder.wantsSample(), let isEmpty = slateIsEmpty(entry.method, body) {
        recorder.sampled(isEmpty: isEmpty)
      }
    case .check: recorder.ok(entry, now: now)
    }
  }

  private func take(_ verdicts: [Verdict], _ entry: Pending, now: UInt64) {
    var rejection: Fault?
    for (index, verdict) in verdicts.enumerated() {
      switch verdict {
      // A run's identifiers are new, so a duplicate is none of ours, or a repetition that nobody asked for; the
      // verification judges its position like any other.
      case .accepted(let position), .duplicate(let position):
        journal?.append(event: entry.firstEvent &+ UInt64(index), position: position.value)
      case .rejected(let fault): rejection = fault
      }
    }
    if let rejection {
      recorder.failed(entry.method, intended: entry.intended, reason: rejection.reason.rawValue, now: now)
    } else {
      recorder.ok(entry, now: now)
    }
  }

  private func refused(_ entry: Pending, code: UInt16, _ body: UnsafeRawBufferPointer, now: UInt64) {
    switch StatusCode(rawValue: code) {
    case .resourceExhausted: recorder.shed(entry.method, intended: entry.intended, now: now)
    case .deadlineExceeded:
      outcomeUnknown(entry)
      recorder.timedOut(entry, now: now)
    default:
      outcomeUnknown(entry)
      let fault: Fault
      do throws(Fault) { fault = try FaultCodec.decode(body, arena: arena) } catch { fault = error }
      lastProblem = fault
      recorder.failed(entry.method, intended: entry.intended, reason: fault.reason.rawValue, now: now)
    }
  }

  /// An Ingest that may or may not have happened: the verification finds out.
  private func outcomeUnknown(_ entry: Pending) {
    guard entry.method == .ingest else { return }
    for index in 0..<UInt64(plan.batch) { journal?.append(event: entry.firstEvent &+ index, position: 0) }
  }

  private func slateIsEmpty(_ method: LoadMethod, _ body: UnsafeRawBufferPointer) -> Bool? {
    do throws(Fault) {
      switch try ReplyCodec.decode(method.method, body, arena: arena) {
      case .recommend(let slate), .similar(let slate), .complete(let slate): return slate.items.isEmpty
      default: return nil
      }
    } catch {
      return nil
    }
  }

  /// A round of replies was handled: room on a connection, or the end of a closed loop's wait.
  func repliesRead() {
    if phase == .waiting, inFlight == 0 { return finish() }
    if isBlocked || plan.isClosed { pump() }
  }

  /// The peer breaks the protocol.
  func broken(_ fault: Fault) { lastProblem = fault }

  func closed(_ connection: LoadConnection) {
    connections.removeAll { $0 === connection }
    guard phase == .sending else { return }
    recorder.measurement.connectionsLost += 1
    reconnect()
  }

  /// A daemon that restarts is found again; until then requests wait, and their latency contains it.
  private func reconnect() {
    let bound = NIOLoopBound(self, eventLoop: loop)
    loop.scheduleTask(in: .milliseconds(100)) {
      guard bound.value.phase == .sending else { return }
      bound.value.connect().whenComplete { result in
        switch result {
        case .success: bound.value.connected()
        case .failure: bound.value.reconnect()
        }
      }
    }
  }

  private func connected() {
    if phase == .sending { pump() } else { connections.last?.close() }
  }

  // MARK: Ending

  private func tick() {
    let now = ContinuousNanoseconds.now
    if let row = recorder.roll(now: now, inFlight: inFlight) { progress(row) }
    // The daemon ends a request at its deadline itself; a second more is for the way back.
    let patience = UInt64(plan.timeoutMilliseconds) * 1_000_000 + 1_000_000_000
    if now > patience {
      for connection in connections { connection.giveUp(sentBefore: now - patience) }
    }
    switch phase {
    case .sending where now >= pacer.end:
      phase = .waiting
      wake?.cancel()
      pacer.abandon { intended in
        recorder.unsent(maker.method(ordinal), intended: intended)
        ordinal += 1
      }
      if inFlight == 0 { finish() }
    case .sending where plan.isClosed: pump()
    case .waiting where inFlight == 0: finish()
    default: break
    }
  }

  private func finish() {
    if phase == .over { return }
    if let row = recorder.roll(now: .max, inFlight: 0) { progress(row) }
    end()
    if let problem = journal?.finish() {
      finished.fail(problem)
    } else {
      finished.succeed(recorder.measurement)
    }
  }

  private func fail(_ fault: LoadFault) {
    if phase == .over { return }
    end()
    finished.fail(fault)
  }

  private func end() {
    phase = .over
    wake?.cancel()
    ticker?.cancel()
    for connection in connections { connection.close() }
  }
}
