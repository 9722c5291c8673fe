import Ingestion
import Testing
import Vocabulary

struct ItemValidationTests {
  private func check(
    _ reason: FaultReason?, field: String = "", says words: String = "",
    sourceLocation: SourceLocation = #_sourceLocation, _ change: (inout ItemDraft) -> Void
  ) {
    var draft = ItemDraft()
    draft.id = Array("i".utf8)
    change(&draft)
    do {
      _ = try Item(checking: draft)
      #expect(reason == nil, sourceLocation: sourceLocation)
    } catch {
      #expect(error.reason == reason, "\(error)", sourceLocation: sourceLocation)
      #expect(error.field == field, sourceLocation: sourceLocation)
      #expect(
        words.isEmpty || error.message.contains(words), "\(error.message)", sourceLocation: sourceLocation)
    }
  }

  private func letters(_ count: Int) -> [UInt8] { [UInt8](repeating: 97, count: count) }

  @Test func aGoodDraftKeepsEverything() throws {
    var draft = ItemDraft()
    draft.id = [1]
    draft.title = Array("Tasse ☕".utf8)
    draft.text = Array("Rot.".utf8)
    draft.categories = [Array("home".utf8), Array("cups".utf8)]
    draft.price = 2.55
    draft.currency = Array("EUR".utf8)
    draft.isHidden = true
    draft.stock = 0
    draft.created = -1_000_000
    draft.availableFrom = 1_700_000_000_000_000
    draft.availableUntil = 1_800_000_000_000_000
    draft.location = GeoPoint(latitude: -90, longitude: 180)
    draft.owner = [2]
    draft.attributes = [
      AttributeDraft(name: [97], value: .text(Array("x".utf8))),
      AttributeDraft(name: [98], value: .number(-1)),
      AttributeDraft(name: [99], value: .flag(true)),
      AttributeDraft(name: [100], value: .texts([Array("y".utf8), []])),
    ]
    draft.vectors = [VectorDraft(name: [118], values: [1, -2])]
    draft.members = [[3], [4]]
    let item = try Item(checking: draft)
    #expect(item.title == "Tasse ☕")
    #expect(item.text == "Rot.")
    #expect(item.categories == ["home", "cups"])
    #expect(item.price == 2.55)
    #expect(item.currency == "EUR")
    #expect(item.isHidden)
    #expect(item.stock == 0)
    #expect(item.created?.microseconds == -1_000_000)
    #expect(item.availableFrom?.seconds == 1_700_000_000)
    #expect(item.availableUntil?.seconds == 1_800_000_000)
    #expect(item.location == GeoPoint(latitude: -90, longitude: 180))
    #expect(item.owner?.bytes == [2])
    #expect(
      item.attributes == ["a": .text("x"), "b": .number(-1), "c": .flag(true), "d": .texts(["y", ""])])
    #expect(item.vectors == [NamedVector(name: "v", values: [1, -2])])
    #expect(item.members.map(\.bytes) == [[3], [4]])
  }

  @Test func identifiersAndTexts() {
    check(.idEmpty, field: "id") { $0.id = [] }
    check(.idTooLong, field: "id") { $0.id = letters(257) }
    check(.idContainsNul, field: "id") { $0.id = [97, 0] }
    check(.textInvalid, field: "title") { $0.title = [0xff] }
    check(.textInvalid, field: "title") { $0.title = [97, 0] }
    check(.textTooLong, field: "title") { $0.title = letters(1025) }
    check(.textInvalid, field: "text") { $0.text = [0xed, 0xa0, 0x80] }
    check(.textTooLong, field: "text") { $0.text = letters(16 * 1024 + 1) }
    check(.idContainsNul, field: "owner") { $0.owner = [0] }
    check(.tooMany, field: "categories") { $0.categories = (0..<65).map { Array("c\($0)".utf8) } }
    check(.missingField, field: "categories") { $0.categories = [[]] }
    check(.duplicateName, field: "categories") { $0.categories = [[97], [97]] }
    check(.textInvalid, field: "currency") { $0.currency = Array("eur".utf8) }
    check(.textInvalid, field: "currency") { $0.currency = Array("EURO".utf8) }
  }

  @Test func numbers() {
    check(.nonFinite, field: "price") { $0.price = .nan }
    check(.outOfRange, field: "price") { $0.price = -0.01 }
    check(.nonFinite, field: "stock") { $0.stock = .infinity }
    check(.outOfRange, field: "stock", says: "sold out") { $0.stock = -1 }
    check(.outOfRange, field: "location.latitude") { $0.location = GeoPoint(latitude: 90.1, longitude: 0) }
    check(.outOfRange, field: "location.longitude") { $0.location = GeoPoint(latitude: 0, longitude: -181) }
    check(.nonFinite, field: "location.latitude") { $0.location = GeoPoint(latitude: .nan, longitude: 0) }
  }

  @Test func times() {
    check(.outOfRange, field: "created", says: "looks like seconds") { $0.created = 1_700_000_000 }
    check(.outOfRange, field: "available_from", says: "looks like milliseconds") {
      $0.availableFrom = 1_700_000_000_000
    }
    check(.outOfRange, field: "available_until") { $0.availableUntil = .max }
    check(.outOfRange, field: "created") { $0.created = .min }
    check(.outOfRange, field: "available_until", says: "never be shown") {
      $0.availableFrom = 1_700_000_000_000_000
      $0.availableUntil = 1_700_000_000_000_000
    }
  }

  @Test func attributesAndVectors() {
    func attribute(_ name: [UInt8], _ value: AttributeDraft.Value) -> AttributeDraft {
      AttributeDraft(name: name, value: value)
    }
    check(.tooMany, field: "attributes") { draft in
      draft.attributes = (0..<65).map { attribute(Array("a\($0)".utf8), .flag(true)) }
    }
    check(.duplicateName, field: "attributes.name", says: "a is given twice") {
      $0.attributes = [attribute([97], .flag(true)), attribute([97], .number(1))]
    }
    check(.missingField, field: "attributes.name") { $0.attributes = [attribute([], .flag(true))] }
    check(.missingField, field: "attributes.value") { $0.attributes = [attribute([97], .missing)] }
    check(.textInvalid, field: "attributes.name") { $0.attributes = [attribute([0xff], .flag(true))] }
    check(.textTooLong, field: "attributes.text") { $0.attributes = [attribute([97], .text(letters(513)))] }
    check(.nonFinite, field: "attributes.number") { $0.attributes = [attribute([97], .number(.nan))] }
    check(.tooMany, field: "attributes.texts") {
      $0.attributes = [attribute([97], .texts([[UInt8]](repeating: [97], count: 65)))]
    }
    check(.tooMany, field: "vectors") { draft in
      draft.vectors = (0..<5).map { VectorDraft(name: Array("v\($0)".utf8), values: [1]) }
    }
    check(.duplicateName, field: "vectors.name") {
      $0.vectors = [VectorDraft(name: [97], values: [1]), VectorDraft(name: [97], values: [1])]
    }
    check(.missingField, field: "vectors.values") { $0.vectors = [VectorDraft(name: [97], values: [])] }
    check(.nonFinite, field: "vectors.values") { $0.vectors = [VectorDraft(name: [97], values: [1, .nan])] }
    check(.tooMany, field: "vectors.values") {
      $0.vectors = [VectorDraft(name: [97], values: [Float](repeating: 0, count: 4097))]
    }
  }

  @Test func bundles() {
    check(.tooMany, field: "members") { $0.members = (0..<65).map { Array("m\($0)".utf8) } }
    check(.outOfRange, field: "members", says: "itself") { $0.members = [Array("i".utf8)] }
    check(.duplicateName, field: "members") { $0.members = [[1], [1]] }
    check(.idEmpty, field: "members") { $0.members = [[]] }
  }

  @Test func profilesAreCheckedTheSameWay() {
    func reason(_ change: (inout UserDraft) -> Void) -> FaultReason? {
      var draft = UserDraft()
      draft.id = [97]
      change(&draft)
      do {
        _ = try UserProfile(checking: draft)
        return nil
      } catch {
        return error.reason
      }
    }
    #expect(reason { _ in } == nil)
    #expect(reason { $0.id = [] } == .idEmpty)
    #expect(reason { $0.attributes = [AttributeDraft(name: [97], value: .number(.infinity))] } == .nonFinite)
    #expect(reason { $0.vectors = [VectorDraft(name: [], values: [1])] } == .missingField)
  }
}
