extension Settings {
  /// These settings with what may change while the daemon runs taken from `fresh`.
  ///
  /// What stays needs a restart, each for a reason: addresses and the directory are held open, tenants have tables in
  /// memory, event loops are threads. Weights of events stay because live state has been counted with them; those that a
  /// scenario has of its own change, because they are applied when it reads.
  package func reloaded(with fresh: Settings) -> Settings {
    var settings = self
    settings.connectionsMax = fresh.connectionsMax
    settings.idleSeconds = fresh.idleSeconds
    settings.drainSeconds = fresh.drainSeconds
    settings.storeIntervalMilliseconds = fresh.storeIntervalMilliseconds
    settings.diskFreeBytesMin = fresh.diskFreeBytesMin
    settings.logLevel = fresh.logLevel
    settings.overload = fresh.overload
    settings.training = fresh.training
    settings.training.weights = training.weights
    settings.reading = fresh.reading
    settings.reading.weights = reading.weights
    settings.scenarios = fresh.scenarios.mapValues { scenario in
      var scenario = scenario
      // What it does not say differently it has from the weights in force, not from those that wait for a restart.
      for type in EventType.allCases where scenario.weights[type] == fresh.reading.weights[type] {
        scenario.weights[type] = reading.weights[type]
      }
      return scenario
    }
    settings.feedback = fresh.feedback
    settings.experiments = fresh.experiments
    return settings
  }
}
