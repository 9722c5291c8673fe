import Glibc
import Logging

/// What the daemon asks of the system for itself.
enum ProcessSetup {
  /// Descriptors below which connections run out before the configured limit does.
  private static let descriptorsMin: rlim_t = 8_192

  static func apply(_ logger: Logger) {
    // A peer or a disk that fails must be an error code to the caller, not the end of the process.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    raiseDescriptorLimit(logger)
  }

  private static func raiseDescriptorLimit(_ logger: Logger) {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    let raised = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
    if !raised || limit.rlim_max < descriptorsMin {
      logger.warning(
        "Few files may be open at once; raise the hard limit (ulimit -n) for many connections.",
        metadata: ["event": "descriptor_limit", "limit": "\(limit.rlim_max)"])
    }
  }
}
