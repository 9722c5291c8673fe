import NIOCore
import Vocabulary
import Wire

/// A request that could not be begun when it came.
struct WaitingRequest {
  /// Number of the connection within its loop.
  let connection: UInt64
  let stream: UInt32
  let method: Method
  let tenant: TenantName
  let body: [UInt8]
  let received: UInt64
  let deadline: UInt64
  let cancellation: Cancellation
}

/// Who goes first when there is more to do than time.
///
/// A loop that keeps up begins each request as it is read: nothing is queued and nothing is copied. Behind a long request,
/// or many, others wait in sockets where nobody sees for how long. So a loop that was busy for a whole turn without a pause
/// only reads from then on, everything there is, and puts it into `waiting`; it works that off turn by turn, and looks what
/// else has come in between. When nothing waits any more it is as before.
extension LoopContext {
  private static var turn: UInt64 { Limits.workTurnMicroseconds * 1_000 }
  private static var pause: UInt64 { Limits.workPauseMicroseconds * 1_000 }

  /// A connection's bytes came.
  func readBegan(at now: UInt64) {
    if now &- restedAt > Self.pause { busySince = now }
  }

  /// Whether a request may be begun as it is read.
  func takesAtOnce(at now: UInt64) -> Bool { waiting.isEmpty && now &- busySince < Self.turn }

  /// Sets a request aside. False if there is no room for it.
  func wait(_ request: WaitingRequest, _ class: RequestClass) -> Bool {
    guard waiting.arrived(request, `class`, bytes: request.body.count, at: request.received) else {
      return false
    }
    if !isWorkPlanned {
      isWorkPlanned = true
      // After everything that the sockets hold right now was read.
      let bound = bound
      eventLoop.execute { bound.value.loop?.work() }
    }
    return true
  }

  /// Works off what waits for one turn, then has the loop look at its sockets.
  private func work() {
    isWorkPlanned = false
    waiting.set(target: overload.target, interval: overload.interval)
    let began = ContinuousNanoseconds.now
    var now = began
    while now &- began < Self.turn, step(at: now) { now = ContinuousNanoseconds.now }
    endBatches()
    meters.note(waiting)
    restedAt = ContinuousNanoseconds.now
    busySince = restedAt
    if waiting.isEmpty { return }
    isWorkPlanned = true
    let bound = bound
    // A task that is due at once would run before the sockets are looked at again, and so starve them.
    eventLoop.scheduleTask(in: .microseconds(5)) { bound.value.loop?.work() }
  }

  /// Serves or refuses one request. False if none waits.
  private func step(at now: UInt64) -> Bool {
    switch waiting.next(at: now) {
    case .nothing: return false
    case .serve(let request, let `class`, let waited):
      meters.waits[`class`.rawValue].record(waited)
      guard let connection = connections[request.connection] else { return true }
      touch(connection)
      connection.begin(request, `class`, at: now)
    case .refuse(let request, let `class`, let waited):
      meters.waits[`class`.rawValue].record(waited)
      meters.overloaded.add(`class`)
      guard let connection = connections[request.connection] else { return true }
      touch(connection)
      connection.complete(request.stream, .failure(Self.overloaded(`class`)))
    }
    return true
  }

  /// What a request is told that waited too long, or for which there is no room.
  static func overloaded(_ class: RequestClass) -> Fault {
    Fault(
      .overloaded, "More is asked than the daemon can do; the request waited too long and was not begun.",
      retryAfterMilliseconds: `class`.retryAfterMilliseconds)
  }
}
