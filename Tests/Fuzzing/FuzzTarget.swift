import Vocabulary

/// One parser that reads bytes it does not trust. It must return or throw: a trap, a hang, memory without bound, or
/// a broken property is a finding.
package struct FuzzTarget: Sendable {
  /// Also the name of its corpus.
  package let name: String
  /// What is read, for people.
  package let about: String
  /// Inputs that are valid, or nearly: what a mutation begins with. The same in every run.
  package let seeds: @Sendable () throws -> [[UInt8]]
  /// A working place for one thread, which then reads inputs.
  package let make: @Sendable () throws -> (UnsafeRawBufferPointer) throws -> Void

  /// Every parser there is.
  package static let all: [FuzzTarget] = [
    .frame, .request, .reply, .meta, .configuration, .logSegment, .logEntry, .state, .generation, .manifest,
    .csv, .jsonLines, .deadLetters, .expression, .changes, .snapshot, .stateFile, .scrubRecord, .token,
    .feedbackJournal, .cursor,
  ]
}

/// A property of the parser does not hold for an input: as bad as a crash.
package struct BrokenProperty: Error, CustomStringConvertible {
  package let description: String

  init(_ description: String) { self.description = description }
}

/// - Throws: `BrokenProperty` unless `holds`.
func expect(_ holds: Bool, _ property: @autoclosure () -> String) throws {
  if !holds { throw BrokenProperty(property()) }
}
