extension Settings {
  /// These settings with what may change while the daemon runs taken from `fresh`.
  ///
  /// What stays needs a restart, each for a reason: addresses and the directory are held open, tenants have tables in
  /// memory, event loops are threads. Weights of events stay because live state has been counted with them.
  package func reloaded(with fresh: Settings) -> Settings {
    var settings = self
    settings.connectionsMax = fresh.connectionsMax
    settings.idleSeconds = fresh.idleSeconds
    settings.drainSeconds = fresh.drainSeconds
    settings.storeIntervalMilliseconds = fresh.storeIntervalMilliseconds
    settings.diskFreeBytesMin = fresh.diskFreeBytesMin
    settings.logLevel = fresh.logLevel
    settings.training = fresh.training
    settings.training.weights = training.weights
    settings.reading = fresh.reading
    settings.reading.weights = reading.weights
    settings.feedback = fresh.feedback
    settings.experiments = fresh.experiments
    return settings
  }
}
