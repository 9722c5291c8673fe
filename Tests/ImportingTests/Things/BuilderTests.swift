import Importing
import MagpieClient
import Reading
import Testing

@Suite struct BuilderTests {
  private func csv(_ kind: ImportKind, _ header: [String], _ cells: [String]) throws -> Row {
    let targets = try ColumnMap(kind: kind, overrides: []).targets(of: header, hasFixedTime: true)
    return try Row(CSVRecord(line: 2, cells: cells), targets: targets)
  }

  private func json(_ kind: ImportKind, _ text: String) throws -> Row {
    let fields = try Array(text.utf8).withUnsafeBufferPointer { try JSONParser.object($0).get() }
    return try Row(JSONLine(line: 1, fields: fields ?? []), map: ColumnMap(kind: kind, overrides: []))
  }

  private func builder() -> EventBuilder {
    EventBuilder(defaultType: .purchase, fixedTime: nil, times: TimeReader())
  }

  private func reason(_ body: () throws(Problem) -> Void) -> String? {
    do throws(Problem) {
      try body()
      return nil
    } catch {
      return error.reason
    }
  }

  @Test func theSameEventHasTheSameIdentifierInEveryFormat() throws {
    var first = builder()
    var second = builder()
    let fromCSV = try first.event(
      csv(.events, ["user", "item", "timestamp", "qty"], ["17372", "21088", "1302439980", "10"]))
    let fromJSON = try second.event(
      json(.events, #"{"time":"2011-04-10T12:53:00Z","user":17372,"item":"21088","qty":10.0,"type":"buy"}"#))
    #expect(fromCSV == fromJSON)
    // Frozen: a changed identifier would count events of earlier imports twice.
    #expect(fromCSV.id == "4bb68eeff1f197d455b23b991aec28b1")
  }

  @Test func equalRowsAreDifferentEventsAndComeOutTheSameAgain() throws {
    let row = try csv(.events, ["user", "item", "time"], ["u", "i", "1302439980"])
    var first = builder()
    var second = builder()
    let ids = try (0..<3).map { _ in try first.event(row).id }
    #expect(Set(ids).count == 3)
    #expect(try (0..<3).map { _ in try second.event(row).id } == ids)
  }

  @Test func anIdentifierOfItsOwnIsKept() throws {
    var events = builder()
    #expect(
      try events.event(csv(.events, ["event_id", "user", "item", "time"], ["e-1", "u", "i", "1302439980"])).id
        == "e-1")
  }

  @Test func eventsSayWhatIsMissing() throws {
    let header = ["user", "item", "time", "type", "value"]
    func reason(_ cells: [String]) throws -> String? {
      let row = try csv(.events, header, cells)
      var events = builder()
      return self.reason { () throws(Problem) in _ = try events.event(row) }
    }
    #expect(try reason(["u", "i", "1302439980", "", ""]) == nil)
    #expect(try reason(["u", "", "1302439980", "search", ""]) == nil)
    #expect(try reason(["", "i", "1302439980", "", ""]) == "missing_field")
    #expect(try reason(["u", "", "1302439980", "", ""]) == "missing_field")
    #expect(try reason(["u", "i", "", "", ""]) == "missing_field")
    #expect(try reason(["u", "i", "1302439980", "bought it", ""]) == "event_type_unknown")
    #expect(try reason(["u", "i", "1302439980", "", "1,5"]) == "number_invalid")
    #expect(try reason(["u", "i", "1302439980", "", "nan"]) == "number_invalid")
  }

  @Test func rowsOfAnotherWidthAreRefused() {
    #expect(throws: Problem.self) { try csv(.events, ["user", "item", "time"], ["u", "i"]) }
  }

  @Test func itemsTakeTheirFieldsAndKeepTheRest() throws {
    var items = ItemBuilder(times: TimeReader())
    let item = try items.item(
      csv(
        .items,
        [
          "item", "title", "price", "category", "hidden", "stock", "lat", "lon", "colour", "weight:number",
          "tags:texts", "new:flag",
        ],
        ["1", "Plate", "0.42", "home|kitchen", "yes", "3", "52.5", "13.4", "red", "1.5", "a|b", "0"]))
    var wanted = Item(id: "1", title: "Plate", price: 0.42)
    wanted.categories = ["home", "kitchen"]
    wanted.isHidden = true
    wanted.stock = 3
    wanted.location = GeoPoint(latitude: 52.5, longitude: 13.4)
    wanted.attributes = [
      "colour": .text("red"), "weight": .number(1.5), "tags": .texts(["a", "b"]), "new": .flag(false),
    ]
    #expect(item == wanted)
  }

  @Test func jsonKeepsItsTypes() throws {
    var items = ItemBuilder(times: TimeReader())
    let item = try items.item(
      json(
        .items,
        #"{"id":1,"name":"Plate","genres":["a"],"attributes":{"n":2,"f":true,"l":["x"]},"colour":"red","gone":null}"#
      ))
    #expect(item.id == "1")
    #expect(item.categories == ["a"])
    #expect(
      item.attributes == ["n": .number(2), "f": .flag(true), "l": .texts(["x"]), "colour": .text("red")])
    #expect(throws: Problem.self) { try json(.items, #"{"id":1,"sku":2}"#) }
    let float = try json(.users, #"{"user":17372.0}"#)
    #expect(reason { () throws(Problem) in _ = try UserBuilder.user(float) } == "text_invalid")
  }
}
