import Foundation
import Logging

enum LogFormat: String, CaseIterable {
  case text
  case json
}

/// One line for each message on standard error, written with one call so that lines of several threads do not
/// mix. Never holds identifiers or payloads above debug level: that is the callers' rule.
struct LineLogHandler: LogHandler {
  var metadata: Logger.Metadata = [:]
  private let label: String
  private let format: LogFormat
  private let level: LogLevelSwitch

  init(label: String, format: LogFormat, level: LogLevelSwitch) {
    self.label = label
    self.format = format
    self.level = level
  }

  /// One for all loggers: the daemon has one level, which SIGHUP may change.
  var logLevel: Logger.Level {
    get { level.level }
    set { level.set(newValue) }
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    var fields = metadata
    if let more = event.metadata { fields.merge(more) { $1 } }
    let time = Date.now.formatted(
      Date.ISO8601FormatStyle(includingFractionalSeconds: true, timeZone: .gmt))
    let line =
      switch format {
      case .text: Self.text(time, event, fields)
      case .json: Self.json(time, event, fields, label)
      }
    Console.complain(line)
  }

  private static func text(_ time: String, _ event: LogEvent, _ fields: Logger.Metadata) -> String {
    let tail = fields.sorted { $0.key < $1.key }.map { " \($0.key)=\(flat("\($0.value)"))" }.joined()
    return "\(time) \(event.level.rawValue) \(flat("\(event.message)"))\(tail)"
  }

  /// A message is one line, whatever somebody put into it.
  private static func flat(_ text: String) -> String {
    text.unicodeScalars.contains { $0.value < 32 }
      ? String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 32 ? " " : $0 })) : text
  }

  private static func json(
    _ time: String, _ event: LogEvent, _ fields: Logger.Metadata, _ label: String
  ) -> String {
    var line =
      "{\"ts\":\(quoted(time)),\"level\":\(quoted(event.level.rawValue)),\"component\":\(quoted(label))"
    line += ",\"msg\":\(quoted("\(event.message)"))"
    for (key, value) in fields.sorted(by: { $0.key < $1.key }) {
      line += ",\(quoted(key)):\(quoted("\(value)"))"
    }
    return line + "}"
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
