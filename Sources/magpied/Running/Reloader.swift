import Configuration
import Engine
import Logging
import Transport
import Vocabulary

/// SIGHUP: reads the configuration again, puts in force what may change while running, and names what may not.
struct Reloader: Sendable {
  let desk: ConfigurationDesk
  let logger: Logger

  func reload() {
    let fresh: ConfigurationDesk.Reloaded
    do throws(ConfigurationFault) {
      fresh = try desk.reload()
    } catch {
      logger.error(
        "The configuration is not valid; the one in force stays. \(error)",
        metadata: ["event": "configuration", "key": "\(error.key)", "line": "\(error.line ?? 0)"])
      return
    }
    for warning in fresh.warnings { logger.warning("\(warning)", metadata: ["event": "configuration"]) }
    var message =
      fresh.changed.isEmpty
      ? "The configuration is valid; nothing changed." : "The configuration is reloaded."
    if !fresh.waiting.isEmpty {
      message += " Restart to put in force: \(fresh.waiting.joined(separator: ", "))."
    }
    logger.notice(
      "\(message)",
      metadata: [
        "event": "configuration", "changed": "\(fresh.changed.joined(separator: ","))",
        "restart": "\(fresh.waiting.joined(separator: ","))",
        "configuration_hash": "\(String(fresh.configurationHash, radix: 16))",
      ])
  }

  /// What `magpie config` asks for.
  func answer(_ request: ConfigRequest) throws(Fault) -> ConfigReply {
    let reply = try desk.answer(request, now: .now)
    guard [.set, .apply, .reset].contains(request.action) else { return reply }
    logger.notice(
      "The configuration is changed at run time.",
      metadata: [
        "event": "configuration", "changed": "\(reply.changed.joined(separator: ","))",
        "revision": "\(reply.revision)",
        "configuration_hash": "\(String(reply.configurationHash, radix: 16))",
      ])
    return reply
  }
}
