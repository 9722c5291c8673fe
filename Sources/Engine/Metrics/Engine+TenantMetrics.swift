import LiveState
import Metering
import Models
import Serving
import Vocabulary

/// Families with a sample for each tenant.
extension Engine {
  func writeTenants(into text: inout MetricsText) {
    let counts = tenants.map { ($0.name.text, $0.live.counts) }
    text.family("magpie_users", .gauge, "Users known.") { family in
      for (tenant, counts) in counts { family.sample(Double(counts.users), [("tenant", tenant)]) }
    }
    text.family("magpie_items", .gauge, "Items known, deleted ones included.") { family in
      for (tenant, counts) in counts { family.sample(Double(counts.items), [("tenant", tenant)]) }
    }
    text.family("magpie_events", .gauge, "Events applied since the directory was made.") { family in
      for (tenant, counts) in counts { family.sample(Double(counts.events), [("tenant", tenant)]) }
    }
    let generations = tenants.map { ($0, $0.current?.generation.manifest) }
    let applied = ingestor.applied.value
    text.family("magpie_generation", .gauge, "Number of the generation that serves; 0 if none does.") {
      family in
      for (tenant, manifest) in generations {
        family.sample(Double(manifest?.generation.value ?? 0), [("tenant", tenant.name.text)])
      }
    }
    text.family(
      "magpie_generation_created_timestamp_seconds", .gauge,
      "When the serving generation was made; 0 if none serves."
    ) { family in
      for (tenant, manifest) in generations {
        family.sample(Double(manifest?.created ?? 0) / 1e6, [("tenant", tenant.name.text)])
      }
    }
    text.family("magpie_generation_trained_to_position", .gauge, "Log position the serving generation knows.")
    {
      family in
      for (tenant, manifest) in generations {
        family.sample(Double(manifest?.position.value ?? 0), [("tenant", tenant.name.text)])
      }
    }
    text.family("magpie_generation_lag_positions", .gauge, "Log entries since the serving generation.") {
      family in
      for (tenant, manifest) in generations {
        let trained = manifest?.position.value ?? 0
        family.sample(Double(applied > trained ? applied - trained : 0), [("tenant", tenant.name.text)])
      }
    }
  }

  func writeTraining(into text: inout MetricsText) {
    let trainings = tenants.map { ($0, $0.training.withLock { $0 }) }
    text.family("magpie_training_running", .gauge, "1 while a trainer runs.") { family in
      for (tenant, status) in trainings {
        family.sample(status.state == .running ? 1 : 0, [("tenant", tenant.name.text)])
      }
    }
    text.family("magpie_training_progress_ratio", .gauge, "How far the last or current training is, 0 to 1.")
    {
      family in
      for (tenant, status) in trainings {
        family.sample(Double(status.fraction), [("tenant", tenant.name.text)])
      }
    }
    text.family(
      "magpie_training_started_timestamp_seconds", .gauge,
      "When the last or current training began; 0 if none did."
    ) { family in
      for (tenant, status) in trainings {
        family.sample(Double(status.started.microseconds) / 1e6, [("tenant", tenant.name.text)])
      }
    }
    text.family(
      "magpie_training_last_success_timestamp_seconds", .gauge,
      "When the last training succeeded since the start; 0 if none did."
    ) { family in
      for (tenant, _) in trainings {
        family.sample(Double(tenant.trainingMeters.lastSuccess.value), [("tenant", tenant.name.text)])
      }
    }
    text.family("magpie_trainings_total", .counter, "Trainings that ended, by result.") { family in
      for (tenant, _) in trainings {
        let (name, meters) = (tenant.name.text, tenant.trainingMeters)
        family.sample(Double(meters.succeeded.value), [("tenant", name), ("result", "succeeded")])
        family.sample(Double(meters.failed.value), [("tenant", name), ("result", "failed")])
      }
    }
    text.family(
      "magpie_training_duration_seconds", .histogram, "Trainings that succeeded: how long they took."
    ) {
      family in
      for (tenant, _) in trainings {
        family.histogram(
          Histogram.Sum([tenant.trainingMeters.duration]), .longNanoseconds, [("tenant", tenant.name.text)])
      }
    }
  }
}
