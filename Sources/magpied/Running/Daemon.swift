import Configuration
import Engine
import FaultPoints
import Foundation
import Locking
import Logging
import Storage
import Transport
import UnixSignals
import Vocabulary

/// The life of one daemon: open, recover, listen, serve, drain, close.
struct Daemon {
  /// Of file, environment and flags; what was changed at run time comes with the data directory.
  let configuration: Configuration
  /// Reads the configuration again, as it would be at a new start, with these changes of run time.
  let reload: ConfigurationDesk.Load
  let initializes: Bool
  let readyFile: String?
  let level: LogLevelSwitch
  let logger: Logger

  private var settings: Settings { configuration.settings }

  func run() async throws {
    ProcessSetup.apply(logger)
    // Before anything is opened: a signal from here on ends in order, or as soon as starting is over.
    let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
    let monitor = Monitor()
    let pages: MonitorServer?
    do throws(ListenFault) {
      // First, so that a probe can tell recovery from death.
      pages = try await monitor.serve(settings.metrics, logger)
    } catch {
      throw Stop(error)
    }
    do {
      try await serve(signals, monitor)
    } catch {
      await pages?.stop()
      throw error
    }
    await pages?.stop()
    if let readyFile { ReadyFile(path: readyFile).remove() }
  }

  private func serve(_ signals: UnixSignalsSequence, _ monitor: Monitor) async throws {
    let gauge = ConnectionGauge()
    let directory = try open()
    let (revisions, configuration): ([ConfigurationRevision], Configuration)
    do {
      (revisions, configuration) = try changed(in: directory.path)
    } catch {
      directory.close()
      throw error
    }
    let settings = configuration.settings
    level.set(settings.logLevel)
    let engine = try start(directory, configuration, gauge)
    var bounded = settings
    bounded.overload = MemoryGrant.resolved(settings.overload)
    let server = Server(handler: engine, settings: bounded, gauge: gauge, logger: logger)
    monitor.watch(engine, server)
    let place: (host: String, port: UInt16)
    do throws(ListenFault) {
      place = try await server.start()
    } catch {
      await Self.blocking { engine.stop() }
      throw Stop(error)
    }
    do {
      try announce(place, hash: configuration.hash)
    } catch {
      await server.stop()
      await Self.blocking { engine.stop() }
      throw error
    }
    let path = directory.path
    let desk = ConfigurationDesk(
      configuration, revisions: revisions, load: reload,
      store: { revisions throws(Fault) in
        do throws(StorageFault) {
          try ChangeFile.write(revisions, at: path)
        } catch {
          throw Fault(
            .internalError, "The change cannot be stored, so nothing is changed: \(error.description)")
        }
      },
      apply: { [level] settings, hash in
        engine.apply(settings, configurationHash: hash)
        server.apply(settings)
        level.set(settings.logLevel)
      })
    await serve(until: signals, server, engine, Reloader(desk: desk, logger: logger))
  }

  private func open() throws -> DataDirectory {
    guard !settings.dataDirectory.isEmpty else {
      throw Stop(
        code: 78, "There is no data directory: say which with --data DIR, or `data` in the configuration.")
    }
    do throws(StorageFault) {
      return try openDirectory()
    } catch {
      throw Stop(error)
    }
  }

  /// What was changed at run time, and the configuration with it.
  private func changed(in path: String) throws -> ([ConfigurationRevision], Configuration) {
    let revisions: [ConfigurationRevision]
    do throws(StorageFault) {
      revisions = try ChangeFile.read(at: path)
    } catch {
      throw Stop(error)
    }
    guard !revisions.isEmpty else { return ([], configuration) }
    do throws(ConfigurationFault) {
      return (revisions, try reload(ConfigurationDesk.changes(revisions)))
    } catch {
      throw Stop(
        code: 78,
        "\(error) It was changed at run time; move \(path)/\(ChangeFile.name) away to start with the file alone."
      )
    }
  }

  private func start(
    _ directory: DataDirectory, _ configuration: Configuration, _ gauge: ConnectionGauge
  ) throws -> Engine {
    do throws(StorageFault) {
      return try Engine.start(
        directory, settings: configuration.settings, configurationHash: configuration.hash,
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

  private func announce(_ place: (host: String, port: UInt16), hash: UInt64) throws {
    logger.notice(
      "Ready.",
      metadata: [
        "event": "ready", "host": "\(place.host)", "port": "\(place.port)", "version": "\(productVersion)",
        "data": "\(settings.dataDirectory)", "configuration_hash": "\(String(hash, radix: 16))",
      ])
    if let readyFile { try ReadyFile(path: readyFile).write(host: place.host, port: place.port) }
    Console.say("ready \(place.host) \(place.port)")
  }

  // MARK: Signals

  private func serve(
    until signals: UnixSignalsSequence, _ server: Server<Engine>, _ engine: Engine, _ reloader: Reloader
  ) async {
    let (stopped, stop) = AsyncStream<Void>.makeStream()
    let stopping = Locked(false)
    /// Returns false if it was called before.
    let begin: @Sendable (String) -> Bool = { [logger] cause in
      let isFirst = stopping.withLock { stopping in
        defer { stopping = true }
        return !stopping
      }
      guard isFirst else { return false }
      logger.notice("Stopping.", metadata: ["event": "draining", "cause": "\(cause)"])
      stop.finish()
      return true
    }
    engine.whenAskedToConfigure { request throws(Fault) in try reloader.answer(request) }
    engine.whenAskedToDrain { _ = begin("Admin.Drain") }
    await withTaskGroup(of: Void.self) { group in
      group.addTask { [logger] in
        for await _ in stopped { break }
        await Self.end(server, engine, logger)
      }
      let watch = Task { [logger] in
        // Merged by hand: the group above must end when stopping is done, not when the next signal comes.
        for await signal in signals {
          if signal == .sighup {
            reloader.reload()
          } else if !begin("\(signal)") {
            logger.warning("Stopped at once; the next start replays the log.", metadata: ["event": "stopped"])
            _exit(128 + signal.rawValue)
          }
        }
      }
      await group.waitForAll()
      watch.cancel()
    }
  }

  private static func end(_ server: Server<Engine>, _ engine: Engine, _ logger: Logger) async {
    engine.beginDraining()
    FaultPoints.reach(.drainBegun)
    await server.drain(seconds: engine.settings.drainSeconds)
    await server.stop()
    FaultPoints.reach(.drainEnded)
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
}
