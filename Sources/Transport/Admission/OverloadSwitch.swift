import Synchronization
import Vocabulary

/// The settings of admission that may change while the server runs, for all event loops.
final class OverloadSwitch: Sendable {
  private let targetNanoseconds: Atomic<UInt64>
  private let intervalNanoseconds: Atomic<UInt64>
  /// Bytes that may wait on one event loop.
  let waitingBytesMax: Int
  /// Bytes of unfinished frames that one event loop may hold before it refuses large ones.
  let heldBytesMax: Int

  /// - Parameter loops: that share the bounds.
  init(_ settings: Settings, loops: Int) {
    targetNanoseconds = Atomic(
      ConnectionLimits.nanoseconds(milliseconds: settings.overload.targetMilliseconds))
    intervalNanoseconds = Atomic(
      ConnectionLimits.nanoseconds(milliseconds: settings.overload.intervalMilliseconds))
    waitingBytesMax = settings.overload.queueShare(of: Limits.waitingRequestBytesMax) / max(1, loops)
    heldBytesMax = settings.overload.queueShare(of: 1 << 40) / max(1, loops)
  }

  var target: UInt64 { targetNanoseconds.load(ordering: .relaxed) }
  var interval: UInt64 { intervalNanoseconds.load(ordering: .relaxed) }

  func apply(_ settings: Settings) {
    targetNanoseconds.store(
      ConnectionLimits.nanoseconds(milliseconds: settings.overload.targetMilliseconds), ordering: .relaxed)
    intervalNanoseconds.store(
      ConnectionLimits.nanoseconds(milliseconds: settings.overload.intervalMilliseconds), ordering: .relaxed)
  }
}
