import Models
import Testing
import Vocabulary

@Suite struct ContentTextTests {
  private func features(_ change: (inout Item) -> Void) throws -> [ContentText.Feature] {
    var item = Item(id: try ItemIdentifier("i"))
    change(&item)
    return ContentText.features(of: item)
  }

  @Test func wordsGiveThemselvesAndTheirRuns() throws {
    // ^tea$: the word; ^te, tea, ea$; ^tea, tea$: six features if none collide.
    let tea = try features { $0.title = "tea" }
    #expect(tea.count == 6 && tea.allSatisfy { $0.isText && $0.count == 1 })
    #expect(tea.map(\.number) == tea.map(\.number).sorted())
    #expect(try features { $0.title = "TEA, tea!" } == (try features { $0.title = "tea tea" }))
    #expect(try features { $0.text = "tea tea tea" }.allSatisfy { $0.count == 3 })
    #expect(try features { $0.title = "ÉCLAIR" } == (try features { $0.title = "éclair" }))
    #expect(try features { _ in }.isEmpty)
    #expect(try features { $0.title = " .;-- " }.isEmpty)
    #expect(
      Set(try features { $0.title = "teapot" }.map(\.number)).isDisjoint(with: tea.map(\.number)) == false)
  }

  @Test func textIsReadToItsLimit() throws {
    let long = String(repeating: "x ", count: ContentText.textScalarsMax)
    #expect(try features { $0.text = long + "tea" } == (try features { $0.text = long }))
    // A word without end, as of writing without blanks, is cut; counts stay within a byte.
    let endless = try features { $0.text = String(repeating: "茶", count: 900) }
    #expect(!endless.isEmpty && endless.allSatisfy { (1...255).contains($0.count) })
  }

  @Test func factsStandApart() throws {
    func facts(_ change: (inout Item) -> Void) throws -> Set<Int> {
      Set(try features(change).filter { !$0.isText }.map(\.number))
    }
    #expect(try facts { $0.categories = ["tea", "cups"] }.count == 2)
    #expect(try facts { $0.price = 10 } == (try facts { $0.price = 11 }), "one half octave: 8 to 11.3")
    #expect(try facts { $0.price = 10 } != (try facts { $0.price = 12 }))
    #expect(try facts { $0.price = 10 } != (try facts { ($0.price, $0.currency) = (10, "EUR") }))
    #expect(try facts { $0.price = 0 }.isEmpty && (try facts { $0.price = -.infinity }.isEmpty))
    #expect(try facts { $0.title = "Heat (1995)" } == (try facts { $0.title = "Fargo (1996)" }), "five years")
    #expect(try facts { $0.title = "Heat (1995)" } != (try facts { $0.title = "Jaws (1975)" }))
    #expect(try facts { $0.title = "Room 19955 or 899" }.isEmpty)
    let attributes = try facts {
      $0.attributes = [
        "brand": .text("acme"), "tags": .texts(["a", "b"]), "new": .flag(true), "weight": .number(0.3),
      ]
    }
    #expect(attributes.count == 5)
    // A name and a value never run into each other.
    #expect(
      try facts { $0.attributes = ["ab": .text("c")] } != (try facts { $0.attributes = ["a": .text("bc")] }))
  }
}
