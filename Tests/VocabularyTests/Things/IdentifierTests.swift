import Testing
import Vocabulary

@Suite struct IdentifierTests {
  private func reason<Kind: IdentifierKind>(_ kind: Kind.Type, _ bytes: [UInt8]) -> FaultReason? {
    do {
      _ = try Identifier<Kind>(bytes)
      return nil
    } catch {
      return error.reason
    }
  }

  @Test func refusesWhatNoIdentifierMayBe() {
    #expect(reason(UserKind.self, []) == .idEmpty)
    #expect(reason(UserKind.self, [97, 0, 98]) == .idContainsNul)
    let longest = [UInt8](repeating: 97, count: Limits.identifierBytesMax)
    #expect(reason(UserKind.self, longest) == nil)
    #expect(reason(UserKind.self, longest + [97]) == .idTooLong)
    let event = [UInt8](repeating: 97, count: Limits.eventIdentifierBytesMax)
    #expect(reason(EventKind.self, event) == nil)
    #expect(reason(EventKind.self, event + [97]) == .idTooLong)
  }

  @Test func namesTheField() {
    do {
      _ = try ItemIdentifier([], field: "exclude[3]")
      Issue.record("an empty identifier was accepted")
    } catch {
      #expect(error.field == "exclude[3]")
      #expect(error.code == .invalidArgument)
    }
  }

  @Test func comparesBytesAndNotUnicode() throws {
    // é as one scalar and as two: equal to Unicode, two users to a service.
    #expect(try UserIdentifier("caf\u{e9}") != UserIdentifier("cafe\u{301}"))
    // Bytes that are not UTF-8 are as good as any.
    #expect(try UserIdentifier([0xff, 0xfe]).bytes == [0xff, 0xfe])
  }

  @Test func checkedBytesAreCheckedOnceMore() {
    #expect(UserIdentifier(checked: []) == nil)
    #expect(UserIdentifier(checked: [0]) == nil)
    #expect(UserIdentifier(checked: [1])?.bytes == [1])
  }
}

@Suite struct NameTests {
  @Test(arguments: ["default", "shop-2", "0", "a_b-c", String(repeating: "x", count: 64)])
  func acceptsPlainNames(text: String) throws {
    #expect(try TenantName(text).text == text)
    #expect(try ScenarioName(text).text == text)
  }

  @Test(arguments: ["", "Shop", "a b", "../etc", "-x", "_x", "é", "a/b", String(repeating: "x", count: 65)])
  func refusesTheRest(text: String) {
    #expect(throws: Fault.self) { try TenantName(text) }
    #expect(throws: Fault.self) { try ScenarioName(text) }
  }
}
