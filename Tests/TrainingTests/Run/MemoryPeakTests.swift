import Foundation
import Storage
import Testing
import Training
import Vocabulary

/// What a run takes in truth stays below what it stated: the program, run as the daemon runs it.
@Suite struct MemoryPeakTests {
  private static var program: String {
    let executable = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return (executable as NSString).deletingLastPathComponent + "/magpie-train"
  }

  /// The largest resident size of a run of `magpie-train`, bytes.
  private func peak(_ arguments: [String]) throws -> UInt64 {
    var words = ([Self.program] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var process = pid_t(0)
    try #require(posix_spawn(&process, Self.program, nil, nil, &words, environ) == 0, "\(Self.program)")
    var status: Int32 = 0
    var most: UInt64 = 0
    // The kernel's own high-water mark of the process; it only grows, so asking often enough sees its end.
    while waitpid(process, &status, WNOHANG) == 0 {
      let text = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
      for line in text.split(separator: "\n") where line.hasPrefix("VmHWM:") {
        let kibibytes = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first
        most = max(most, (kibibytes.flatMap { UInt64($0) } ?? 0) * 1024)
      }
      usleep(3000)
    }
    #expect(status == 0, "\(arguments)")
    return most
  }

  private func withLog(_ rows: [Row], _ body: (String) throws -> Void) throws {
    let path = NSTemporaryDirectory() + "magpie-peak-" + UUID().uuidString
    try DataDirectory.initialize(at: path)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let directory = try DataDirectory.open(at: path)
    let log = try EventLog.open(directory)
    var entries = try rows.enumerated().map { number, row in
      LogEntry(
        tenant: .default,
        change: .event(
          Event(
            id: try EventIdentifier("e\(number)"), type: row.type, user: try UserIdentifier(row.user),
            item: try ItemIdentifier(row.item),
            time: Timestamp(microseconds: (Sample.origin + row.seconds) * 1_000_000))))
    }[...]
    while !entries.isEmpty {
      _ = try log.append(
        Array(entries.prefix(5000)), ingestTime: Timestamp(microseconds: 1_700_000_000_000_000))
      entries = entries.dropFirst(5000)
    }
    try log.synchronize()
    log.close()
    directory.close()
    try body(path)
  }

  /// Without the program's own share, which is measured by a run on next to nothing.
  @Test(arguments: [false, true]) func staysBelowTheFormula(isWithoutEase: Bool) throws {
    let small = Sample.random(seed: 150, events: 200)
    let rows = Sample.random(seed: 151, users: 4000, items: 3000, events: 40_000)
    var settings = TrainingSettings()
    settings.factors = 32
    settings.iterations = 2
    settings.holdOutShare = 0
    settings.linear = !isWithoutEase
    func flags(_ path: String, _ count: Int) -> [String] {
      [
        "--data", path, "--generation", "1", "--through", "\(count)", "--factors", "32", "--iterations", "2",
        "--hold-out", "0", "--progress", "none", "--linear", settings.linear ? "auto" : "off",
      ]
    }
    var (base, most): (UInt64, UInt64) = (0, 0)
    try withLog(small) { base = try peak(flags($0, small.count)) }
    try withLog(rows) { most = try peak(flags($0, rows.count)) }
    let plan = FamilyPlan(try Sample.interactions(rows, shards: settings.shards), settings: settings)
    #expect(plan.linear == (isWithoutEase ? nil : .ease))
    #expect(base > 0 && most > base)
    #expect(
      most - base <= plan.bytes - MemoryFormula.overhead, "peak \(most), base \(base), stated \(plan.bytes)")
  }
}
