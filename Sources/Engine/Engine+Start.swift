import Glibc
import Ingestion
import LiveState
import Logging
import Models
import Serving
import Storage
import Vocabulary

extension Engine {
  /// Recovers live state, opens each tenant's generation, and is ready to answer. Blocks.
  ///
  /// Takes over the directory: `stop` closes it, and so does a failure. A generation that cannot be opened is
  /// no reason not to start: the newest older one that can is served, or none.
  /// - Parameters:
  ///   - configurationHash: `Configuration.hash`, for replies.
  ///   - configurationText: the configuration in force as a valid file, for snapshots.
  ///   - version: the daemon's, for `Hello` and `Status`.
  package static func start(
    _ directory: DataDirectory, settings: Settings, configurationHash: UInt64, configurationText: String = "",
    version: String, gauge: ConnectionGauge, logger: Logger
  ) throws(StorageFault) -> Engine {
    var settings = settings
    settings.overload = MemoryGrant.resolved(settings.overload)
    let ingestor: Ingestor
    do {
      ingestor = try Ingestor.start(
        directory, settings: settings, logger: logger, limits: IngestionLimits(settings.overload))
    } catch {
      directory.close()
      throw error
    }
    guard let background = BackgroundWorker("magpie-shelf") else {
      ingestor.stop()
      directory.close()
      throw StorageFault(
        .io(errno: EAGAIN), file: directory.path,
        "The system has no thread left; raise the limit on threads (ulimit -u).")
    }
    let tenants = ingestor.live.tenants.enumerated().map { number, tenant in
      ServedTenant(
        number: number, live: tenant, shelf: GenerationShelf(path: directory.generationsPath(tenant.name)))
    }
    for tenant in tenants { openGeneration(of: tenant, reading: settings.reading, logger) }
    let supervisor = TrainingSupervisor(
      settings: settings.training, reading: settings.reading, directory: directory, ingestor: ingestor,
      logger: logger)
    let keeper = SnapshotKeeper(
      settings: settings.snapshots, directory: directory, ingestor: ingestor, tenants: tenants,
      identity: .init(
        version: version, configurationHash: configurationHash, configurationText: configurationText),
      logger: logger)
    keeper.start()
    let scrubber = Scrubber(
      settings: settings.scrub, directory: directory, ingestor: ingestor, tenants: tenants,
      snapshots: keeper.shelf, logger: logger)
    scrubber.start()
    let engine = Engine(
      directory: directory, settings: settings, configurationHash: configurationHash, version: version,
      gauge: gauge, logger: logger, ingestor: ingestor, tenants: tenants, supervisor: supervisor,
      keeper: keeper, scrubber: scrubber, background: background,
      memory: MemoryKeeper(limitBytes: settings.overload.memoryLimitBytes, logger: logger))
    engine.memory.start()
    engine.pinGenerations()
    return engine
  }

  private static func openGeneration(
    of tenant: ServedTenant, reading settings: ReadingSettings, _ logger: Logger
  ) {
    var metadata: Logger.Metadata = ["tenant": "\(tenant.name.text)"]
    do {
      try tenant.shelf.sweepPartials()
      guard let number = try tenant.shelf.current() else { return }
      tenant.serve(try tenant.view(of: number, reading: settings))
      metadata["event"] = "generation_opened"
      metadata["generation"] = "\(number.value)"
      logger.info("A generation is served.", metadata: metadata)
    } catch {
      metadata["event"] = "generation_unusable"
      logger.error("The promoted generation cannot be served: \(error).", metadata: metadata)
      guard let view = tenant.newestUsable(below: nil, reading: settings) else {
        logger.error("No other generation can be served; live counts answer. Train one.", metadata: metadata)
        return
      }
      tenant.serve(view)
      metadata["generation"] = "\(view.generation.number.value)"
      logger.warning(
        "An older generation is served instead. Promote one, or train, to make that lasting.",
        metadata: metadata)
    }
  }
}
