import Configuration
import Locking
import Testing
import Vocabulary

/// Changing the configuration of a running daemon, with storing and putting in force written down instead of done.
struct ConfigurationDeskTests {
  private final class Rig: Sendable {
    struct Seen: Sendable {
      var stored: [[ConfigurationRevision]] = []
      var applied: [(settings: Settings, hash: UInt64)] = []
      var file = "reading:\n  source_width: 50\n"
      var isDiskFull = false
    }
    let seen = Locked(Seen())
    private let flags: [Configuration.Flag]
    private let first: Configuration

    init(flags: [Configuration.Flag] = [], revisions: [ConfigurationRevision] = []) throws {
      self.flags = flags
      first = try Configuration.load(
        text: "reading:\n  source_width: 50\n", name: "magpie.yaml",
        changes: ConfigurationDesk.changes(revisions), flags: flags)
    }

    func desk(_ revisions: [ConfigurationRevision] = []) -> ConfigurationDesk {
      ConfigurationDesk(
        first, revisions: revisions,
        load: { [self] changes throws(ConfigurationFault) in
          try Configuration.load(
            text: seen.withLock { $0.file }, name: "magpie.yaml", changes: changes, flags: flags)
        },
        store: { [self] revisions throws(Fault) in
          if seen.withLock({ $0.isDiskFull }) { throw Fault(.diskLow, "The disk is full.") }
          seen.withLock { $0.stored.append(revisions) }
        },
        apply: { [self] settings, hash in seen.withLock { $0.applied.append((settings, hash)) } })
    }
  }

  private static let now = Timestamp(microseconds: 1_700_000_000_000_000)

  private func request(_ action: ConfigRequest.Action, _ keys: String..., file: String = "") -> ConfigRequest
  {
    var request = ConfigRequest()
    request.action = action
    request.changes = keys.map { key in
      let parts = key.split(separator: "=", maxSplits: 1).map { Array($0.utf8) }
      return .init(path: parts[0], value: parts.count > 1 ? parts[1] : [])
    }
    request.file = Array(file.utf8)
    return request
  }

  private func fault(_ desk: ConfigurationDesk, _ request: ConfigRequest) -> Fault? {
    do throws(Fault) {
      _ = try desk.answer(request, now: Self.now)
      return nil
    } catch {
      return error
    }
  }

  @Test func aChangeIsStoredThenPutInForce() throws {
    let rig = try Rig()
    let desk = rig.desk()
    let reply = try desk.answer(
      request(.set, "reading.hide_seen=false", "scenarios.home.filter=item.price < 20"), now: Self.now)
    #expect(reply.changed == ["reading.hide_seen", "scenarios.home"] && reply.revision == 1)
    let seen = rig.seen.withLock { $0 }
    #expect(seen.stored.count == 1 && seen.applied.count == 1)
    let settings = try #require(seen.applied.first?.settings)
    #expect(!settings.reading.hideSeen && settings.reading.sourceWidth == 50)
    #expect(settings.scenarios[try ScenarioName("home")]?.rules.filter == "item.price < 20")
    #expect(reply.configurationHash == seen.applied.first?.hash)
    #expect(reply.configurationHash == Configuration.hash(of: settings))
    #expect(reply.text.contains("# magpie config, change 1") && reply.text.contains("# magpie.yaml:2"))
    // A start with what was stored has the same in force.
    let stored = try #require(seen.stored.last)
    let again = try Rig(revisions: stored).desk(stored).answer(ConfigRequest(), now: Self.now)
    #expect(again.configurationHash == reply.configurationHash && again.text == reply.text)
  }

  @Test func changesAddUpAndCanBeTakenBack() throws {
    let rig = try Rig()
    let desk = rig.desk()
    let first = try desk.answer(ConfigRequest(), now: Self.now)
    _ = try desk.answer(request(.set, "reading.hide_seen=false"), now: Self.now)
    _ = try desk.answer(
      request(.set, "scenarios.a.hide_seen=true", "scenarios.a.recent_items=3"), now: Self.now)
    let both = try desk.answer(request(.set, "reading.hide_seen=true"), now: Self.now)
    #expect(both.changed == ["reading.hide_seen"])
    let reset = try desk.answer(request(.reset, "scenarios.a"), now: Self.now)
    #expect(reset.changed == ["scenarios.a"])
    #expect(fault(desk, request(.reset, "scenarios.a"))?.reason == .configurationInvalid)
    var all = ConfigRequest()
    all.action = .reset
    all.isAll = true
    #expect(try desk.answer(all, now: Self.now).configurationHash == first.configurationHash)
    let history = try desk.answer(request(.history), now: Self.now).history
    #expect(history.map(\.number) == [5, 4, 3, 2, 1])
    #expect(history.map(\.action) == [.reset, .reset, .set, .set, .set])
    #expect(history.first?.paths == [] && history.last?.paths == ["reading.hide_seen"])
  }

  @Test func aFileReplacesWhatWasChanged() throws {
    let rig = try Rig()
    let desk = rig.desk()
    _ = try desk.answer(request(.set, "reading.hide_seen=false"), now: Self.now)
    let file = "scenarios:\n  home:\n    source_weights:\n      ials: 3\n"
    let checked = try desk.answer(request(.check, file: file), now: Self.now)
    #expect(rig.seen.withLock { $0.applied.count } == 1, "checking changes nothing")
    let applied = try desk.answer(request(.apply, file: file), now: Self.now)
    #expect(checked.changed == applied.changed && checked.configurationHash == applied.configurationHash)
    #expect(applied.changed == ["reading.hide_seen", "scenarios.home"])
    #expect(!applied.text.contains("the file"), "lines of a file that is gone say nothing")
  }

  @Test func aMistakeChangesNothing() throws {
    let rig = try Rig()
    let desk = rig.desk()
    let typo = try #require(fault(desk, request(.apply, file: "reading:\n  hide_seem: true\n")))
    #expect(typo.reason == .configurationInvalid && typo.field == "reading.hide_seem")
    #expect(
      typo.message.contains("the file:2") && typo.message.contains("reading.hide_seen"), "\(typo.message)")
    let expression = try #require(fault(desk, request(.set, "reading.filter=item.price < \"x\"")))
    #expect(expression.field == "reading.filter" && expression.message.contains("character 14"))
    for key in ["port=1", "weights.view=2", "training.program=/bin/sh", "data=/tmp", "tenants=a"] {
      let refused = try #require(fault(desk, request(.set, key)))
      #expect(refused.message.contains("cannot be changed while the daemon runs"), "\(refused.message)")
    }
    #expect(fault(desk, request(.set))?.reason == .missingField)
    #expect(fault(desk, request(.apply, file: "reading: [\n"))?.reason == .configurationInvalid)
    rig.seen.withLock { $0.isDiskFull = true }
    #expect(fault(desk, request(.set, "reading.hide_seen=false"))?.reason == .diskLow)
    #expect(rig.seen.withLock { $0.applied.isEmpty && $0.stored.isEmpty })
    #expect(try desk.answer(ConfigRequest(), now: Self.now).revision == 0)
  }

  /// Every key that is said to be changeable is one that comes into force, and no other one is.
  @Test func whatMayBeChangedComesIntoForce() throws {
    for key in ConfigurationKey.all {
      let isChangeable = Configuration.isChangeable(key.path)
      var settings = Settings()
      // Any other value the key takes.
      for text in ["1", "2", "0.5", "true", "false", "debug", "off", "warn", "auto", "item.a", "x"] {
        guard
          let changed = try? Configuration.load(
            text: "", name: "", flags: [.init("--set", key: key.path, value: text)])
        else { continue }
        settings = changed.settings
        if key.read(settings) != key.read(Settings()) { break }
      }
      guard key.read(settings) != key.read(Settings()) else { continue }
      let inForce = Settings().reloaded(with: settings)
      let comes = key.read(inForce) == key.read(settings)
      if isChangeable { #expect(comes, "\(key.path)") }
      if !comes { #expect(!isChangeable, "\(key.path)") }
    }
  }

  @Test func whatIsStrongerIsSaid() throws {
    let rig = try Rig(flags: [.init("--set", key: "reading.recent_items", value: "7")])
    let reply = try rig.desk().answer(request(.set, "reading.recent_items=9"), now: Self.now)
    #expect(reply.changed.isEmpty && reply.warnings.count == 1)
    #expect(reply.warnings.first?.contains("--set") == true)
  }

  @Test func aHashGuardsAgainstOthers() throws {
    let desk = try Rig().desk()
    let before = try desk.answer(ConfigRequest(), now: Self.now)
    _ = try desk.answer(request(.set, "reading.hide_seen=false"), now: Self.now)
    var late = request(.set, "reading.hide_seen=true")
    late.expectedHash = before.configurationHash
    #expect(fault(desk, late)?.reason == .configurationChanged)
  }

  /// SIGHUP reads the file again; what was changed at run time stays on top of it.
  @Test func changesStandOverTheFile() throws {
    let rig = try Rig()
    let desk = rig.desk()
    _ = try desk.answer(request(.set, "reading.source_width=60"), now: Self.now)
    rig.seen.withLock { $0.file = "reading:\n  source_width: 70\n  recent_items: 5\nport: 1\n" }
    let reloaded = try desk.reload()
    #expect(reloaded.changed == ["reading.recent_items"] && reloaded.waiting == ["port"])
    #expect(reloaded.settings.reading.sourceWidth == 60)
    rig.seen.withLock { $0.file = "reading:\n  source_widht: 1\n" }
    #expect(throws: ConfigurationFault.self) { try desk.reload() }
    #expect(try desk.answer(ConfigRequest(), now: Self.now).configurationHash == reloaded.configurationHash)
  }

  @Test func historyIsBounded() throws {
    let rig = try Rig()
    let desk = rig.desk()
    for number in 1...(Limits.configurationHistoryMax + 5) {
      _ = try desk.answer(request(.set, "reading.source_width=\(number)"), now: Self.now)
    }
    let history = try desk.answer(request(.history), now: Self.now).history
    #expect(history.count == Limits.configurationHistoryMax)
    #expect(history.first?.number == UInt64(Limits.configurationHistoryMax + 5))
  }
}
