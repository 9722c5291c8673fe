import Locking
import Logging
import Vocabulary

/// Keeps the lines of a log.
struct KeptLog: LogHandler {
  struct Line: Sendable {
    var level: Logger.Level
    var fields: [String: String]
  }

  private final class Lines: Sendable {
    let kept = Locked([Line]())
  }

  private let kept = Lines()
  var metadata: Logger.Metadata = [:]
  var logLevel: Logger.Level

  init(_ level: LogLevel) { logLevel = Logger.Level(rawValue: level.rawValue) ?? .info }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let fields = (event.metadata ?? [:]).mapValues { "\($0)" }
    kept.kept.withLock { $0.append(Line(level: event.level, fields: fields)) }
  }

  /// Those whose `event` is this.
  func lines(_ event: String) -> [Line] {
    kept.kept.withLock { lines in lines.filter { $0.fields["event"] == event } }
  }
}
