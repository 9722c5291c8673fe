import Ingestion
import Metering
import Vocabulary

/// What lists lead to.
extension Engine {
  func writeFeedback(into text: inout MetricsText) {
    let (rows, desk) = feedback.report(.now)
    let families: [(name: String, help: String, value: (FeedbackCounts) -> UInt64)] = [
      ("lists", "Different lists given out.", \.lists),
      ("shown", "Items in them.", \.shown),
      ("clicked_lists", "Lists with at least one click.", \.clickedLists),
      ("clicks", "Items of lists clicked.", \.clicks),
      ("converted_lists", "Lists with at least one purchase.", \.convertedLists),
      ("conversions", "Items of lists bought.", \.conversions),
    ]
    for family in families {
      text.family("magpie_feedback_\(family.name)_total", .counter, family.help) { samples in
        for row in rows { samples.sample(Double(family.value(row.total)), Self.labels(row.key)) }
      }
    }
    text.family(
      "magpie_feedback_coverage_ratio", .gauge,
      "Share of the items that may be shown which lists of the last hour held."
    ) { samples in
      for row in rows where row.catalogue > 0 {
        let share = Double(row.hour.distinctItems) / Double(row.catalogue)
        samples.sample(min(1, share), Self.labels(row.key))
      }
    }
    text.family(
      "magpie_feedback_novelty", .gauge,
      "Mean of −log2 of the shown items' share of all events, lists of the last hour."
    ) { samples in
      for row in rows where row.hour.noveltyItems > 0 {
        samples.sample(row.hour.noveltyBits / Double(row.hour.noveltyItems), Self.labels(row.key))
      }
    }
    text.counter("magpie_exposures_taken_total", "Lists taken over to be remembered.", desk.taken)
    text.counter("magpie_exposures_dropped_total", "Lists lost because the way was full.", desk.dropped)
    text.counter("magpie_exposures_logged_total", "Lists written to the exposure log.", desk.logged)
    text.gauge("magpie_exposures_remembered", "Lists that events may name.", Double(desk.remembered))
    text.gauge("magpie_exposure_log_bytes", "Bytes of the exposure log.", Double(desk.logBytes))
    text.counter("magpie_attributed_events_total", "Events joined with the list they name.", desk.joined)
    text.counter(
      "magpie_unattributed_events_total", "Events whose list is not remembered or did not hold their item.",
      desk.unknown)
    text.gauge(
      "magpie_quality_factor", "Share of the configured width that the slowest event loop looks at.",
      Double(tables.map(\.quality.value).min() ?? 1_000) / 1_000)
  }

  private static func labels(_ key: FeedbackKey) -> [(String, String)] {
    [
      ("tenant", key.tenant.text), ("scenario", key.scenario), ("generation", "\(key.generation.value)"),
      ("experiment", key.experiment),
    ]
  }
}
