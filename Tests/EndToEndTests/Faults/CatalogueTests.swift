import FaultPoints
import Foundation
import Testing

extension EndToEnd {
  /// docs/faults.md against what there is: a catalogue that names tests nobody can run would be worth nothing.
  @Suite struct CatalogueTests {
    private static let page = Result {
      try String(contentsOfFile: Programs.repository + "/docs/faults.md", encoding: .utf8)
    }

    /// Cells of the rows of the catalogue: those that begin with a number.
    private func rows() throws -> [[String]] {
      try Self.page.get().split(separator: "\n").compactMap { line in
        let cells = line.split(separator: "|", omittingEmptySubsequences: false).map {
          $0.trimmingCharacters(in: .whitespaces)
        }
        guard cells.count > 4, Int(cells[1]) != nil else { return nil }
        return Array(cells.dropFirst().dropLast())
      }
    }

    @Test("The catalogue has its 52 rows, each with what is expected, how to run it and what came of it")
    func complete() throws {
      let rows = try rows()
      #expect(rows.map { Int($0[0]) } == Array(1...52))
      for row in rows {
        #expect(row.count == 5, "row \(row[0])")
        #expect(row.allSatisfy { !$0.isEmpty }, "row \(row[0])")
      }
    }

    @Test("Every test and every script that the page names exists")
    func names() throws {
      var declared = Set<String>()
      let tests = Programs.repository + "/Tests"
      for path in try FileManager.default.subpathsOfDirectory(atPath: tests) where path.hasSuffix(".swift") {
        let text = try String(contentsOfFile: tests + "/" + path, encoding: .utf8)
        for word in ["func", "struct", "class", "enum"] {
          for match in text.matches(
            of: try Regex("\\b\(word) ([A-Za-z0-9_]+)", as: (Substring, Substring).self))
          {
            declared.insert(String(match.output.1))
          }
        }
        // A target is named by its directory.
        declared.insert(String(path.prefix { $0 != "/" }))
      }
      for row in try rows() {
        let quoted = row[3].matches(of: /`([^`]+)`/).map { String($0.output.1) }
        #expect(
          !quoted.isEmpty || row[4].hasPrefix("not "), "row \(row[0]) names neither a test nor a reason")
        for name in quoted {
          if name.hasPrefix("script/") {
            let script = Programs.repository + "/" + name.prefix { $0 != " " }
            #expect(FileManager.default.isExecutableFile(atPath: script), "row \(row[0]): \(name)")
          } else {
            #expect(declared.contains(name), "row \(row[0]): there is no test \(name)")
          }
        }
      }
    }

    @Test("The page lists every fault point, and none besides")
    func points() throws {
      let text = try Self.page.get()
      let section = try #require(text.components(separatedBy: "\n## ").first { $0.hasPrefix("Fault points") })
      let named = Set(section.matches(of: /`([a-z]+\.[a-z-]+)`/).map { String($0.output.1) })
      #expect(named == Set(FaultPoint.allCases.map(\.rawValue)))
    }
  }
}
