import Importing
import Testing

@Suite struct ColumnMapTests {
  private func targets(
    _ kind: ImportKind, _ header: [String], _ overrides: [(column: String, field: String)] = [],
    fixedTime: Bool = false
  ) throws(ImportFault) -> [ImportField] {
    try ColumnMap(kind: kind, overrides: overrides).targets(of: header, hasFixedTime: fixedTime).map(\.field)
  }

  private func message(_ body: () throws(ImportFault) -> [ImportField]) -> String? {
    do throws(ImportFault) {
      _ = try body()
      return nil
    } catch {
      return error.message
    }
  }

  @Test func knowsCommonNames() throws {
    #expect(try targets(.events, ["user", "item", "timestamp", "qty"]) == [.user, .item, .time, .value])
    #expect(
      try targets(.events, ["User ID", "productId", "event_type", "Created At", "country"])
        == [.user, .item, .type, .time, .ignore])
    #expect(try targets(.items, ["item", "title", "price", "colour"]) == [.id, .title, .price, .attribute])
    #expect(try targets(.users, ["user", "country"]) == [.id, .attribute])
  }

  @Test func mapsAsTold() throws {
    #expect(
      try targets(.events, ["who", "item", "when", "user"], [("who", "user"), ("when", "time")])
        == [.user, .item, .time, .ignore])
    #expect(
      try targets(.items, ["sku", "name", "colour"], [("colour", "ignore")]) == [.id, .title, .ignore])
  }

  @Test func saysWhatIsWrong() {
    #expect(
      message { () throws(ImportFault) in try targets(.events, ["a", "b"]) }?.contains("--map COLUMN=user")
        == true)
    #expect(
      message { () throws(ImportFault) in try targets(.events, ["user", "item"]) }?.contains("--time") == true
    )
    #expect(
      message { () throws(ImportFault) in try targets(.events, ["user", "item"], fixedTime: true) } == nil)
    #expect(
      message { () throws(ImportFault) in try targets(.events, ["user", "customer", "item", "time"]) }?
        .contains("both mean user") == true)
    #expect(
      message { () throws(ImportFault) in try targets(.users, ["user"], [("usr", "id")]) }?.contains(
        "\"usr\"") == true)
    #expect(
      message { () throws(ImportFault) in try targets(.users, ["user"], [("user", "price")]) }?.contains(
        "price") == true)
  }

  @Test func suffixesTypeAttributes() throws {
    let map = try ColumnMap(kind: .items, overrides: [])
    let target = map.target(of: "weight:number")
    #expect(target.attribute == "weight")
    #expect(target.attributeType == .number)
    #expect(map.target(of: "ratio 1:2").attribute == "ratio 1:2")
  }
}
