import ArgumentParser
import Importing
import MagpieClient

/// A command that did not do what was asked: what to say, and how to end.
struct CommandFailure: Error {
  /// Exit codes are part of the interface: docs/cli.md.
  enum Kind: Int32 {
    case failed = 1
    case usage = 2
    case badData = 65
    case unavailable = 69
    case temporary = 75
  }

  var kind: Kind
  var message: String
  /// Stable, for programs.
  var reason: String
  var isJSON: Bool

  var code: Int32 { kind.rawValue }

  init(_ kind: Kind, reason: String, _ message: String, isJSON: Bool) {
    self.kind = kind
    self.reason = reason
    self.message = message
    self.isJSON = isJSON
  }

  init(_ error: MagpieError, isJSON: Bool) {
    self.init(
      Self.kind(error), reason: error.reason, error.message + Self.advice(error), isJSON: isJSON)
  }

  init(_ fault: ImportFault, isJSON: Bool) {
    switch fault.kind {
    case .usage: self.init(.usage, reason: "usage", fault.message, isJSON: isJSON)
    case .badData: self.init(.badData, reason: "bad_data", fault.message, isJSON: isJSON)
    case .file: self.init(.failed, reason: "file", fault.message, isJSON: isJSON)
    case .daemon(let error):
      self.init(error, isJSON: isJSON)
      message += " What was imported stays; run the same command again for the rest."
    }
  }

  private static func kind(_ error: MagpieError) -> Kind {
    switch error.code {
    case .unavailable: .unavailable
    case .deadlineExceeded, .resourceExhausted, .aborted: .temporary
    case _ where error.reason == "training_busy" || error.reason == "snapshot_busy": .temporary
    default: .failed
    }
  }

  /// The next command, where the daemon, which knows none, cannot name it.
  private static func advice(_ error: MagpieError) -> String {
    switch error.reason {
    case "connection_lost": " (--host and --port, or MAGPIE_HOST and MAGPIE_PORT, say where it is.)"
    case "deadline_exceeded": " (--timeout gives more time.)"
    case "no_training_data": " (magpie import events.csv --kind events)"
    case "training_busy", "tenant_unknown", "user_unknown": " (magpie status)"
    case "replay_state_moved": " (magpie snapshot restore --help)"
    case "snapshot_unknown": " (magpie snapshot list)"
    case "scenario_unknown": " (magpie config get scenarios)"
    case "expression_invalid": " (docs/expressions.md)"
    case "generation_unknown", "generation_invalid": " (magpie generations list)"
    default: ""
    }
  }

  func complain() {
    if isJSON {
      struct Body: Encodable {
        var error: Details
        struct Details: Encodable {
          var reason: String
          var message: String
        }
      }
      Terminal.complain(JSONText.of(Body(error: .init(reason: reason, message: message))))
    } else {
      Terminal.complain("magpie: \(message)")
    }
  }
}
