import Locking
import Vocabulary

/// Where the configuration is looked at and changed while the daemon runs. What is asked for is put together with
/// file, environment and flags and checked as at a start; then stored; then put in force. Whatever fails on the way
/// leaves everything as it was.
///
/// Thread-safe; one change at a time. `ConfigurationDesk+Changes` reads what is asked for.
package final class ConfigurationDesk: Sendable {
  /// Reads file, environment and flags with these changes, as a start would.
  package typealias Load = @Sendable ([ConfigurationChange]) throws(ConfigurationFault) -> Configuration
  /// Stores all revisions durably.
  package typealias Store = @Sendable ([ConfigurationRevision]) throws(Fault) -> Void
  /// Puts settings in force, with their hash.
  package typealias Apply = @Sendable (Settings, UInt64) -> Void

  /// What holds.
  struct Standing {
    var settings: Settings
    /// As read last: with origins, and with what waits for a restart.
    var configuration: Configuration
    /// Oldest first, at most `Limits.configurationHistoryMax`.
    var revisions: [ConfigurationRevision]

    var hash: UInt64 { Configuration.hash(of: settings) }
  }

  /// What reading everything again brought.
  package struct Reloaded: Sendable {
    package var settings: Settings
    package var configurationHash: UInt64
    package var warnings: [String]
    /// Keys that differ from before, and keys that wait for a restart.
    package var changed: [String]
    package var waiting: [String]
  }

  private let standing: Locked<Standing>
  private let load: Load
  private let store: Store
  private let apply: Apply

  /// - Parameters:
  ///   - configuration: what the daemon started with, the changes of `revisions` included.
  ///   - revisions: as stored, oldest first.
  package init(
    _ configuration: Configuration, revisions: [ConfigurationRevision], load: @escaping Load,
    store: @escaping Store, apply: @escaping Apply
  ) {
    standing = Locked(
      Standing(settings: configuration.settings, configuration: configuration, revisions: revisions))
    self.load = load
    self.store = store
    self.apply = apply
  }

  /// Changes as `Configuration.load` takes them: those of the newest revision.
  package static func changes(_ revisions: [ConfigurationRevision]) -> [ConfigurationChange] {
    guard let newest = revisions.last else { return [] }
    return newest.entries.map {
      ConfigurationChange(path: $0.path, value: $0.value, origin: .runTime(newest.number))
    }
  }

  /// Reads everything again and puts in force what may change while running.
  /// - Throws: what is wrong with it; then everything stays.
  package func reload() throws(ConfigurationFault) -> Reloaded {
    try standing.withLock { (standing) throws(ConfigurationFault) in
      let fresh = try load(Self.changes(standing.revisions))
      let settings = standing.settings.reloaded(with: fresh.settings)
      let changed = Configuration.differences(standing.settings, settings)
      standing.settings = settings
      standing.configuration = fresh
      let hash = standing.hash
      apply(settings, hash)
      return Reloaded(
        settings: settings, configurationHash: hash, warnings: fresh.warnings, changed: changed,
        waiting: Configuration.differences(settings, fresh.settings))
    }
  }

  /// Does what is asked. Blocks while a change is stored.
  /// - Throws: `configuration_invalid` naming the key, `configuration_changed`, `too_many`, and what storing throws.
  package func answer(_ request: ConfigRequest, now: Timestamp) throws(Fault) -> ConfigReply {
    try standing.withLock { (standing) throws(Fault) in
      if request.expectedHash != 0, request.expectedHash != standing.hash {
        throw Fault(
          .configurationChanged,
          "The configuration in force has the hash \(Self.hex(standing.hash)), not \(Self.hex(request.expectedHash)): somebody changed it. Look at it again.",
          field: "expected_hash")
      }
      switch request.action {
      case .get: return Self.reply(standing)
      case .history: return Self.history(standing)
      case .check, .set, .apply, .reset: return try change(&standing, request, now)
      }
    }
  }

  private func change(
    _ standing: inout Standing, _ request: ConfigRequest, _ now: Timestamp
  ) throws(Fault) -> ConfigReply {
    let number = (standing.revisions.last?.number ?? 0) &+ 1
    // All of them are part of this change, as a start would read them.
    var before = Self.changes(standing.revisions)
    for place in before.indices { before[place].origin = .runTime(number) }
    let wanted = try Self.wanted(request, before, number: number)
    let next: Standing
    do throws(ConfigurationFault) {
      var configuration = try load(wanted)
      // Where a checked file's lines stood, the change now stands.
      configuration.attribute(wanted.map(\.path), to: .runTime(number))
      next = Standing(
        settings: standing.settings.reloaded(with: configuration.settings), configuration: configuration,
        revisions: standing.revisions)
    } catch {
      throw Fault(.configurationInvalid, error.description, field: error.key)
    }
    var reply = Self.reply(next)
    reply.changed = Configuration.differences(standing.settings, next.settings)
    reply.warnings = next.configuration.warnings + Self.overruled(wanted, next.configuration)
    if request.action == .check { return reply }
    var revisions = standing.revisions
    revisions.append(
      ConfigurationRevision(
        number: number, time: now, action: request.action, configurationHash: next.hash,
        entries: wanted.map { ConfigurationEntry(path: $0.path, value: $0.value) }))
    revisions.removeFirst(max(0, revisions.count - Limits.configurationHistoryMax))
    try store(revisions)
    standing = next
    standing.revisions = revisions
    apply(next.settings, next.hash)
    reply.revision = number
    return reply
  }

  /// Changes that something stronger holds down.
  private static func overruled(
    _ changes: [ConfigurationChange], _ configuration: Configuration
  ) -> [String] {
    changes.compactMap { change in
      switch configuration.origin(at: change.path) {
      case .environment(let name), .flag(let name):
        "\(change.path) is also given by \(name), which is stronger: the change counts once that is gone."
      default: nil
      }
    }
  }

  // MARK: Replies

  private static func reply(_ standing: Standing) -> ConfigReply {
    var reply = ConfigReply()
    reply.configurationHash = standing.hash
    reply.text = standing.configuration.rendered()
    reply.revision = standing.revisions.last?.number ?? 0
    let waiting = Configuration.differences(standing.settings, standing.configuration.settings)
    if !waiting.isEmpty {
      reply.warnings = ["These wait for a restart: \(waiting.joined(separator: ", "))."]
    }
    return reply
  }

  private static func history(_ standing: Standing) -> ConfigReply {
    var reply = ConfigReply()
    reply.configurationHash = standing.hash
    reply.revision = standing.revisions.last?.number ?? 0
    reply.history = standing.revisions.reversed().map {
      .init(
        number: $0.number, time: $0.time, action: $0.action, paths: $0.entries.map(\.path),
        configurationHash: $0.configurationHash)
    }
    return reply
  }

  private static func hex(_ hash: UInt64) -> String { String(hash, radix: 16) }
}
