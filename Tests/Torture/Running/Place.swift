import Foundation

/// One data directory, the journals beside it, and what they have seen.
final class Place {
  let data: String
  let disk: TemporaryDisk?
  let writers: [Writer]
  let catalogue: Catalogue
  let output: String
  let log: String
  /// First event of each writer that no finished inspection has seen.
  var inspected: [Int]
  var rounds = 0
  /// Whether the process before this one ended by a kill.
  var wasKilled = false
  /// How many days the clock was put ahead so far.
  var days = 0
  private let path: String

  static let writers = 3

  init(path: String, disk: TemporaryDisk?, seed: UInt64) throws {
    self.path = path
    self.disk = disk
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    data = (disk?.path ?? path) + "/data"
    output = path + "/magpied.out"
    log = path + "/magpied.err"
    writers = try (0..<Self.writers).map {
      Writer(Script(seed: seed, writer: $0), journal: try Journal(path + "/journal-\($0)"))
    }
    catalogue = Catalogue(seed: seed, journal: try Journal(path + "/journal-items"))
    inspected = [Int](repeating: 0, count: Self.writers)
  }

  /// The last lines the daemon wrote.
  var lastWords: String {
    let text = String(decoding: FileManager.default.contents(atPath: log) ?? Data(), as: UTF8.self)
    return text.split(separator: "\n").suffix(5).joined(separator: "\n")
  }

  /// How many trainers the daemon has seen killed.
  var trainerDeaths: Int {
    let text = String(decoding: FileManager.default.contents(atPath: log) ?? Data(), as: UTF8.self)
    return text.components(separatedBy: "The trainer was killed by signal \(SIGKILL)").count - 1
  }

  /// Where it answers, once it does.
  var port: Int? {
    let text = String(decoding: FileManager.default.contents(atPath: output) ?? Data(), as: UTF8.self)
    let words = text.split(whereSeparator: \.isWhitespace)
    return words.count == 3 && words[0] == "ready" ? Int(words[2]) : nil
  }

  func remove() { try? FileManager.default.removeItem(atPath: path) }
}
