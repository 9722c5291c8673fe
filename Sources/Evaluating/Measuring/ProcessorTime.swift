import Glibc

/// Processor time this process has used.
enum ProcessorTime {
  /// Of all threads, in user and in system.
  static var seconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
