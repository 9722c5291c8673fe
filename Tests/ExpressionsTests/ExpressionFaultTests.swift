import Expressions
import Testing
import Vocabulary

/// Every mistake is found when the expression is compiled, and points at a character.
@Suite struct ExpressionFaultTests {
  @Test(arguments: [
    ("", 1), ("   ", 1), ("item.price <", 13), ("item.price < 20 item.stock", 17), ("(item.price < 20", 17),
    ("item.price < \"ten\"", 14), ("item.categories == \"a\"", 17), ("item.price", 1), ("price < 3", 1),
    ("item.price = 3", 12), ("item.price < 3x", 15), ("item.price & 3", 12), ("\"abc", 1), ("'a\\n'", 3),
    ("item. < 3", 7), ("item < 3", 1), ("item[3] < 3", 6), ("item.a == item.b", 8), ("1 < 2 < 3", 7),
    ("item.title < \"b\"", 12), ("item.price in [\"a\"]", 16), ("\"a\" in [1]", 9),
    ("\"a\" in item.price", 8),
    ("item.tags in [\"a\", 3]", 20), ("item.categories in [\"a\"]", 17), ("nonsense(3) == 1", 1),
    ("abs() == 1", 1),
    ("abs(1, 2) == 1", 1), ("time(\"2026-13-01\") > 0", 1), ("time(\"2025-02-29\") > 0", 1),
    ("distance(item.location, point(91, 0)) < 1", 31), ("has(3)", 5), ("not", 4), ("true and", 9),
    ("item.price < 1e999", 14), ("[1, 2]", 1), ("item.location == context.location", 15),
    ("if(true, 1) == 1", 1),
    ("item.organic + 1 == 2 and true + 1", 32), ("item.used ?? false", 11), ("3 3", 3),
    ("item.price <> 3", 13),
  ])
  func pointsAt(_ source: String, _ character: Int) {
    do throws(ExpressionFault) {
      _ = try Expression(source, purpose: .filter)
      Issue.record("\(source) was taken")
    } catch {
      #expect(error.character == character, "\(source): \(error)")
      #expect(error.message.hasSuffix("."), "\(error.message)")
      let mark = "\n" + String(repeating: " ", count: character - 1) + "^"
      #expect(error.pointing(into: source).hasSuffix(mark))
    }
  }

  @Test func limits() throws {
    let nested = String(repeating: "(", count: 40) + "1" + String(repeating: ")", count: 40) + " == 1"
    let chained = (0..<400).map { "item.a == \($0)" }.joined(separator: " or ")
    let long = "item.a in [" + (0...Limits.expressionListMax).map(String.init).joined(separator: ",") + "]"
    let negations = String(repeating: "!", count: 3_000) + "true"
    let bytes = "item.a == \"" + String(repeating: "x", count: Limits.expressionBytesMax) + "\""
    for source in [nested, chained, long, negations, bytes] {
      #expect(throws: ExpressionFault.self) { try Expression(source, purpose: .filter) }
    }
    let full = "item.a in [" + (0..<Limits.expressionListMax).map(String.init).joined(separator: ",") + "]"
    _ = try Expression(full, purpose: .filter)
  }
}
