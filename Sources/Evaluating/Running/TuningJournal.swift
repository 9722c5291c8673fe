import FoundationEssentials
import Glibc
import Vocabulary

/// A file of what tuning has tried, one JSON object a line: `data` (a fingerprint of data and protocol), `model`,
/// `settings`, `value` (higher is better; null did not work out). Lines of other data are left alone, so one file may serve
/// many runs.
///
/// Not sendable: used by the one thread that runs the evaluation.
final class TuningJournal {
  private struct Entry: Codable {
    let data: String
    let model: String
    let settings: [String: Double]
    let value: Double?
  }

  private struct Key: Hashable {
    let model: String
    let settings: ModelSettings
  }

  private let path: String
  private let data: String
  private var known: [Key: Double] = [:]
  /// Whether the file's last line was cut short, as by a crash.
  private var needsLineEnd = false

  /// Reads what is there.
  /// - Parameter fingerprint: of everything a value hangs on besides model and settings.
  /// - Throws: `file` if it is there and cannot be read, `bad_data` if it is no journal.
  init(path: String, fingerprint: UInt64) throws(EvaluationFault) {
    self.path = path
    let digits = String(fingerprint, radix: 16)
    data = String(repeating: "0", count: 16 - digits.count) + digits
    if access(path, F_OK) != 0 { return }
    let file = try TextFile(path: path)
    needsLineEnd = file.bytes.last.map { $0 != 10 } ?? false
    var isFirst = true
    try file.forEachLine { (number, line) throws(EvaluationFault) in
      defer { isFirst = false }
      guard let entry = try? JSONDecoder().decode(Entry.self, from: Data(line)) else {
        // A later line may have been cut short; a file that begins otherwise is something else, and not to be written to.
        if isFirst {
          throw EvaluationFault(
            file: path, line: number, "this is no tuning journal; name a new file or an old journal.")
        }
        return
      }
      if entry.data == data {
        known[Key(model: entry.model, settings: ModelSettings(entry.settings))] = entry.value ?? -.infinity
      }
    }
  }

  func value(_ model: String, _ settings: ModelSettings) -> Double? {
    known[Key(model: model, settings: settings)]
  }

  /// Appends a line and hands it to the kernel before it returns.
  /// - Throws: `file` if it cannot be written.
  func add(_ model: String, _ settings: ModelSettings, _ value: Double) throws(EvaluationFault) {
    known[Key(model: model, settings: settings)] = value
    let entry = Entry(
      data: data, model: model, settings: settings.values, value: value.isFinite ? value : nil)
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    guard let line = try? encoder.encode(entry), let file = fopen(path, "ae") else {
      throw EvaluationFault(.file, "\(path) cannot be written: \(String(cString: strerror(errno))).")
    }
    let text = (needsLineEnd ? "\n" : "") + String(decoding: line, as: UTF8.self) + "\n"
    needsLineEnd = false
    let isWritten = fputs(text, file) >= 0
    if fclose(file) != 0 || !isWritten {
      throw EvaluationFault(.file, "\(path) could not be written in full.")
    }
  }
}

/// Sums up what values hang on.
struct Fingerprint {
  private(set) var value: UInt64 = 0x6d61_6770_6965

  mutating func add(_ number: UInt64) { value = StableHash.mix(value ^ number) &+ 0x9e37_79b9_7f4a_7c15 }
  mutating func add(_ text: String) { add(StableHash.of(Array(text.utf8))) }
  /// Names, rows and columns of a table: O(events).
  mutating func add(_ events: EventTable, _ data: DataSet) {
    add(UInt64(events.count))
    for row in 0..<events.count {
      add(UInt64(events.users[row]) << 32 | UInt64(events.items[row]))
      if events.hasTimes { add(UInt64(bitPattern: events.times[row])) }
      if events.hasValues { add(UInt64(events.values[row].bitPattern)) }
      if events.hasBaskets { add(UInt64(events.baskets[row])) }
    }
  }
}
