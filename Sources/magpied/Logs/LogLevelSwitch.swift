import Logging
import Synchronization
import Vocabulary

/// The level below which nothing is logged. Any thread reads it, for every message; SIGHUP changes it.
final class LogLevelSwitch: Sendable {
  private let place: Atomic<Int>

  init(_ level: LogLevel) { place = Atomic(Self.place(of: Logger.Level(level))) }

  var level: Logger.Level {
    let place = place.load(ordering: .relaxed)
    return Logger.Level.allCases.indices.contains(place) ? Logger.Level.allCases[place] : .info
  }

  func set(_ level: Logger.Level) { place.store(Self.place(of: level), ordering: .relaxed) }

  func set(_ level: LogLevel) { set(Logger.Level(level)) }

  private static func place(of level: Logger.Level) -> Int {
    Logger.Level.allCases.firstIndex(of: level) ?? 0
  }
}

extension Logger.Level {
  init(_ level: LogLevel) {
    self =
      switch level {
      case .trace: .trace
      case .debug: .debug
      case .info: .info
      case .notice: .notice
      case .warning: .warning
      case .error: .error
      case .critical: .critical
      }
  }
}
