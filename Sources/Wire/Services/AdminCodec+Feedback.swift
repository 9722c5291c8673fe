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
    for item in reply.items {
      writer.message(3) { writer in
        writer.bytes(1, item.item)
        writer.text(2, item.scenario)
        writer.number(3, item.shown)
        writer.number(4, item.clicked)
        encode(item.estimate, 5, into: &writer)
        writer.text(6, item.refusal)
      }
    }
    writer.number(4, reply.remembered)
  }

  private static func encode(_ rate: WeightedRate?, _ field: UInt32, into writer: inout MessageWriter) {
    guard let rate else { return }
    writer.message(field) { writer in
      writer.double(1, rate.value)
      writer.double(2, rate.standardError)
      writer.double(3, rate.effectiveCount)
    }
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
    encode(arm.estimate, 9, into: &writer)
    writer.text(10, arm.note)
    encode(arm.robust, 11, into: &writer)
    writer.text(12, arm.refusal)
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
      reply.items = try messages(message.items, message.n_items) { message in
        var item = ItemEstimate(item: bytes(message.item))
        item.scenario = text(message.scenario)
        item.shown = message.shown
        item.clicked = message.clicked
        if let estimate = message.estimate?.pointee { item.estimate = rate(estimate) }
        item.refusal = text(message.refusal)
        return item
      }
      reply.remembered = message.remembered
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
    if let estimate = message.estimate?.pointee { arm.estimate = rate(estimate) }
    if let robust = message.robust?.pointee { arm.robust = rate(robust) }
    arm.note = text(message.note)
    arm.refusal = text(message.refusal)
    return arm
  }

  private static func rate(_ message: borrowing Magpie__V1__WeightedRate) -> WeightedRate {
    WeightedRate(
      value: message.value, standardError: message.standard_error, effectiveCount: message.effective_count)
  }
}
