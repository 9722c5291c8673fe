import Configuration
import Engine
import Foundation
import Logging
import Storage
import Transport
import UnixSignals
import Vocabulary

/// The life of one daemon: open, recover, listen, serve, drain, close.
struct Daemon {
  let configuration: Configuration
  /// Reads the configuration again, as it would be at a new start.
  let reload: @Sendable () throws(ConfigurationFault) -> Configuration
  let initializes: Bool
  let readyFile: String?
  let logger: Logger

  private var settings: Settings { configuration.settings }

  func run() async throws {
    ProcessSetup.apply(logger)
    // Before anything is opened: a signal from here on ends in order, or as soon as starting is over.
    let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
    let gauge = ConnectionGauge()
    let engine = try start(gauge)
    let server = Server(handler: engine, settings: settings, gauge: gauge, logger: logger)
    let place: (host: String, port: UInt16)
    do throws(ListenFault) {
      place = try await server.start()
    } catch {
      await Self.blocking { engine.stop() }
      throw Stop(error)
    }
    do {
      try announce(place)
    } catch {
      await server.stop()
      await Self.blocking { engine.stop() }
      throw error
    }
    await serve(until: signals, server, engine)
    if let readyFile { ReadyFile(path: readyFile).remove() }
  }

  private func start(_ gauge: ConnectionGauge) throws -> Engine {
    guard !settings.dataDirectory.isEmpty else {
      throw Stop(
        code: 78, "There is no data directory: say which with --data DIR, or `data` in the configuration.")
    }
    do throws(StorageFault) {
      let directory = try openDirectory()
      return try Engine.start(
        directory, settings: settings, configurationHash: configuration.hash,
        configurationText: configuration.rendered(), version: productVersion, gauge: gauge, logger: logger)
    } catch {
      throw Stop(error)
    }
  }

  private func openDirectory() throws(StorageFault) -> DataDirectory {
    let path = settings.dataDirectory
    do throws(StorageFault) {
      return try DataDirectory.open(at: path)
    } catch {
      guard initializes, error.kind == .notInitialized else { throw error }
      try DataDirectory.initialize(at: path)
      logger.notice("The data directory is made.", metadata: ["event": "initialized", "path": "\(path)"])
      return try DataDirectory.open(at: path)
    }
  }

  private func announce(_ place: (host: String, port: UInt16)) throws {
    logger.notice(
      "Ready.",
      metadata: [
        "event": "ready", "host": "\(place.host)", "port": "\(place.port)", "version": "\(productVersion)",
        "data": "\(settings.dataDirectory)", "configuration_hash": "\(String(configuration.hash, radix: 16))",
      ])
    if let readyFile { try ReadyFile(path: readyFile).write(host: place.host, port: place.port) }
    Console.say("ready \(place.host) \(place.port)")
  }

  // MARK: Signals

  private func serve(until signals: UnixSignalsSequence, _ server: Server<Engine>, _ engine: Engine) async {
    await withTaskGroup(of: Void.self) { group in
      var isStopping = false
      let (stopped, stop) = AsyncStream<Void>.makeStream()
      group.addTask { [settings, logger] in
        for await _ in stopped { break }
        await Self.end(server, engine, settings, logger)
      }
      let watch = Task {
        // Merged by hand: the loop below must end when stopping is done, not when the next signal comes.
        for await signal in signals {
          switch signal {
          case .sighup: report()
          default:
            if isStopping {
              logger.warning(
                "Stopped at once; the next start replays the log.", metadata: ["event": "stopped"])
              _exit(128 + signal.rawValue)
            }
            isStopping = true
            logger.notice("Stopping.", metadata: ["event": "draining", "signal": "\(signal)"])
            stop.finish()
          }
        }
      }
      await group.waitForAll()
      watch.cancel()
    }
  }

  private static func end(_ server: Server<Engine>, _ engine: Engine, _ settings: Settings, _ logger: Logger)
    async
  {
    engine.beginDraining()
    await server.drain(seconds: settings.drainSeconds)
    await server.stop()
    await blocking { engine.stop() }
    logger.notice("Stopped.", metadata: ["event": "stopped"])
  }

  /// Off the few threads that tasks share, one of which must stay free for the second signal.
  private static func blocking(_ body: @escaping @Sendable () -> Void) async {
    await withCheckedContinuation { continuation in
      Thread {
        body()
        continuation.resume()
      }.start()
    }
  }

  /// SIGHUP: says what a restart would change. Nothing is changed while running.
  private func report() {
    do {
      let fresh = try reload()
      let changed = ConfigurationKey.all.filter { $0.read(fresh.settings) != $0.read(settings) }.map(\.path)
      for warning in fresh.warnings { logger.warning("\(warning)", metadata: ["event": "configuration"]) }
      logger.notice(
        changed.isEmpty
          ? "The configuration is valid and unchanged."
          : "The configuration is valid. Restart to put in force: \(changed.joined(separator: ", ")).",
        metadata: ["event": "configuration"])
    } catch {
      logger.error(
        "The configuration is not valid; the one in force stays. \(error)",
        metadata: ["event": "configuration"])
    }
  }
}
