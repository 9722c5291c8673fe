import Configuration
import Foundation
import Testing
import Vocabulary

struct ConfigurationTests {
  private func load(
    _ text: String, environment: [String: String] = [:], flags: [Configuration.Flag] = []
  ) throws(ConfigurationFault) -> Configuration {
    try Configuration.load(text: text, name: "magpie.yaml", environment: environment, flags: flags)
  }

  /// Expects `text` to be refused at `line`, naming `key`, with a message that contains `words`.
  private func check(
    _ text: String, line: Int?, key: String, says words: String, suggests suggestion: String? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    do {
      _ = try load(text)
      Issue.record("was accepted", sourceLocation: sourceLocation)
    } catch {
      #expect(error.line == line, sourceLocation: sourceLocation)
      #expect(error.key == key, sourceLocation: sourceLocation)
      #expect(error.message.contains(words), "\(error)", sourceLocation: sourceLocation)
      #expect(error.suggestion == suggestion, sourceLocation: sourceLocation)
    }
  }

  @Test func nothingGivesTheDefaults() throws {
    #expect(try load("").settings == Settings())
    #expect(try load("# only a comment\n").settings == Settings())
    #expect(try load("{}").settings == Settings())
    #expect(Configuration().settings == Settings())
  }

  @Test func everyKindOfValueIsRead() throws {
    let configuration = try load(
      """
      host: "::1"
      port: 7_701
      data: /var/lib/magpie
      tenants: [shop, blog]
      training:
        factors: 32
        seed: 9
        regularisation: 1e-2
      reading:
        hide_seen: false
        source_weights:
          ials: 2.5
          trending: 0
      weights:
        view: 0.1
        hide: -3
      """)
    let settings = configuration.settings
    #expect(settings.host == "::1")
    #expect(settings.port == 7701)
    #expect(settings.dataDirectory == "/var/lib/magpie")
    #expect(settings.tenants.map(\.text) == ["shop", "blog"])
    #expect(settings.training.factors == 32)
    #expect(settings.training.seed == 9)
    #expect(settings.training.regularisation == 0.01)
    #expect(!settings.reading.hideSeen)
    #expect(settings.reading.sourceWeights[.ials] == 2.5)
    #expect(settings.reading.sourceWeights[.trending] == 0)
    #expect(settings.reading.weights[.view] == 0.1)
    #expect(settings.training.weights[.view] == 0.1)
    #expect(settings.training.weights[.hide] == -3)
    #expect(settings.training.weights[.purchase] == 10, "what is not written keeps its default")
  }

  @Test func aTypoNamesKeyLineAndNearestKey() {
    check(
      "port: 1\ntraining:\n  factorz: 3\n", line: 3, key: "training.factorz", says: "no such key",
      suggests: "training.factors")
    check("prot: 1\n", line: 1, key: "prot", says: "no such key", suggests: "port")
    check("factors: 3\n", line: 1, key: "factors", says: "no such key", suggests: "training.factors")
    check(
      "weights:\n  add-to-cart: 1\n", line: 2, key: "weights.add-to-cart", says: "no such key",
      suggests: "weights.add_to_cart")
    check("quite_something_else: 1\n", line: 1, key: "quite_something_else", says: "no such key")
  }

  @Test func aWrongValueSaysWhatIsAllowed() {
    check("port: 70000", line: 1, key: "port", says: "a whole number from 0 to 65535, but is 70000")
    check("port: -1", line: 1, key: "port", says: "but is -1")
    check("port: \"7700\"", line: 1, key: "port", says: "but is \"7700\"")
    check("port: 1.5", line: 1, key: "port", says: "but is 1.5")
    check("port:", line: 1, key: "port", says: "but is nothing")
    check("port: [1]", line: 1, key: "port", says: "but is [1]")
    check("port: 99999999999999999999", line: 1, key: "port", says: "a whole number")
    check("port:\n  x: 1", line: 2, key: "port", says: "holds keys below it")
    check("training: 3", line: 1, key: "training", says: "section")
    check("training:\n  hold_out_share: 0.9", line: 2, key: "training.hold_out_share", says: "from 0 to 0.5")
    check("training:\n  regularisation: 0", line: 2, key: "training.regularisation", says: "above 0")
    check("training:\n  regularisation: nan", line: 2, key: "training.regularisation", says: "but is nan")
    check("training:\n  regularisation: .inf", line: 2, key: "training.regularisation", says: "but is .inf")
    check("training:\n  regularisation: 0x1p3", line: 2, key: "training.regularisation", says: "but is 0x1p3")
    check("reading:\n  hide_seen: yes", line: 2, key: "reading.hide_seen", says: "true or false")
    check("tenants: []", line: 1, key: "tenants", says: "a list of 1")
    check("tenants: [a, a]", line: 1, key: "tenants", says: "different")
    check("tenants: [Shop]", line: 1, key: "tenants", says: "a-z")
    check("host: \"\"", line: 1, key: "host", says: "1 to 255 bytes")
    check("data: \"a\\u0000b\"", line: 1, key: "data", says: "control")
  }

  @Test func whatIsNotYAMLNamesItsLine() {
    check("port: 1\n\tx: [", line: 2, key: "", says: "not YAML")
    check("- a\n- b", line: 1, key: "", says: "key: value")
    check("port: 1\nport: 2", line: 1, key: "port", says: "twice")
    check(
      "training: &x\n  factors: 3\nreading: *x\n", line: 2, key: "reading.factors", says: "no such key",
      suggests: "training.factors")
    check("tenants: [[a]]", line: 1, key: "tenants", says: "plain values")
  }

  @Test func flagsBeatEnvironmentBeatsFileBeatsDefaults() throws {
    let text = "port: 1\nhost: a\nidle_seconds: 5\n"
    let environment = ["MAGPIE_PORT": "2", "MAGPIE_HOST": "b", "PATH": "/bin"]
    let configuration = try load(
      text, environment: environment, flags: [.init("--port", key: "port", value: "3")])
    #expect(configuration.settings.port == 3)
    #expect(configuration.settings.host == "b")
    #expect(configuration.settings.idleSeconds == 5)
    #expect(configuration.settings.drainSeconds == Settings().drainSeconds)
    let origins = ["port", "host", "idle_seconds", "drain_seconds"].map { path in
      ConfigurationKey.all.first { $0.path == path }.map { configuration.origin(of: $0).description }
    }
    #expect(origins == ["--port", "MAGPIE_HOST", "magpie.yaml:3", "default"])
    #expect(configuration.warnings.isEmpty)
  }

  @Test func environmentAndFlagsAreCheckedToo() throws {
    #expect {
      _ = try load("", environment: ["MAGPIE_PORT": "tcp://10.0.0.1:7700"])
    } throws: { "\($0)".hasPrefix("MAGPIE_PORT: port: It must be a whole number") }
    #expect {
      _ = try load("", flags: [.init("--set", key: "training.factor", value: "3")])
    } throws: { ($0 as? ConfigurationFault)?.suggestion == "training.factors" }
    let lenient = try load("", environment: ["MAGPIE_PROT": "1", "MAGPIE_TENANTS": "a, b"])
    #expect(lenient.warnings.count == 1)
    #expect(lenient.warnings.first?.contains("MAGPIE_PORT") == true)
    #expect(lenient.settings.tenants.map(\.text) == ["a", "b"])
  }

  @Test func aMissingFileIsAFault() {
    #expect(throws: ConfigurationFault.self) { try Configuration.load(file: "/nonexistent/magpie.yaml") }
  }

  @Test func theHashFollowsAnswersAndNothingElse() throws {
    let standard = Configuration().hash
    #expect(try load("port: 1\ndata: /x\ntraining:\n  factors: 8").hash == standard)
    var seen: Set<UInt64> = [standard]
    for text in [
      "reading:\n  hide_seen: false", "reading:\n  recent_decay: 0.7", "weights:\n  view: 2",
      "reading:\n  source_weights:\n    ials: 3",
    ] {
      #expect(seen.insert(try load(text).hash).inserted, "\(text)")
    }
    // Part of what replies carry: it may change only together with the defaults or the keys.
    #expect(standard == Configuration().hash)
  }

  @Test func whatIsPrintedReadsBackTheSame() throws {
    let first = try load(
      "host: \"a\\\\\\\"b\"\ntenants: [x, y]\ntraining:\n  unobserved_weight: 0.30000000000000004\nweights:\n  view: 0.1",
      flags: [.init("--set", key: "reading.recent_decay", value: "0.123")])
    let second = try load(first.rendered())
    #expect(second.settings == first.settings)
    #expect(second.hash == first.hash)
    #expect(first.rendered().contains("# magpie.yaml:4"))
    #expect(first.rendered().contains("# --set"))
  }

  @Test func everyKeyAcceptsItsOwnDefaultAndHasItsOwnVariable() throws {
    #expect(Set(ConfigurationKey.all.map(\.path)).count == ConfigurationKey.all.count)
    #expect(Set(ConfigurationKey.all.map(\.environmentName)).count == ConfigurationKey.all.count)
    #expect(try load(Configuration().rendered()).settings == Settings())
  }

  /// The page is for people, the table is for the daemon; neither may know a key the other does not.
  @Test func thePageListsEveryKey() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let page = try String(contentsOf: root.appending(path: "docs/configuration.md"), encoding: .utf8)
    let listed = page.split(separator: "\n").compactMap { line -> String? in
      guard line.hasPrefix("| `") else { return nil }
      return line.dropFirst(3).split(separator: "`").first.map(String.init)
    }
    let known = ConfigurationKey.all.map(\.path)
    // Experiments have names of their own, and a table of their own.
    #expect(listed.filter { !$0.hasPrefix("experiments.") } == known)
    for key in ConfigurationKey.all {
      let row = "| `\(key.path)` | \(key.read(Settings())) | \(key.accepted) | \(key.about) |"
      let isListed = page.contains(row)
      #expect(isListed, "docs/configuration.md lacks: \(row)")
    }
  }
}
