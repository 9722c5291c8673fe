/// Nanoseconds on a clock that never goes back; the zero is arbitrary. Deadlines and durations use it.
package enum ContinuousNanoseconds {
  private static let origin = ContinuousClock.now

  package static var now: UInt64 {
    let (seconds, attoseconds) = (ContinuousClock.now - origin).components
    return UInt64(max(0, seconds)) &* 1_000_000_000 &+ UInt64(max(0, attoseconds)) / 1_000_000_000
  }
}
