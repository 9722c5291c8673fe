import Configuration
import Testing
import Vocabulary

struct ScenarioTests {
  private func load(_ text: String, flags: [Configuration.Flag] = []) throws(ConfigurationFault)
    -> Configuration
  {
    try Configuration.load(text: text, name: "magpie.yaml", flags: flags)
  }

  private func fault(_ text: String) -> ConfigurationFault? {
    do throws(ConfigurationFault) {
      _ = try load(text)
      return nil
    } catch {
      return error
    }
  }

  @Test func aScenarioIsReadingWithWhatItSaysDifferently() throws {
    let settings = try load(
      """
      scenarios:
        home:
          hide_seen: false
          source_weights:
            ials: 3
          weights:
            view: 0.5
        basket:
      reading:
        source_width: 77
        source_weights:
          trending: 0
      """
    ).settings
    let home = try #require(settings.scenarios[try ScenarioName("home")])
    // What is written behind the scenario counts as well: order in the file means nothing.
    #expect(home.sourceWidth == 77 && home.sourceWeights[.trending] == 0)
    #expect(!home.hideSeen && home.sourceWeights[.ials] == 3 && home.weights[.view] == 0.5)
    #expect(settings.scenarios[try ScenarioName("basket")] == settings.reading)
    #expect(settings.reading.hideSeen && settings.reading.weights[.view] == 1)
    // What the trainer learns from is not a matter of one scenario.
    #expect(settings.training.weights[.view] == 1)
  }

  /// Every key of reading and every weight may be written in a scenario, with any value it has.
  @Test func everyKeyOfReadingIsAKeyOfScenarios() throws {
    for (path, key) in Configuration.scenarioKeys {
      let value = key.read(Settings())
      let flag = Configuration.Flag(
        "--set", key: "scenarios.x.\(path)", value: ["\"\"", "[]"].contains(value) ? "" : value)
      let settings = try load("", flags: [flag]).settings
      #expect(settings.scenarios[try ScenarioName("x")] == settings.reading, "\(path)")
    }
    #expect(
      Configuration.scenarioKeys.count
        == ConfigurationKey.all.filter {
          $0.path.hasPrefix("reading.") || $0.path.hasPrefix("weights.")
        }.count)
  }

  @Test func mistakesNameKeyLineAndNearestKey() throws {
    let typo = try #require(fault("scenarios:\n  home:\n    hide_seem: true"))
    #expect(typo.line == 3 && typo.key == "scenarios.home.hide_seem")
    #expect(typo.suggestion == "scenarios.home.hide_seen")
    let value = try #require(fault("scenarios:\n  home:\n    source_width: 0"))
    #expect(value.line == 3 && value.message.contains("from 1 to 10000"))
    let name = try #require(fault("scenarios:\n  Home Page:\n    hide_seen: true"))
    #expect(name.line == 3 && name.message.contains("a-z"))
    #expect(fault("scenarios:\n  default:\n    hide_seen: true")?.message.contains("reading") == true)
    #expect(fault("scenarios: 3")?.key == "scenarios")
    #expect(fault("scenarios:\n  home: 3")?.key == "scenarios.home")
    #expect(fault("scenarios:\n  home:\n    source_weights: 3")?.message.contains("section") == true)
    #expect(fault("scenarios:\n  home:\n    port: 3") != nil, "only what shapes lists is a scenario's")
    let many = (0...Limits.scenariosMax).map { "  s\($0):" }.joined(separator: "\n")
    #expect(fault("scenarios:\n\(many)")?.key == "scenarios.s\(Limits.scenariosMax)")
  }

  @Test func expressionsAreCompiledWithTheSettings() throws {
    let settings = try load(
      "scenarios:\n  home:\n    filter: item.price < 20\nreading:\n  boost: item.margin"
    ).settings
    let home = try #require(settings.scenarios[try ScenarioName("home")])
    #expect(home.rules.filter == "item.price < 20" && home.rules.boost == "item.margin")
    #expect(settings.reading.rules.filter == "")
    let shares = try load(
      "reading:\n  spread:\n    shares: ['category=books:0.3', '(item.price < 5 and item.x == \"a:b\"):0.2']"
    ).settings.reading.spread.shares
    #expect(shares.map(\.text) == ["category=books:0.3", "(item.price < 5 and item.x == \"a:b\"):0.2"])
    let share = try #require(fault("reading:\n  spread:\n    shares: ['(item.price < \"ten\"):0.2']"))
    #expect(share.line == 3 && share.key == "reading.spread.shares")
    #expect(share.message.contains("at character 15:"), "\(share.message)")
    let mistake = try #require(fault("reading:\n  filter: item.price < \"ten\""))
    #expect(mistake.line == 2 && mistake.key == "reading.filter")
    #expect(mistake.message.contains("At character 14"), "\(mistake)")
    #expect(fault("scenarios:\n  a:\n    boost: item.price < 3")?.key == "scenarios.a.boost")
  }

  @Test func theHashFollowsScenarios() throws {
    var seen: Set<UInt64> = [try load("").hash]
    for text in [
      "scenarios:\n  a:", "scenarios:\n  b:", "scenarios:\n  a:\n    hide_seen: false",
      "scenarios:\n  b:\n    hide_seen: false", "reading:\n  hide_seen: false\nscenarios:\n  a:",
    ] { #expect(seen.insert(try load(text).hash).inserted, "\(text)") }
  }

  @Test func whatIsPrintedReadsBackTheSame() throws {
    let first = try load(
      """
      scenarios:
        home: {hide_seen: false, weights: {view: 0.25}, source_weights: {ials: 0}}
        empty:
        deep: {filter: 'item.name == "a # b" and "x" in item.categories', seen: {hide_days: 3}}
      """)
    let second = try load(first.rendered())
    #expect(second.settings == first.settings && second.hash == first.hash, "\(first.rendered())")
  }

  /// A weight that waits for a restart must not come into force by way of a scenario.
  @Test func weightsThatWaitForARestartWaitInScenariosToo() throws {
    let running = try load("scenarios:\n  home:").settings
    let fresh = try load("weights:\n  view: 9\n  like: 8\nscenarios:\n  home:\n    weights:\n      like: 2")
      .settings
    let home = try #require(running.reloaded(with: fresh).scenarios[try ScenarioName("home")])
    #expect(home.weights[.view] == 1 && home.weights[.like] == 2)
  }
}
