import ArgumentParser
import Kernels
import Vocabulary

/// Finds the best rows by inner product as the read path does, on one thread.
///
/// Lines: `run` answers every query; `filtered` the same among the allowed rows; `save FILE` writes the rows of the last
/// answers, k for each query.
struct IndexCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "index", abstract: "The best rows of a table by inner product, queries one after the other.")

  @Option(help: "The table: 32-bit floats, row by row.") var rows: String
  @Option(help: "The queries, likewise.") var queries: String
  @Option(help: "A bit for each row, sixteen in a word: what `filtered` may take.") var allowed: String?
  @Option(help: "Columns.") var width = 64
  @Option(help: "How many of the best.") var k = 100
  @Option(help: "Rows from which on they are put into clusters, as a generation's are.")
  var clusteredFrom = Limits.clusteredRowsMin
  @Option(help: "How far clusters reach, in standard deviations; without it, as usual.") var reach: Float?

  func run() throws {
    let table = try RawFiles.read(rows, of: Float.self, zero: 0)
    let asked = try RawFiles.read(queries, of: Float.self, zero: 0)
    let bits = try allowed.map { try RawFiles.read($0, of: UInt16.self, zero: 0) }
    guard width > 0, !table.isEmpty, table.count % width == 0, asked.count % width == 0 else {
      throw BenchFailure("\(rows) and \(queries) are no tables of \(width) columns")
    }
    let count = table.count / width
    if let bits, bits.count * 16 < count { throw BenchFailure("too few bits for \(count) rows") }
    var codes: QuantisedRows?
    let built = Session.time {
      table.withUnsafeBufferPointer { table in
        let clusters = count >= clusteredFrom ? RowClusters(table, width: width) : nil
        codes = QuantisedRows(table, width: width, clusters: clusters)
      }
    }
    guard let codes else { return }
    let scan = RowScan(rows: count, width: width, reach: reach)
    var answers: [UInt32] = []
    answers.reserveCapacity(asked.count / width * k)

    var ready = JSONLine()
    ready.add("rows", count)
    ready.add("instructions", InstructionSet.chosen.rawValue)
    ready.add("build_seconds", built.seconds)
    ready.add("clusters", codes.clusters?.count ?? 0)
    let clusterBytes = codes.clusters == nil ? 0 : RowClusters.bytesPerRow(width: width, rows: count)
    ready.add("bytes_per_row", Double(QuantisedRows.bytesPerRow(width: width) + 4 * width) + clusterBytes)
    Session.say(ready)

    try Session.run { words in
      var line = JSONLine()
      switch words[0] {
      case "run", "filtered":
        let filter = words[0] == "filtered" ? bits : nil
        answers.removeAll(keepingCapacity: true)
        var (scored, read) = (0, 0)
        let (seconds, processor) = Session.time {
          table.withUnsafeBufferPointer { table in
            asked.withUnsafeBufferPointer { asked in
              for query in 0..<asked.count / width {
                let vector = UnsafeBufferPointer(rebasing: asked[query * width..<(query + 1) * width])
                answers += best(vector, codes, table, scan, filter)
                scored += scan.scored
                read += scan.read
              }
            }
          }
        }
        line.add("seconds", seconds)
        line.add("processor_seconds", processor)
        line.add("queries", asked.count / width)
        line.add("scored_in_floats", scored)
        line.add("read", read)
      case "save" where words.count == 2: try RawFiles.write([answers], to: words[1])
      default: throw BenchFailure("no such measurement: \(words[0])")
      }
      return line
    }
  }

  private func best(
    _ vector: UnsafeBufferPointer<Float>, _ codes: QuantisedRows, _ table: UnsafeBufferPointer<Float>,
    _ scan: RowScan, _ filter: [UInt16]?
  ) -> UnsafeBufferPointer<UInt32> {
    guard let filter else { return scan.best(k, of: codes, table: table, vector).rows }
    return filter.withUnsafeBufferPointer { scan.best(k, of: codes, table: table, vector, allowed: $0).rows }
  }
}
