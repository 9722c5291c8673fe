import Reading

/// Why an evaluation gave no numbers.
package struct EvaluationFault: Error, Sendable, Hashable {
  /// What kind of failure; it decides the exit code.
  package enum Kind: String, Sendable, Hashable {
    /// What was asked for makes no sense or does not fit the data.
    case usage
    /// A file does not hold what its format says.
    case badData = "bad_data"
    /// A file cannot be read or written.
    case file
    /// A model could not be trained.
    case model
  }

  /// What kind of failure.
  package let kind: Kind
  /// What happened and what to do; begins with file and line where there are some.
  package let message: String

  package init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  /// Bad data on a line of a file.
  package init(file: String, line: Int, _ message: String) {
    self.init(.badData, "\(file), line \(line): \(message)")
  }

  init(_ fault: FileFault) { self.init(.file, fault.message) }

  /// Runs something that reads a file, and says its failures as those of an evaluation.
  static func reading<Result>(_ body: () throws(FileFault) -> Result) throws(EvaluationFault) -> Result {
    do throws(FileFault) {
      return try body()
    } catch {
      throw EvaluationFault(error)
    }
  }
}
