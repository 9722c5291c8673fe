import Configuration
import Testing
import Vocabulary

struct ExperimentConfigurationTests {
  private func load(_ text: String) throws(ConfigurationFault) -> Configuration {
    try Configuration.load(text: text, name: "magpie.yaml")
  }

  private let example = """
    scenarios:
      home: {hide_seen: false}
      wide: {hide_seen: true}
    experiments:
      wider:
        salt: spring
        arms:
          control: {share: 3}
          older: {share: 1, generation: 4}
      shelf:
        scenario: home
        unit: seed
        arms:
          a: {share: 1}
          b: {share: 1, scenario: wide}
    """

  @Test func isRead() throws {
    let settings = try load(example).settings
    #expect(settings.experiments.map(\.name) == ["wider", "shelf"])
    let wider = settings.experiments[0]
    #expect((wider.salt, wider.unit, wider.scenario) == ("spring", .user, ""))
    #expect(wider.arms.map(\.name) == ["control", "older"])
    #expect(wider.arms.map(\.share) == [3, 1])
    #expect(wider.arms.map(\.generation) == [0, 4])
    let shelf = settings.experiments[1]
    #expect((shelf.scenario, shelf.unit) == ("home", .seed))
    #expect(shelf.arms.map(\.scenario) == ["", "wide"])
  }

  @Test func isWrittenBackTheSame() throws {
    let first = try load(example)
    let second = try load(first.rendered())
    #expect(second.settings == first.settings)
    #expect(second.hash == first.hash)
  }

  @Test func shapesAnswers() throws {
    let plain = try load("").hash
    let first = try load(example).hash
    let other = try load(example.replacing("share: 3", with: "share: 2")).hash
    #expect(Set([plain, first, other]).count == 3)
  }

  @Test(arguments: [
    ("experiments:\n  x:\n    arms:\n      a: {share: 1}", "experiments.x.arms", "two arms"),
    (
      "experiments:\n  x:\n    arms:\n      a: {share: 1}\n      b: {share: 0}", "experiments.x.arms",
      "two arms"
    ),
    ("experiments:\n  x:\n    arms:\n      a: {share: -1}", "experiments.x.arms.a.share", "a number from 0"),
    ("experiments:\n  x:\n    unit: shop", "experiments.x.unit", "user or seed"),
    ("experiments:\n  X:\n    unit: user", "experiments.X.unit", "no such key"),
    ("experiments:\n  x:\n    colour: red", "experiments.x.colour", "no such key"),
    (
      "experiments:\n  x:\n    arms: {a: {share: 1}, b: {share: 1}}\n  y:\n    scenario: default\n    arms: {a: {share: 1}, b: {share: 1}}",
      "experiments.y.scenario", "same scenario"
    ),
    (
      "experiments:\n  x:\n    scenario: attic\n    arms: {a: {share: 1}, b: {share: 1}}",
      "experiments.x.scenario", "no scenario attic"
    ),
    (
      "experiments:\n  x:\n    arms: {a: {share: 1}, b: {share: 1, scenario: attic}}",
      "experiments.x.arms.b.scenario", "no scenario attic"
    ),
  ])
  func isRefused(_ text: String, _ key: String, _ words: String) {
    do {
      _ = try load(text)
      Issue.record("was accepted: \(text)")
    } catch {
      #expect(error.key == key)
      #expect(error.message.contains(words), "\(error)")
    }
  }
}
