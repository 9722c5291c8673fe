import Foundation
import Testing

/// A rule for whoever changes proto/: a message that contains itself, by whatever way, lets three kilobytes nest a
/// thousand deep, and unpacking is recursive.
@Suite struct SchemaTests {
  private static let directory: URL = {
    var path = URL(filePath: #filePath)
    for _ in 0..<4 { path.deleteLastPathComponent() }
    return path.appending(path: "proto/magpie/v1")
  }()

  @Test func noMessageContainsItself() throws {
    var fields: [String: Set<String>] = [:]
    let files = try FileManager.default.contentsOfDirectory(
      at: Self.directory, includingPropertiesForKeys: nil)
    for file in files where file.pathExtension == "proto" {
      var open: [String] = []
      for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
        let code = line.split(separator: "//", maxSplits: 1, omittingEmptySubsequences: false)[0]
        let words = code.split {
          !($0.isLetter || $0.isNumber || $0 == "_" || $0 == "." || $0 == "{" || $0 == "}")
        }
        if words.first == "message", words.count > 1 { fields[String(words[1]), default: []] = [] }
        if code.contains("{") { open.append(words.first == "message" ? String(words[1]) : "") }
        if words.first != "message", let message = open.last(where: { !$0.isEmpty }) {
          // Every word of a field may be its type; those that are no messages are passed over below.
          for word in words {
            fields[message, default: []].insert(String(word.split(separator: ".").last ?? ""))
          }
        }
        if code.contains("}") { open.removeLast() }
      }
    }
    #expect(fields.count > 30, "the schema was read")
    let messages = Set(fields.keys)
    for (message, words) in fields { fields[message] = words.intersection(messages) }
    // Leaves are taken away until nothing is left; what stays has a way back to itself.
    var rest = fields
    while let leaf = rest.first(where: { $0.value.allSatisfy { rest[$0] == nil } })?.key { rest[leaf] = nil }
    #expect(rest.isEmpty, "\(rest)")
  }
}
