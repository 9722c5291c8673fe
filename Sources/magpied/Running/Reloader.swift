import Configuration
import Engine
import Locking
import Logging
import Transport
import Vocabulary

/// SIGHUP: reads the configuration again, puts in force what may change while running, and names what may not.
struct Reloader: Sendable {
  /// What holds now: at first what the daemon started with.
  let inForce: Locked<Settings>
  let read: @Sendable () throws(ConfigurationFault) -> Configuration
  let server: Server<Engine>
  let engine: Engine
  let level: LogLevelSwitch
  let logger: Logger

  func reload() {
    let fresh: Configuration
    do throws(ConfigurationFault) {
      fresh = try read()
    } catch {
      logger.error(
        "The configuration is not valid; the one in force stays. \(error)",
        metadata: ["event": "configuration", "key": "\(error.key)", "line": "\(error.line ?? 0)"])
      return
    }
    for warning in fresh.warnings { logger.warning("\(warning)", metadata: ["event": "configuration"]) }
    let (old, new) = inForce.withLock { settings in
      let old = settings
      settings = settings.reloaded(with: fresh.settings)
      return (old, settings)
    }
    let hash = Configuration.hash(of: new)
    engine.apply(new, configurationHash: hash)
    server.apply(new)
    level.set(new.logLevel)
    let changed = Self.differences(old, new)
    let waiting = Self.differences(new, fresh.settings)
    var message =
      changed.isEmpty ? "The configuration is valid; nothing changed." : "The configuration is reloaded."
    if !waiting.isEmpty { message += " Restart to put in force: \(waiting.joined(separator: ", "))." }
    logger.notice(
      "\(message)",
      metadata: [
        "event": "configuration", "changed": "\(changed.joined(separator: ","))",
        "restart": "\(waiting.joined(separator: ","))", "configuration_hash": "\(String(hash, radix: 16))",
      ])
  }

  /// Keys whose values differ.
  private static func differences(_ left: Settings, _ right: Settings) -> [String] {
    ConfigurationKey.all.filter { $0.read(left) != $0.read(right) }.map(\.path)
  }
}
