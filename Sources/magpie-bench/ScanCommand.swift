import ArgumentParser
import Glibc
import Kernels

/// Exact top-k by reading all rows, in floats and in 8 bits, and reading the same bytes alone.
///
/// Lines: `floats`, `codes` scan; `read-floats`, `read-codes` run glibc's memchr over as many bytes for one that does not
/// occur: the quickest reader at hand that is not ours. Each answers with bytes read and seconds taken.
struct ScanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scan", abstract: "Top-k over whole tables against reading the bytes alone.")

  @Option(help: "Rows.") var rows = 100_000
  @Option(help: "Columns.") var width = 64
  @Option(help: "How many of the best.") var k = 100
  @Option(help: "Scans of a run.") var repeats = 200
  @Option(help: "Seed of the table.") var seed: UInt64 = 1

  func run() throws {
    guard rows > 0, width > 0, k > 0, repeats > 0 else { throw BenchFailure("all sizes are at least 1") }
    // Sums of uniform numbers: near enough to normal ones.
    var state = seed
    let table = UnsafeMutableBufferPointer(aligned: rows * width)
    let vector = UnsafeMutableBufferPointer(aligned: width)
    defer {
      table.deallocate()
      vector.deallocate()
    }
    for part in [table, vector] { for place in part.indices { part[place] = Self.next(&state) } }
    let floats = UnsafeBufferPointer(table)
    let codes = QuantisedRows(floats, width: width)
    let scan = RowScan(rows: rows, width: width)
    let selection = TopSelection(capacity: k)
    let scores = UnsafeMutableBufferPointer(aligned: Self.block)
    defer { scores.deallocate() }
    // Codes, and the scale of each row.
    let codeBytes = rows * ((width + 3) / 4 * 4 + 4)
    let plain = UnsafeMutableRawBufferPointer.allocate(byteCount: rows * width * 4, alignment: 64)
    plain.initializeMemory(as: UInt8.self, repeating: 1)
    defer { plain.deallocate() }

    Session.say(JSONLine())
    try Session.run { words in
      let bytes: Int
      let time: (seconds: Double, processor: Double)
      switch words[0] {
      case "floats":
        bytes = rows * width * 4
        time = Session.time {
          for _ in 0..<repeats { scanFloats(floats, UnsafeBufferPointer(vector), scores, selection) }
        }
      case "codes":
        bytes = codeBytes
        time = Session.time {
          for _ in 0..<repeats { _ = scan.best(k, of: codes, table: floats, UnsafeBufferPointer(vector)) }
        }
      case "read-floats", "read-codes":
        bytes = words[0] == "read-codes" ? codeBytes : rows * width * 4
        var found = 0
        time = Session.time {
          for _ in 0..<repeats {
            if let start = plain.baseAddress, memchr(start, 0, bytes) != nil { found += 1 }
          }
        }
        if found > 0 { throw BenchFailure("memory that was written reads differently") }
      default: throw BenchFailure("no such measurement: \(words[0])")
      }
      var line = JSONLine()
      line.add("gigabytes_per_second", Double(bytes) * Double(repeats) / time.seconds / 1e9)
      line.add("microseconds", time.seconds / Double(repeats) * 1e6)
      line.add("scored_in_floats", words[0] == "codes" ? scan.scored : 0)
      return line
    }
  }

  /// Scores stay in the first cache between being written and being looked at.
  private static let block = 1024

  private func scanFloats(
    _ table: UnsafeBufferPointer<Float>, _ vector: UnsafeBufferPointer<Float>,
    _ scores: UnsafeMutableBufferPointer<Float>, _ selection: TopSelection
  ) {
    selection.start(keeping: min(k, rows))
    for first in stride(from: 0, to: rows, by: Self.block) {
      let count = min(Self.block, rows - first)
      let part = UnsafeMutableBufferPointer(rebasing: scores[..<count])
      Scoring.scoreRows(
        UnsafeBufferPointer(rebasing: table[first * width..<(first + count) * width]), vector, into: part)
      selection.offer(UnsafeBufferPointer(part), firstIndex: UInt32(truncatingIfNeeded: first))
    }
    _ = selection.finish()
  }

  private static func next(_ state: inout UInt64) -> Float {
    var sum: Float = 0
    for _ in 0..<4 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      sum += Float(state >> 40) * 0x1p-23 - 1
    }
    return sum
  }
}

extension UnsafeMutableBufferPointer<Float> {
  /// Zeros, on cache lines; free with `deallocate`.
  fileprivate init(aligned count: Int) {
    self = UnsafeMutableRawBufferPointer.allocate(byteCount: Swift.max(1, count) * 4, alignment: 64)
      .bindMemory(to: Float.self)
    initialize(repeating: 0)
  }
}
