import MagpieClient
import Reading

/// Why an import stopped.
package struct ImportFault: Error, Sendable {
  /// What kind of failure; it decides the exit code.
  package enum Kind: Sendable {
    /// The command does not fit the file: a column is missing, an option is wrong.
    case usage
    /// More bad lines than allowed.
    case badData
    /// The file cannot be read, or the state file not written.
    case file
    /// The daemon could not be reached or refused a whole batch.
    case daemon(MagpieError)
  }

  /// What kind of failure.
  package var kind: Kind
  /// What happened and what to do, in one or two sentences.
  package var message: String

  package init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }
}

/// Why one line was not imported.
package struct BadLine: Error, Sendable, Hashable {
  /// Where the record begins, from 1.
  package var line: Int
  /// Stable, such as `time_invalid`; docs/cli.md lists those made here, docs/protocol.md the daemon's.
  package var reason: String
  /// What is wrong and what to do.
  package var message: String

  package init(line: Int, reason: String, message: String) {
    self.line = line
    self.reason = reason
    self.message = message
  }
}

extension ImportFault {
  /// Runs something that reads a file, and says its failures as those of an import.
  static func reading<Result>(_ body: () throws(FileFault) -> Result) throws(ImportFault) -> Result {
    do throws(FileFault) {
      return try body()
    } catch {
      throw ImportFault(.file, error.message)
    }
  }
}
