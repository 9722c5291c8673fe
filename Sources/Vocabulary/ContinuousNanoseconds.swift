import Glibc

/// Nanoseconds on a clock that never goes back and also counts while the machine sleeps; the zero is arbitrary. Deadlines
/// and durations use it.
package enum ContinuousNanoseconds {
  /// About 20 ns, no system call. Every request asks several times, so this is the kernel's clock itself:
  /// `ContinuousClock` reads the same one, but spends three times as long on its arithmetic with 128 bits.
  package static var now: UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_BOOTTIME, &time)
    return UInt64(truncatingIfNeeded: time.tv_sec) &* 1_000_000_000
      &+ UInt64(truncatingIfNeeded: time.tv_nsec)
  }
}
