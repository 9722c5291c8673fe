import CMessages
import Vocabulary

/// What lists led to: in `Status`, and by the arms of experiments.
extension AdminCodec {
  static func encode(_ report: FeedbackReport, into writer: inout MessageWriter) {
    writer.text(1, report.key.tenant.text)
    writer.text(2, report.key.scenario)
    writer.number(3, report.key.generation.value)
    writer.text(4, report.key.experiment)
    writer.message(5) { encode(report.total, into: &$0) }
    writer.message(6) { encode(report.hour, into: &$0) }
    writer.message(7) { encode(report.minutes, into: &$0) }
    writer.number(8, report.catalogue)
  }

  private static func encode(_ counts: FeedbackCounts, into writer: inout MessageWriter) {
    writer.number(1, counts.lists)
    writer.number(2, counts.shown)
    writer.number(3, counts.clickedLists)
    writer.number(4, counts.clicks)
    writer.number(5, counts.convertedLists)
    writer.number(6, counts.conversions)
    writer.number(7, counts.distinctItems)
    writer.double(8, counts.noveltyBits)
    writer.number(9, counts.noveltyItems)
  }

  static func encode(_ desk: FeedbackDeskReport, into writer: inout MessageWriter) {
    writer.number(1, desk.taken)
    writer.number(2, desk.dropped)
    writer.number(3, desk.remembered)
    writer.number(4, desk.joined)
    writer.number(5, desk.unknown)
    writer.number(6, desk.logged)
    writer.number(7, desk.logBytes)
  }

  static func feedback(_ message: borrowing Magpie__V1__FeedbackReport) throws(Fault) -> FeedbackReport {
    var report = FeedbackReport(
      FeedbackKey(
        tenant: try TenantName(text(message.tenant)), scenario: text(message.scenario),
        generation: GenerationNumber(message.generation), experiment: text(message.experiment)))
    if let counts = message.total?.pointee { report.total = Self.counts(counts) }
    if let counts = message.hour?.pointee { report.hour = Self.counts(counts) }
    if let counts = message.minutes?.pointee { report.minutes = Self.counts(counts) }
    report.catalogue = message.catalogue
    return report
  }

  private static func counts(_ message: borrowing Magpie__V1__FeedbackCounts) -> FeedbackCounts {
    var counts = FeedbackCounts()
    counts.lists = message.lists
    counts.shown = message.shown
    counts.clickedLists = message.clicked_lists
    counts.clicks = message.clicks
    counts.convertedLists = message.converted_lists
    counts.conversions = message.conversions
    counts.distinctItems = message.distinct_items
    counts.noveltyBits = message.novelty_bits
    counts.noveltyItems = message.novelty_items
    return counts
  }

  static func feedbackDesk(_ message: borrowing Magpie__V1__FeedbackDesk) -> FeedbackDeskReport {
    var desk = FeedbackDeskReport()
    desk.taken = message.taken
    desk.dropped = message.dropped
    desk.remembered = message.remembered
    desk.joined = message.joined
    desk.unknown = message.unknown
    desk.logged = message.logged
    desk.logBytes = message.log_bytes
    return desk
  }

  // MARK: Experiments

  static func decodeExperiments(_ body: UnsafeRawBufferPointer, arena: MessageArena) throws(Fault) -> Request
  {
    try arena.unpack(body, as: "ExperimentsRequest", magpie__v1__experiments_request__unpack) { _ in
      .experiments(ExperimentsRequest())
    }
  }

  static func encode(_ reply: ExperimentsReply, into writer: inout MessageWriter) {
    for experiment in reply.experiments {
      writer.message(1) { writer in
        writer.text(1, experiment.name)
        writer.text(2, experiment.scenario)
        writer.text(3, experiment.unit.rawValue)
        for arm in experiment.arms { writer.message(4) { encode(arm, into: &$0) } }
        for comparison in experiment.comparisons {
          writer.message(5) { writer in
            writer.text(1, comparison.arm)
            writer.text(2, comparison.against)
            writer.double(3, comparison.difference)
            writer.double(4, comparison.low)
            writer.double(5, comparison.high)
          }
        }
      }
    }
    writer.double(2, reply.alpha)
  }

  private static func encode(_ arm: ArmReport, into writer: inout MessageWriter) {
    writer.text(1, arm.name)
    writer.double(2, arm.share)
    writer.text(3, arm.scenario)
    writer.number(4, arm.generation.value)
    writer.message(5) { encode(arm.counts, into: &$0) }
    writer.double(6, arm.rate)
    writer.double(7, arm.low)
    writer.double(8, arm.high)
    if let estimate = arm.estimate {
      writer.message(9) { writer in
        writer.double(1, estimate.value)
        writer.double(2, estimate.standardError)
        writer.double(3, estimate.effectiveCount)
      }
    }
    writer.text(10, arm.note)
  }

  static func decodeExperimentsReply(
    _ body: UnsafeRawBufferPointer, arena: MessageArena
  ) throws(Fault) -> Reply {
    try arena.unpack(body, as: "ExperimentsReply", magpie__v1__experiments_reply__unpack) {
      message throws(Fault) in
      var reply = ExperimentsReply()
      reply.experiments = try messages(message.experiments, message.n_experiments) {
        message throws(Fault) in
        var report = ExperimentReport(name: text(message.name))
        report.scenario = text(message.scenario)
        report.unit = ExperimentSettings.Unit(rawValue: text(message.unit)) ?? .user
        report.arms = try messages(message.arms, message.n_arms) { arm($0) }
        report.comparisons = try messages(message.comparisons, message.n_comparisons) { message in
          var comparison = ArmComparison(arm: text(message.arm), against: text(message.against))
          comparison.difference = message.difference
          comparison.low = message.low
          comparison.high = message.high
          return comparison
        }
        return report
      }
      reply.alpha = message.alpha
      return .experiments(reply)
    }
  }

  private static func arm(_ message: borrowing Magpie__V1__ArmReport) -> ArmReport {
    var arm = ArmReport(name: text(message.name))
    arm.share = message.share
    arm.scenario = text(message.scenario)
    arm.generation = GenerationNumber(message.generation)
    if let counts = message.counts?.pointee { arm.counts = Self.counts(counts) }
    arm.rate = message.rate
    arm.low = message.low
    arm.high = message.high
    if let estimate = message.estimate?.pointee {
      arm.estimate = WeightedRate(
        value: estimate.value, standardError: estimate.standard_error,
        effectiveCount: estimate.effective_count)
    }
    arm.note = text(message.note)
    return arm
  }
}
