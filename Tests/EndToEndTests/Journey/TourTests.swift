import Foundation
import Testing

extension EndToEnd {
  /// docs/recommend.md as a reader runs it.
  @Suite struct TourTests {
    /// One block of commands, and what the page says it prints.
    struct Example {
      var commands: String
      var expected: [String] = []
    }

    /// The page's first configuration, and its examples in order.
    static func page() throws -> (configuration: String, examples: [Example]) {
      let text = try String(contentsOfFile: Programs.repository + "/docs/recommend.md", encoding: .utf8)
      var configuration = ""
      var examples: [Example] = []
      var kind: Substring?
      var lines: [String] = []
      for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
        guard line.hasPrefix("```") else {
          if kind != nil { lines.append(String(line)) }
          continue
        }
        switch kind {
        case nil:
          kind = line.dropFirst(3)
          lines = []
          continue
        case "sh": examples.append(Example(commands: lines.joined(separator: "\n")))
        case "text": examples[examples.count - 1].expected = lines
        case "yaml": if configuration.isEmpty { configuration = lines.joined(separator: "\n") + "\n" }
        default: break
        }
        kind = nil
      }
      return (configuration, examples)
    }

    /// Whether some line of the output has the parts between the dots, in order and, where there are no dots, its ends.
    static func holds(_ output: String, _ expected: String) -> Bool {
      let parts = expected.components(separatedBy: "…")
      return output.split(separator: "\n").contains { line in
        var rest = line[...]
        for (place, part) in parts.enumerated() where !part.isEmpty {
          if place == 0 {
            guard rest.hasPrefix(part) else { return false }
            rest = rest.dropFirst(part.count)
          } else if place == parts.count - 1 {
            guard rest.hasSuffix(part) else { return false }
          } else {
            guard let found = rest.range(of: part) else { return false }
            rest = rest[found.upperBound...]
          }
        }
        return parts.count > 1 || line == expected
      }
    }

    @Test("Every command of docs/recommend.md works, and prints what the page says")
    func everyExample() async throws {
      try await onThread {
        let (configuration, examples) = try Self.page()
        #expect(examples.count > 10)
        let workplace = try Workplace()
        try Self.sample(in: workplace)
        let daemon = try Daemon(in: workplace)
        daemon.arguments = ["--config", try workplace.write(configuration, to: "shop.yaml")]
        try daemon.start()
        // One shell for all, because later examples use what earlier ones found.
        var script =
          "cd '\(workplace.path)'\nexport PATH='\(Programs.directory)':$PATH MAGPIE_PORT=\(daemon.port)\nset -eo pipefail\n"
        for (number, example) in examples.enumerated() {
          script += "echo '=== \(number)'\n" + example.commands + "\n"
        }
        let file = try workplace.write(script, to: "tour.sh")
        let process = try ChildProcess(
          "/bin/bash", ["-c", "exec bash '\(file)' 2>&1"], output: workplace.file("tour.out"),
          errors: workplace.file("tour.err"))
        let ending = process.wait(seconds: 400)
        let output = workplace.read("tour.out")
        #expect(ending == .exit(0), "\(output.suffix(2_000)) \(workplace.read("tour.err"))")
        for (number, example) in examples.enumerated() {
          let printed =
            output.components(separatedBy: "=== \(number)\n").dropFirst().first?
            .components(separatedBy: "\n=== ").first ?? ""
          for line in example.expected {
            #expect(Self.holds(printed, line), "“\(line)” after:\n\(example.commands)\nin:\n\(printed)")
          }
        }
        // The exposure log holds lists, each line complete.
        let directory = daemon.data + "/exposures"
        let files = try FileManager.default.contentsOfDirectory(atPath: directory)
        let lines = try files.flatMap {
          try String(contentsOfFile: directory + "/" + $0, encoding: .utf8).split(separator: "\n")
        }
        #expect(lines.count > 5)
        #expect(lines.allSatisfy { (try? JSONSerialization.jsonObject(with: Data($0.utf8))) != nil })
        #expect(try daemon.stop() == .exit(0))
      }
    }

    @Test("The comparison of the tour can fail")
    func comparison() {
      #expect(Self.holds("a\nplace 1 of 2, score 0.5\n", "place 1 of 2, score …"))
      #expect(Self.holds("xx place 1 yy\n", "…place 1…"))
      #expect(!Self.holds("xx place 1 yy\n", "place 1…"))
      #expect(!Self.holds("true story\n", "true"))
      #expect(!Self.holds("false\n", "true"))
      #expect(!Self.holds("b a\n", "…a…b…"))
    }

    /// A part of the sample that trains in seconds, where the page's paths lead.
    private static func sample(in workplace: Workplace) throws {
      let source = Programs.repository + "/docs/sample/online-retail/"
      let target = workplace.file("docs/sample/online-retail")
      try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
      func lines(_ name: String) throws -> [Substring] {
        try String(contentsOfFile: source + name, encoding: .utf8).split(separator: "\n")
      }
      let users = Array(try lines("users.csv").prefix(121))
      let names = Set(users.dropFirst().map { $0.prefix { $0 != "," } })
      let events = try lines("events.csv")
      let kept = events.prefix(1) + events.dropFirst().filter { names.contains($0.prefix { $0 != "," }) }
      for (name, text) in [
        ("items.csv", try lines("items.csv")), ("users.csv", users), ("events.csv", Array(kept)),
      ] {
        try workplace.write(
          text.joined(separator: "\n") + "\n", to: "docs/sample/online-retail/" + name)
      }
    }
  }
}
