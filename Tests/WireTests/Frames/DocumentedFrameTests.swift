import Foundation
import Testing
import Vocabulary
import Wire

/// The examples in docs/protocol.md are what the code writes.
@Suite struct DocumentedFrameTests {
  /// The bytes of the code blocks whose lines are hex, in order.
  static func examples() throws -> [[UInt8]] {
    let page = URL(filePath: #filePath).deletingLastPathComponent().appending(
      path: "../../../docs/protocol.md")
    var examples: [[UInt8]] = []
    for block in try String(contentsOf: page, encoding: .utf8).components(separatedBy: "```") {
      let lines = block.split(separator: "\n")
      // Two spaces end the bytes of a line.
      let bytes = lines.map { line in
        (line.components(separatedBy: "  ").first ?? "").split(separator: " ").map { UInt8($0, radix: 16) }
      }
      if lines.count < 8 || bytes.joined().contains(nil) { continue }
      examples.append(bytes.joined().compactMap { $0 })
    }
    return examples
  }

  @Test func examplesAreWhatTheCodeWrites() throws {
    let examples = try Self.examples()
    try #require(examples.count == 2)
    let writer = FrameWriter()
    var request = RecommendRequest()
    request.user = Array("anna".utf8)
    request.k = 3
    try writer.write(
      .recommend(request), stream: 7, timeoutMilliseconds: 250, meta: Meta(tenant: Array("shop".utf8)))
    #expect(writer.withFrame { Array($0) } == examples[0])
    var slate = Slate()
    slate.items = [SlateItem(item: try ItemIdentifier("mug"), score: 0.5)]
    slate.position = Position(42)
    writer.write(.success(.recommend(slate)), stream: 7)
    #expect(writer.withFrame { Array($0) } == examples[1])
  }
}
