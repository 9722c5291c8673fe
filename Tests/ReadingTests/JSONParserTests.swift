import Fakes
import Foundation
import Reading
import Testing

@Suite struct JSONParserTests {
  private func parse(_ text: String) -> Result<[JSONField]?, Problem> {
    Array(text.utf8).withUnsafeBufferPointer { JSONParser.object($0) }
  }

  @Test func keepsOrderAndDigits() {
    let fields = try? parse(
      #" {"z": 12345678901234567890, "a":-1.50e+3,"t":"x\u00e9\ud834\udd1e\n","n":null,"l":[true,{}]} "#
    ).get()
    #expect(
      fields == [
        JSONField("z", .number("12345678901234567890")), JSONField("a", .number("-1.50e+3")),
        JSONField("t", .text("xé𝄞\n")), JSONField("n", .null),
        JSONField("l", .list([.flag(true), .object([])])),
      ])
    #expect((try? parse("  ").get()) == .some(nil))
  }

  @Test(arguments: [
    "[1]", "1", "{", "{}x", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{\"a\":01}", "{\"a\":1.}",
    "{\"a\":tru}",
    "{\"a\":\"\u{1}\"}", "{\"a\":\"\\ud834\"}", "{\"a\":\"\\x\"}", "{\"a\":\"open}", "{\"a\":+1}",
    "{\"a\":1 2}",
    "{\"a\":.5}", "{\"a\":-}", "{\"a\":[1,]}", "{\"a\":NaN}",
  ])
  func refuses(_ text: String) {
    guard case .failure(let problem) = parse(text) else {
      Issue.record("accepted \(text)")
      return
    }
    #expect(problem.reason == "json_invalid")
  }

  @Test func refusesNamesTwiceAndDepth() {
    guard case .failure(let twice) = parse(#"{"a":1,"a":2}"#) else {
      Issue.record("a name twice was accepted")
      return
    }
    #expect(twice.reason == "duplicate_name")
    let deep = "{\"a\":" + String(repeating: "[", count: 100_000)
    guard case .failure(let problem) = parse(deep) else {
      Issue.record("depth without end was accepted")
      return
    }
    #expect(problem.message.contains("nested"))
  }

  /// Mutated objects: we accept exactly what Foundation accepts, but for a name that occurs twice.
  @Test(arguments: 1...300 as ClosedRange<UInt64>)
  func agreesWithFoundation(seed: UInt64) {
    var generator = Seeded(seed: seed)
    var bytes = Array(#"{"a":"x\u00e9","b":[1,-2.5e3,true],"c":{"d":null},"e":0}"#.utf8)
    let spare = Array("{}[],:\"\\0123456789.eEu-tfn ".utf8)
    for _ in 0..<Int.random(in: 0...3, using: &generator) {
      let at = Int.random(in: 0..<bytes.count, using: &generator)
      switch Int.random(in: 0..<3, using: &generator) {
      case 0: bytes[at] = spare.randomElement(using: &generator) ?? 0
      case 1: bytes.remove(at: at)
      default: bytes.insert(spare.randomElement(using: &generator) ?? 0, at: at)
      }
    }
    let oracle = (try? JSONSerialization.jsonObject(with: Data(bytes))) as? [String: Any]
    let text = String(decoding: bytes, as: UTF8.self)
    switch bytes.withUnsafeBufferPointer({ JSONParser.object($0) }) {
    case .success(let fields):
      #expect(oracle != nil, "we accept \(text); seed \(seed)")
      #expect(fields?.count == oracle?.count, "\(text); seed \(seed)")
    case .failure(let problem):
      #expect(
        oracle == nil || problem.reason == "duplicate_name",
        "we refuse \(text): \(problem.message); seed \(seed)")
    }
  }
}
