import Ingestion
import Metering
import Models
import Serving
import Vocabulary

extension Engine {
  /// Writes every family that the engine knows. docs/operations.md lists them. Takes about a millisecond; for
  /// threads that serve no requests.
  package func writeMetrics(into text: inout MetricsText) {
    writeState(into: &text)
    writeRequests(into: &text)
    writeMemory(into: &text)
    writeIngest(into: &text)
    writeDisk(into: &text)
    writeTenants(into: &text)
    writeTraining(into: &text)
    writeJobs(into: &text)
    writeFeedback(into: &text)
  }

  private func writeState(into text: inout MetricsText) {
    text.family("magpie_build_info", .gauge, "The daemon's version; the value is 1.") {
      $0.sample(1, [("version", version)])
    }
    text.family(
      "magpie_configuration_info", .gauge, "Hash of the settings that shape answers; the value is 1."
    ) {
      $0.sample(1, [("hash", String(configurationHash, radix: 16))])
    }
    let now = state
    text.family("magpie_state", .gauge, "1 for the state the daemon is in, 0 for the others.") { family in
      for state in ServingState.allCases { family.sample(state == now ? 1 : 0, [("state", state.name)]) }
    }
  }

  private func writeRequests(into text: inout MetricsText) {
    let tables = tables
    text.family(
      "magpie_request_duration_seconds", .histogram, "Time from the last byte of a request to its answer."
    ) { family in
      for method in Method.allCases {
        family.histogram(LatencyTable.sum(tables, method), .nanoseconds, [("method", method.name)])
      }
    }
    text.family("magpie_request_failures_total", .counter, "Requests answered with a fault.") { family in
      for method in Method.allCases {
        family.sample(Double(LatencyTable.sum(tables, method).errors), [("method", method.name)])
      }
    }
    text.gauge(
      "magpie_requests_in_flight", "Requests taken and not answered yet.",
      Double(max(0, tables.reduce(0) { $0 + $1.inFlight.value })))
    text.family("magpie_step_duration_seconds", .histogram, "Time in each step of the read path.") { family in
      for step in StepKind.allCases {
        family.histogram(LatencyTable.sum(tables, step), .nanoseconds, [("step", step.name)])
      }
    }
    let kept = rankings.counts
    text.gauge("magpie_kept_rankings", "Paged lists kept for their further pages.", Double(kept.rankings))
    text.gauge("magpie_kept_ranking_bytes", "Bytes of them.", Double(kept.bytes))
    text.counter(
      "magpie_kept_rankings_pushed_out_total", "Paged lists that left before their time for want of room.",
      kept.pushedOut)
    text.counters(
      "magpie_slate_fallbacks_total", "Answers that had to fall back to something.", "fallback",
      tables.map(\.fallbacks), of: Fallback.allCases, \.name)
    text.counters(
      "magpie_slate_cuts_total", "Steps cut short in answers to keep a deadline.", "step",
      tables.map(\.cuts), of: StepKind.allCases, \.name)
  }

  private func writeMemory(into text: inout MetricsText) {
    text.gauge("magpie_memory_used_bytes", "Private memory held.", Double(memory.used.value))
    text.gauge("magpie_memory_limit_bytes", "Private memory that may be held.", Double(memory.limitBytes))
    text.gauge(
      "magpie_memory_pressure",
      "What is refused for lack of memory: 0 nothing, 1 bulk, 2 ingest too, 3 reads too.",
      Double(memory.level.rawValue))
  }

  private func writeIngest(into text: inout MetricsText) {
    let meters = ingestor.meters
    let queued = ingestor.queued
    text.family("magpie_queue_length", .gauge, "Things that wait in a queue.") { family in
      family.sample(Double(queued.submissions), [("queue", "commit")])
      family.sample(Double(ingestor.unstoredEvents), [("queue", "store")])
      family.sample(Double(backgroundJobs), [("queue", "background")])
    }
    text.gauge("magpie_commit_queue_bytes", "Bytes that wait to be committed.", Double(queued.bytes))
    text.histogram(
      "magpie_commit_queue_wait_seconds", "Time a batch waited for the committer.", .nanoseconds,
      meters.queueWait)
    text.counter(
      "magpie_commit_overload_refusals_total",
      "Batches refused because they waited too long for the committer.",
      meters.overloaded.value)
    text.histogram(
      "magpie_commit_duration_seconds", "Time of one commit group, from first decision to last answer.",
      .nanoseconds, meters.commit)
    text.histogram("magpie_commit_entries", "Log entries in one commit group.", .plain, meters.groupEntries)
    text.family("magpie_fsync_duration_seconds", .histogram, "Time of one fdatasync.") { family in
      family.histogram(Histogram.Sum([meters.logSync]), .nanoseconds, [("file", "log")])
      family.histogram(Histogram.Sum([meters.superblockSync]), .nanoseconds, [("file", "superblock")])
    }
    text.histogram(
      "magpie_seal_duration_seconds", "Time to seal a log segment before a training.", .nanoseconds,
      meters.seal)
    text.histogram(
      "magpie_state_write_duration_seconds", "Time of one batch into LevelDB.", .nanoseconds,
      meters.stateWrite)
    text.histogram(
      "magpie_store_round_duration_seconds", "Time to bring LevelDB up to date once.", .nanoseconds,
      meters.storeRound)
    text.histogram(
      "magpie_received_to_visible_seconds",
      "Time from a batch's arrival until every read sees it; it is acknowledged after that.", .nanoseconds,
      meters.receivedToVisible)
    text.histogram(
      "magpie_durable_to_visible_seconds", "Time from a commit group's sync until every read sees it.",
      .nanoseconds, meters.durableToVisible)
    text.counters(
      "magpie_ingest_accepted_total", "Entries made durable.", "kind", [meters.accepted],
      of: IngestionMeters.AcceptedKind.allCases, \.rawValue)
    text.counter(
      "magpie_ingest_duplicates_total", "Events that had been accepted before.", meters.duplicates.value)
    text.counters(
      "magpie_ingest_rejected_total", "Things in batches that were refused, one by one.", "reason",
      [meters.rejected], of: FaultReason.allCases, \.rawValue)
    text.gauge(
      "magpie_dead_letters", "Refused events that are kept.", Double(ingestor.deadLetters.kept.value))
    text.counter(
      "magpie_dead_letters_lost_total", "Refused events that were not kept, or made room for newer ones.",
      ingestor.deadLetters.lost.value)
  }

  private func writeDisk(into text: inout MetricsText) {
    // From the last to the first, so that stored ≤ applied ≤ committed holds on the page too.
    let (stored, applied, committed) = (ingestor.stored, ingestor.applied, ingestor.committed)
    text.gauge("magpie_log_committed_position", "Last position that is durable.", Double(committed.value))
    text.gauge("magpie_log_applied_position", "Last position visible to reads.", Double(applied.value))
    text.gauge("magpie_log_stored_position", "Last position in LevelDB.", Double(stored.value))
    text.gauge("magpie_log_bytes", "Bytes of all log segments.", Double(ingestor.logBytes))
    text.gauge("magpie_log_segments", "Log segments.", Double(ingestor.logSegments))
    text.gauge(
      "magpie_disk_free_bytes", "Space left for the data directory.", Double(directory.freeBytes()))
    text.gauge(
      "magpie_disk_reserve_bytes", "Space below which ingest is refused.", Double(ingestor.diskFreeBytesMin))
    text.gauge(
      "magpie_disk_low", "1 if the last ingest was refused for lack of space.",
      Double(ingestor.meters.diskLow.value))
    text.gauge(
      "magpie_write_path_fenced", "1 if a write failed and ingest is refused until a restart.",
      ingestor.isFenced ? 1 : 0)
  }

  private func writeJobs(into text: inout MetricsText) {
    text.family("magpie_scrub_errors_total", .counter, "Damaged files that scrubs found.") {
      $0.sample(Double(scrubber.errors.value))
    }
    text.gauge(
      "magpie_scrub_damaged_files", "Damaged files that the last scrub found, also one before the start.",
      Double(scrubber.damagesFound))
    for (name, what, meters) in [
      ("snapshot", "Snapshots", snapshotMeters), ("scrub", "Scrubs", scrubMeters),
    ] {
      text.family("magpie_\(name)s_total", .counter, "\(what) that ended, by result.") { family in
        family.sample(Double(meters.succeeded.value), [("result", "succeeded")])
        family.sample(Double(meters.failed.value), [("result", "failed")])
      }
      text.histogram(
        "magpie_\(name)_duration_seconds", "\(what) that succeeded: how long they took.", .longNanoseconds,
        meters.duration)
      text.gauge(
        "magpie_\(name)_last_success_timestamp_seconds",
        "When the last one succeeded; 0 if none did.",
        Double(meters.lastSuccess.value))
      text.gauge("magpie_\(name)_bytes", "Bytes of the last one that succeeded.", Double(meters.bytes.value))
    }
  }
}
