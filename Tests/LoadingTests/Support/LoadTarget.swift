import Loading
import Locking
import Logging
import Transport
import Vocabulary

/// The product's own server over a handler that keeps events in memory, and misbehaves where a test says so.
final class LoadTarget: Sendable {
  let port: Int
  let handler: LoadHandler
  private let server: Server<LoadHandler>

  private init(server: Server<LoadHandler>, handler: LoadHandler, port: Int) {
    self.server = server
    self.handler = handler
    self.port = port
  }

  /// Runs `body` against a server on a free loopback port.
  static func run<Result>(
    _ fault: LoadHandler.Misbehaviour = .none, _ body: (LoadTarget) async throws -> Result
  ) async throws -> Result {
    var settings = Settings()
    settings.port = 0
    settings.eventLoops = 1
    let handler = LoadHandler(fault)
    let server = Server(
      handler: handler, settings: settings, gauge: ConnectionGauge(),
      logger: Logger(label: "load-tests", factory: { _ in SwiftLogNoOpLogHandler() }))
    let (_, port) = try await server.start()
    let target = LoadTarget(server: server, handler: handler, port: Int(port))
    do {
      let result = try await body(target)
      await server.stop()
      return result
    } catch {
      await server.stop()
      throw error
    }
  }

  /// A short run against it.
  func plan(mix: String, rate: Double, seconds: Double) throws -> LoadPlan {
    var plan = LoadPlan(mix: try MethodMix(mix), run: 7, epochMicroseconds: 1_700_000_000_000_000)
    plan.port = port
    plan.loop = .open(.constant, rate: rate)
    plan.seconds = seconds
    plan.warmupSeconds = 0
    plan.connections = 2
    plan.seed = 11
    return plan
  }
}

/// Answers like a daemon: an event identifier counts once.
final class LoadHandler: RequestHandler {
  final class Scratch {}

  enum Misbehaviour: Sendable {
    case none
    /// Answers nothing for this long, once this much time has passed since the first request; seconds.
    case stall(after: Double, for: Double)
    /// Refuses every n-th request to protect itself.
    case shed(every: Int)
    /// Fails every n-th request.
    case fail(every: Int)
    /// Makes every n-th list as if nothing had been acknowledged lately.
    case forget(every: Int)
    /// Never answers every n-th request.
    case silence(every: Int)
  }

  private struct State {
    var events: [[UInt8]: (position: UInt64, draft: EventDraft)] = [:]
    var next: UInt64 = 1
    var requests = 0
    var first: UInt64?
    var changed = 0
    var lists = 0
  }

  private let state = Locked(State())
  private let misbehaviour: Misbehaviour

  init(_ misbehaviour: Misbehaviour) { self.misbehaviour = misbehaviour }

  func makeScratch() -> Scratch { Scratch() }

  var requestCount: Int { state.withLock { $0.requests } }
  var eventCount: Int { state.withLock { $0.events.count } }
  /// Identifiers that came again with other contents.
  var changedCount: Int { state.withLock { $0.changed } }

  /// Forgets an event that it has acknowledged. Returns false if there is none.
  func lose(position: UInt64) -> Bool {
    state.withLock { state in
      guard let id = state.events.first(where: { $0.value.position == position })?.key else { return false }
      return state.events.removeValue(forKey: id) != nil
    }
  }

  /// Believes from now on that an event is somewhere else.
  func move(position: UInt64, to other: UInt64) -> Bool {
    state.withLock { state in
      guard let id = state.events.first(where: { $0.value.position == position })?.key else { return false }
      state.events[id]?.position = other
      return true
    }
  }

  /// Uses up a position, as an event that is stored twice does.
  func skipPosition() { state.withLock { $0.next += 1 } }
  /// Acknowledges the next event at the position of the last one.
  func repeatPosition() { state.withLock { $0.next -= 1 } }

  func handle(
    _ request: Request, for call: Call, using scratch: Scratch,
    complete: @escaping @Sendable (Outcome) -> Void
  ) -> Outcome? {
    if case .hello = request { return .success(.hello(HelloReply())) }
    let now = ContinuousNanoseconds.now
    let (number, first) = state.withLock { state in
      state.requests += 1
      if state.first == nil { state.first = now }
      return (state.requests, state.first ?? now)
    }
    let outcome = answer(request)
    switch misbehaviour {
    case .none, .forget: return outcome
    case .shed(let every):
      return number.isMultiple(of: every) ? .failure(Fault(.queueFull, "Too much.")) : outcome
    case .fail(let every):
      return number.isMultiple(of: every) ? .failure(Fault(.itemUnknown, "No such item.")) : outcome
    case .silence(let every): return number.isMultiple(of: every) ? nil : outcome
    case .stall(let after, let length):
      let passed = Double(now - first) / 1e9
      guard passed >= after, passed < after + length else { return outcome }
      Task {
        try? await Task.sleep(for: .seconds(after + length - passed))
        complete(outcome)
      }
      return nil
    }
  }

  private func answer(_ request: Request) -> Outcome {
    switch request {
    case .check: return .success(.check(HealthReport(state: .ready)))
    case .recommend:
      return state.withLock { state in
        var slate = Slate()
        state.lists += 1
        slate.position = Position(state.next - 1)
        if case .forget(let every) = misbehaviour, state.lists.isMultiple(of: every) {
          slate.position = .zero
        }
        return .success(.recommend(slate))
      }
    case .similar: return .success(.similar(Slate()))
    case .complete: return .success(.complete(Slate()))
    case .ingestEvents(let asked):
      return state.withLock { state in
        var reply = VerdictsReply()
        for event in asked.events {
          if let known = state.events[event.id] {
            if known.draft != event { state.changed += 1 }
            reply.verdicts.append(.duplicate(Position(known.position)))
          } else {
            state.events[event.id] = (state.next, event)
            reply.verdicts.append(.accepted(Position(state.next)))
            reply.position = Position(state.next)
            state.next += 1
          }
        }
        return .success(.ingestEvents(reply))
      }
    default: return .failure(Fault(.methodUnknown, "Not here."))
    }
  }
}
