import Locking
import Vocabulary

/// A handler whose answers a test decides, by what the request's `Hello.client` says.
///
/// `now TEXT` answers at once with the text; `later TEXT` waits until the test completes it; `big N` answers at
/// once with N bytes; `fail TEXT` is refused with the text. A `Rank` keeps the event loop busy for a moment.
final class TestHandler: RequestHandler {
  final class Scratch {}

  struct Waiting: Sendable {
    let text: String
    let call: Call
    let complete: @Sendable (Outcome) -> Void
  }

  private struct State {
    var waiting: [Waiting] = []
    var handled = 0
    var scratches = 0
    var tenants: Set<String> = []
  }

  private let state = Locked(State())

  func makeScratch() -> Scratch {
    state.withLock { $0.scratches += 1 }
    return Scratch()
  }

  var handledCount: Int { state.withLock { $0.handled } }
  var scratchCount: Int { state.withLock { $0.scratches } }
  var tenants: Set<String> { state.withLock { $0.tenants } }
  var waiting: [Waiting] { state.withLock { $0.waiting } }

  static func reply(_ text: String, bytes: Int = 0) -> Outcome {
    var reply = HelloReply()
    reply.version = text
    reply.directory = [UInt8](repeating: 1, count: bytes)
    return .success(.hello(reply))
  }

  func handle(
    _ request: Request, for call: Call, using scratch: Scratch,
    complete: @escaping @Sendable (Outcome) -> Void
  ) -> Outcome? {
    state.withLock { state in
      state.handled += 1
      state.tenants.insert(call.tenant.text)
    }
    if case .rank = request {
      let began = ContinuousNanoseconds.now
      while ContinuousNanoseconds.now - began < 200_000 {}
    }
    guard case .hello(let hello) = request else { return .success(.check(HealthReport(state: .ready))) }
    let words = String(decoding: hello.client, as: UTF8.self).split(separator: " ", maxSplits: 1)
    let (verb, text) = (words.first ?? "", String(words.dropFirst().first ?? ""))
    switch verb {
    case "later":
      state.withLock { $0.waiting.append(Waiting(text: text, call: call, complete: complete)) }
      return nil
    case "big": return Self.reply("", bytes: Int(text) ?? 0)
    case "fail": return .failure(Fault(.itemUnknown, text, field: "item"))
    default: return Self.reply(text)
    }
  }

  /// Completes the waiting request with this text. Returns false if there is none.
  @discardableResult
  func complete(_ text: String, with outcome: Outcome? = nil) -> Bool {
    let found = state.withLock { state -> Waiting? in
      guard let at = state.waiting.firstIndex(where: { $0.text == text }) else { return nil }
      return state.waiting.remove(at: at)
    }
    found?.complete(outcome ?? Self.reply(text))
    return found != nil
  }
}
