import MagpieClient

/// What to import, and how.
package struct ImportPlan: Sendable {
  /// How the file is written.
  package enum Format: Sendable, Hashable {
    /// Nil finds the delimiter in the header: comma, semicolon or tab.
    case csv(delimiter: UInt8?)
    case jsonl
  }

  /// The file; `-` is standard input.
  package var path: String
  package var kind: ImportKind
  package var format: Format
  /// From `--map`.
  package var columns: [(column: String, field: String)] = []
  /// Of events without a type; nil means `rate` where the value is a rating by its name, else `purchase`.
  package var defaultType: EventType?
  package var timeUnit: TimeReader.Unit?
  /// Of events without a time, microseconds since 1970.
  package var fixedTime: Int64?
  /// Bad lines beyond this stop the import.
  package var errorsMax = 0
  /// Where progress is kept; nil keeps none.
  package var statePath: String?
  /// Whether to go on where the state file says.
  package var isResuming = true
  /// Rows in one batch, and its rough size in bytes: a batch is one commit group's worth, well below a frame.
  package var batchRows = 1000
  package var batchBytes = 1 << 20
  /// Event batches under way at once. Items and users go one at a time, because the last of equal ones must win.
  package var inFlightMax = 4
  /// Time for one batch, retries included.
  package var timeout: Duration = .seconds(120)

  package init(path: String, kind: ImportKind, format: Format) {
    self.path = path
    self.kind = kind
    self.format = format
  }

  /// The format that a file's name suggests.
  package static func format(ofFile path: String) -> Format? {
    let name = path.lowercased()
    if name.hasSuffix(".csv") { return .csv(delimiter: nil) }
    if name.hasSuffix(".tsv") { return .csv(delimiter: UInt8(ascii: "\t")) }
    if name.hasSuffix(".jsonl") || name.hasSuffix(".ndjson") { return .jsonl }
    return nil
  }
}

/// How far an import is.
package struct ImportProgress: Sendable, Hashable {
  /// Bytes of the file whose rows the daemon has acknowledged.
  package var bytes: UInt64 = 0
  /// Size of the file; nil for a pipe.
  package var bytesTotal: UInt64?
  /// Rows new to the daemon.
  package var accepted: UInt64 = 0
  /// Rows it had before.
  package var duplicates: UInt64 = 0
  /// Lines that were bad, or refused.
  package var errors = 0
  /// Rows an earlier run had imported.
  package var skipped: UInt64 = 0
  /// Highest position given, for `--min-position`.
  package var position: UInt64 = 0

  package init() {}
}

/// What an import tells while it runs. Called in order, from one task at a time.
package protocol ImportListener: Sendable {
  /// Once, before the first batch: what the columns were taken for, and where it starts.
  func started(_ notes: [String])
  /// After each acknowledged batch.
  func progressed(_ progress: ImportProgress)
  /// For each bad line.
  func complained(_ bad: BadLine)
}
