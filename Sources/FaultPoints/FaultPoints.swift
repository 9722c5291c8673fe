import Glibc
import Synchronization

/// The switch for `FaultPoint`: off unless a program arms it and the environment names a point.
///
/// `MAGPIE_FAULT_POINT=log.written:3` kills the process with SIGKILL when it is at that point for the third time, so that
/// nothing is flushed, answered or closed on the way out. docs/faults.md lists the points.
///
/// Off, which is always but in tests, a point costs one relaxed load and a branch that is never taken; none lies on
/// the read path.
package enum FaultPoints {
  /// The variable that names the point.
  package static let variable = "MAGPIE_FAULT_POINT"

  /// Why an order was refused, in a sentence for people.
  package struct Refusal: Error, Sendable, CustomStringConvertible {
    package let description: String
  }

  /// Die at `point` when it is reached for the `reach`-th time.
  package struct Order: Sendable, Hashable {
    package var point: FaultPoint
    package var reach: Int

    package init(_ point: FaultPoint, reach: Int) {
      self.point = point
      self.reach = reach
    }

    /// Reads `name` or `name:N`, N from 1.
    package init(_ text: String) throws(Refusal) {
      let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = parts.first, let point = FaultPoint(rawValue: String(name)) else {
        throw Refusal(
          description:
            "\(FaultPoints.variable) is '\(text)'; there is no such point. It is for tests alone: unset it.")
      }
      guard let reach = parts.count > 1 ? Int(parts[1]) : 1, reach > 0 else {
        throw Refusal(
          description: "\(FaultPoints.variable) is '\(text)'; behind the colon stands a number from 1 on.")
      }
      self.init(point, reach: reach)
    }

    /// As the environment has it.
    package var text: String { "\(point.rawValue):\(reach)" }
  }

  private static let isArmed = Atomic<Bool>(false)
  private static let passed = Atomic<Int>(0)
  /// What the environment asks for. Looked at only by `arm` and behind `isArmed`.
  private static let order: Result<Order?, Refusal> = {
    guard let text = getenv(variable) else { return .success(nil) }
    do throws(Refusal) {
      return .success(try Order(String(cString: text)))
    } catch {
      return .failure(error)
    }
  }()

  /// Looks at the environment, once, before the program does anything. A library never calls this.
  /// - Returns: what will happen, nil if nothing will.
  package static func arm() throws(Refusal) -> Order? {
    guard let order = try order.get() else { return nil }
    isArmed.store(true, ordering: .releasing)
    return order
  }

  /// Says that the process is at `point`; does not return if it is to die here.
  package static func reach(_ point: FaultPoint) {
    if isDue(point) { die() }
  }

  /// As `reach`, for a caller that has something to leave half done before it calls `die`.
  package static func isDue(_ point: FaultPoint) -> Bool {
    guard isArmed.load(ordering: .relaxed) else { return false }
    return isDueWhenArmed(point)
  }

  @inline(never)
  private static func isDueWhenArmed(_ point: FaultPoint) -> Bool {
    guard case .success(let order?) = order, order.point == point else { return false }
    return passed.add(1, ordering: .relaxed).newValue == order.reach
  }

  /// Ends the process as a kill from outside does.
  package static func die() -> Never {
    kill(getpid(), SIGKILL)
    // The signal is on its way to this thread too.
    while true { pause() }
  }
}
