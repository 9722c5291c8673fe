import Checksums
import FoundationEssentials
import Glibc
import Vocabulary

/// One measurement of a search; a line of the journal. docs/tuning.md has the keys.
struct TuningTrial: Codable, Sendable, Hashable {
  var family: String
  var point: [String: Double]
  var cycle: Int
  var rung: Int
  var users: Int
  /// 0 for families without.
  var iterations: Int
  var mean = 0.0
  var error = 0.0
  /// To the standard over the same users, in full measurements only.
  var difference: Double?
  var differenceError: Double?
  var seconds = 0.0
  /// True if the numbers left their range; such a point never wins.
  var failed: Bool?
}

/// The finished trials of a search on disk, so that a killed one goes on.
///
/// Each line is written at once and synced. Lines are checked when read: what a kill cut off is dropped.
struct TuningJournal {
  static let fileName = "tuning.journal"
  private static let linesMax = 100_000

  /// What must agree for a search to go on.
  struct Header: Codable, Sendable, Hashable {
    var format = "magpie-tuning"
    var version = 1
    /// Checksum of all settings that bear on results.
    var settings: UInt32
    var through: UInt64
    var events: Int
    var users: Int
    var items: Int
    /// Checksum of the events' columns.
    var data: UInt32
  }

  let path: String
  private(set) var header: Header?
  private(set) var trials: [TuningTrial] = []
  /// Bytes of the good lines.
  private var goodBytes = 0

  /// Reads what is there; an absent, foreign or damaged journal reads as an empty one.
  init(path: String) {
    self.path = path
    guard let bytes = FileManager.default.contents(atPath: path) else { return }
    let text = Array(bytes)
    var start = 0
    while start < text.count, let end = text[start...].firstIndex(of: 10) {
      let line = text[start..<end]
      start = end + 1
      guard let json = Self.verified(line) else {
        // A kill damages the last line only. Anything else is not to be trusted.
        if start < text.count { (header, trials, goodBytes) = (nil, [], 0) }
        return
      }
      if header == nil {
        let found = try? JSONDecoder().decode(Header.self, from: json)
        guard let found, found.format == "magpie-tuning", found.version == 1 else { return }
        header = found
      } else {
        guard trials.count < Self.linesMax,
          let trial = try? JSONDecoder().decode(TuningTrial.self, from: json)
        else {
          (header, trials, goodBytes) = (nil, [], 0)
          return
        }
        trials.append(trial)
      }
      goodBytes = start
    }
  }

  /// The JSON of a line whose checksum is right.
  private static func verified(_ line: ArraySlice<UInt8>) -> Data? {
    guard line.count > 9, line[line.startIndex + 8] == UInt8(ascii: " "),
      let checksum = UInt32(String(decoding: line.prefix(8), as: UTF8.self), radix: 16)
    else { return nil }
    let json = Array(line.dropFirst(9))
    return CRC32C.of(json) == checksum ? Data(json) : nil
  }

  /// Begins anew.
  mutating func start(_ header: Header) throws(TrainingFault) {
    (self.header, trials, goodBytes) = (header, [], 0)
    try write(header)
  }

  mutating func append(_ trial: TuningTrial) throws(TrainingFault) {
    trials.append(trial)
    try write(trial)
  }

  /// Behind the last good line: what stood there was cut off by a kill.
  private mutating func write(_ value: some Encodable) throws(TrainingFault) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let json = try? encoder.encode(value) else {
      throw TrainingFault(.numbersFailed, "\(path): a result of the search is not a finite number.")
    }
    let digits = String(CRC32C.of(Array(json)), radix: 16)
    let line =
      Array((String(repeating: "0", count: 8 - digits.count) + digits + " ").utf8) + Array(json) + [10]
    let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
    if file < 0 { throw Self.fault(path) }
    defer { close(file) }
    guard ftruncate(file, off_t(goodBytes)) == 0 else { throw Self.fault(path) }
    let written = line.withUnsafeBytes { pwrite(file, $0.baseAddress, $0.count, off_t(goodBytes)) }
    guard written == line.count, fsync(file) == 0 else { throw Self.fault(path) }
    goodBytes += line.count
  }

  private static func fault(_ path: String) -> TrainingFault {
    TrainingFault(
      .generationUnwritable,
      "\(path): \(String(cString: strerror(errno))); check the disk and the owner of the directory.")
  }

  /// Forgets the search; its findings are kept elsewhere by now.
  func remove() { unlink(path) }
}

extension Interactions {
  /// A checksum of the events' columns; equal data, equal checksum. O(events).
  var checksum: UInt32 {
    func add(_ values: [some BitwiseCopyable], _ sum: UInt32) -> UInt32 {
      values.withUnsafeBytes { CRC32C.of($0, continuing: sum) }
    }
    var sum = add(eventStart, 0)
    sum = add(eventItem, sum)
    sum = add(eventTime, sum)
    sum = add(eventWeight, sum)
    return add(eventSession, sum)
  }
}
