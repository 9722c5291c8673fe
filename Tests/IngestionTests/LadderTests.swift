import Foundation
import Ingestion
import LiveState
import Logging
import Storage
import Testing
import Vocabulary

/// The recovery ladder: whatever happens to one file of a data directory, a start either comes back with everything, or
/// refuses with exit code 65 and names the file. docs/faults.md holds the outcomes.
struct LadderTests {
  enum Damage: CustomStringConvertible {
    case flip(Int)
    case cut(Int)
    case zero
    case delete
    /// The same bytes once more, under another name beside it.
    case duplicate(String)
    /// The file of the same name from another directory that was filled alike.
    case swap

    var description: String {
      switch self {
      case .flip(let place): "flip at byte \(place)"
      case .cut(let count): "cut to \(count) bytes"
      case .zero: "zero"
      case .delete: "delete"
      case .duplicate(let name): "duplicate as \(name)"
      case .swap: "swap"
      }
    }
  }

  /// A directory that was filled, stopped in order, and is only copied from then on.
  struct Truth {
    let root: String
    let data: String
    let events: [EventDraft]
    let positions: [UInt64]
    let contents: RecoveryTests.Contents

    static let users = (0..<40).map { "u\($0)" }

    /// - Parameter salt: tells the events of one directory from those of another; all else has the same sizes.
    init(salt: String) async throws {
      root = NSTemporaryDirectory() + "magpie-ladder-" + UUID().uuidString
      data = root + "/data"
      let rig = try Rig()
      var events: [EventDraft] = []
      var positions: [UInt64] = []
      for round in 0..<3 {
        _ = await rig.put(items: (0..<20).map { item("i\(20 * round + $0)", title: "\(salt) \(round)") })
        for batch in 0..<3 {
          let drafts = (0..<200).map { number in
            event(
              "\(salt)-\(round)-\(batch)-\(number)", user: Self.users[(7 * number + batch) % 40],
              item: "i\((13 * number + round) % 60)", type: number % 5 == 0 ? .view : .purchase)
          }
          let verdicts = await rig.ingest(drafts).batch?.verdicts ?? []
          for case .accepted(let position) in verdicts { positions.append(position.value) }
          events += drafts
          if batch == 1 { _ = await rig.seal() }
        }
        // Each opening turns LevelDB's write-ahead log into a table.
        try rig.restart(.stop)
      }
      contents = try RecoveryTests.Contents(of: rig.tenant(), users: Self.users)
      self.events = events
      self.positions = positions
      rig.ingestor.stop()
      rig.directory.close()
      try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
      // The rig removes its directory when it goes.
      try withExtendedLifetime(rig) { try FileManager.default.copyItem(atPath: rig.root, toPath: data) }
    }

    func files() throws -> [String] {
      let found = try FileManager.default.subpathsOfDirectory(atPath: data)
      return found.filter {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: data + "/" + $0, isDirectory: &isDirectory)
          && !isDirectory.boolValue
      }.sorted()
    }
  }

  enum Outcome: Equatable {
    case recovered
    case refused
  }

  @Test func everyFileAndEveryDamage() async throws {
    let truth = try await Truth(salt: "aa")
    let other = try await Truth(salt: "bb")
    defer {
      try? FileManager.default.removeItem(atPath: truth.root)
      try? FileManager.default.removeItem(atPath: other.root)
    }
    #expect(truth.positions.count == truth.events.count)
    var outcomes: [String: [Outcome: Int]] = [:]
    for file in try truth.files() {
      for damage in try Self.damages(to: file, of: truth, other) {
        let outcome = try await Self.attempt(damage, file, truth, other)
        outcomes[Self.family(file), default: [:]][outcome, default: 0] += 1
      }
    }
    for (family, counts) in outcomes.sorted(by: { $0.key < $1.key }) {
      print("ladder: \(family): \(counts[.recovered] ?? 0) recovered, \(counts[.refused] ?? 0) refused")
    }
    // The state is derived: whatever happens to it alone is made good. The log and the superblock are not.
    #expect(outcomes["state/"]?[.refused] == nil)
    #expect((outcomes["state/"]?[.recovered] ?? 0) > 40)
    #expect((outcomes["log/"]?[.refused] ?? 0) > 10)
    #expect(outcomes["daemon.lock"]?[.refused] == nil)
    #expect((outcomes["superblock"]?[.recovered] ?? 0) > 0 && (outcomes["superblock"]?[.refused] ?? 0) > 0)
  }

  private static func family(_ file: String) -> String {
    file.contains("/") ? file.split(separator: "/")[0] + "/" : file
  }

  private static func damages(to file: String, of truth: Truth, _ other: Truth) throws -> [Damage] {
    let size = try Data(contentsOf: URL(filePath: truth.data + "/" + file)).count
    var damages: [Damage] = [
      .delete, .duplicate(file.split(separator: "/").last.map { "\($0).copy" } ?? "copy"),
    ]
    if file.hasSuffix(".log"), file.hasPrefix("log/") {
      damages.append(.duplicate("00000000000000009999.log"))
    } else if file.hasPrefix("state/"), file.hasSuffix(".ldb") || file.hasSuffix(".log") {
      damages.append(.duplicate("000999." + file.suffix(3)))
    }
    if size > 0 {
      damages += [.zero, .cut(0), .cut(size / 2), .cut(size - 1)]
      damages += Set([0, 10, size / 3, size / 2, size - 20, size - 1]).filter { (0..<size).contains($0) }
        .sorted()
        .map { .flip($0) }
    }
    if FileManager.default.fileExists(atPath: other.data + "/" + file) { damages.append(.swap) }
    return damages
  }

  /// Damages a copy, starts on it, and compares.
  private static func attempt(
    _ damage: Damage, _ file: String, _ truth: Truth, _ other: Truth
  ) async throws -> Outcome {
    let work = truth.root + "/work"
    try? FileManager.default.removeItem(atPath: work)
    try FileManager.default.copyItem(atPath: truth.data, toPath: work)
    let path = work + "/" + file
    try inflict(damage, on: path, with: other.data + "/" + file)
    let about = Comment(rawValue: "\(file): \(damage)")
    var settings = Settings()
    settings.storeIntervalMilliseconds = 3_600_000
    do {
      let directory = try DataDirectory.open(at: work)
      defer { directory.close() }
      let ingestor = try Ingestor.start(directory, settings: settings, logger: Rig.quietLogger)
      defer { ingestor.stop() }
      let tenant = try #require(ingestor.live.tenant(.default))
      #expect(try RecoveryTests.Contents(of: tenant, users: Truth.users) == truth.contents, about)
      // Every event is known under its identifier, where it was.
      var shown: [String] = []
      for start in stride(from: 0, to: truth.events.count, by: 600) {
        var request = IngestEventsRequest()
        request.events = Array(truth.events[start..<min(start + 600, truth.events.count)])
        let outcome = await withCheckedContinuation { continuation in
          ingestor.ingest(request, tenant: .default) { continuation.resume(returning: $0) }
        }
        shown += outcome.shown
      }
      if shown == truth.positions.map({ "=\($0)" }) { return .recovered }
      // Damage that only a look-up meets closes the write path; the next start must make it good.
      #expect(ingestor.isFenced, about)
    } catch let fault as StorageFault {
      #expect(fault.exitCode == 65, "\(file): \(damage): \(fault)")
      #expect(fault.file.hasPrefix(work), "\(file): \(damage): \(fault)")
      #expect(fault.message.contains("Nothing was changed"), "\(file): \(damage): \(fault)")
      return .refused
    }
    let directory = try DataDirectory.open(at: work)
    defer { directory.close() }
    let again = try Ingestor.start(directory, settings: settings, logger: Rig.quietLogger)
    defer { again.stop() }
    let tenant = try #require(again.live.tenant(.default))
    #expect(try RecoveryTests.Contents(of: tenant, users: Truth.users) == truth.contents, about)
    return .recovered
  }

  private static func inflict(_ damage: Damage, on path: String, with stranger: String) throws {
    let url = URL(filePath: path)
    var bytes = [UInt8](try Data(contentsOf: url))
    switch damage {
    case .flip(let place): bytes[place] ^= 0x20
    case .cut(let count): bytes = Array(bytes[..<count])
    case .zero: bytes = [UInt8](repeating: 0, count: bytes.count)
    case .delete: return try FileManager.default.removeItem(atPath: path)
    case .duplicate(let name):
      let target = url.deletingLastPathComponent().appending(path: name)
      return try FileManager.default.copyItem(at: url, to: target)
    case .swap: bytes = [UInt8](try Data(contentsOf: URL(filePath: stranger)))
    }
    try Data(bytes).write(to: url)
  }
}
