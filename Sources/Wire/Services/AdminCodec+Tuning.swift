import CMessages
import Vocabulary

/// The search for settings in a generation's summary.
extension AdminCodec {
  static func encode(_ tuning: TuningSummary, into writer: inout MessageWriter) {
    writer.number(1, tuning.generation.value)
    writer.signed(2, tuning.searched.microseconds)
    writer.double(3, tuning.seconds)
    writer.text(4, tuning.measure)
    writer.text(5, tuning.validation)
    writer.number(6, tuning.users)
    writer.text(7, tuning.ended)
    writer.text(8, tuning.caution)
    for family in tuning.families { writer.message(9) { encode(family, into: &$0) } }
  }

  private static func encode(_ family: TuningSummary.Family, into writer: inout MessageWriter) {
    writer.text(1, family.family)
    writer.number(2, family.tried)
    writer.number(3, family.trials)
    writer.double(4, family.seconds)
    encode(family.chosen, 5, into: &writer)
    if let best = family.best { writer.message(6) { encode(best, into: &$0) } }
    if let runnerUp = family.runnerUp { writer.message(7) { encode(runnerUp, into: &$0) } }
    if let standard = family.standard { writer.message(8) { encode(standard, into: &$0) } }
    writer.text(9, family.reason)
    writer.flag(10, family.isUsed)
    writer.text(11, family.note)
  }

  private static func encode(_ point: TuningSummary.Point, into writer: inout MessageWriter) {
    encode(point.settings, 1, into: &writer)
    writer.double(2, point.value)
    writer.double(3, point.standardError)
  }

  private static func encode(_ settings: [MetricValue], _ field: UInt32, into writer: inout MessageWriter) {
    for setting in settings {
      writer.message(field) { writer in
        writer.text(1, setting.name)
        writer.double(2, setting.value)
      }
    }
  }

  static func tuning(_ message: borrowing Magpie__V1__TuningSummary) throws(Fault) -> TuningSummary {
    var tuning = TuningSummary(generation: GenerationNumber(message.generation))
    tuning.searched = Timestamp(microseconds: message.searched)
    tuning.seconds = message.seconds
    tuning.measure = text(message.measure)
    tuning.validation = text(message.validation)
    tuning.users = message.users
    tuning.ended = text(message.ended)
    tuning.caution = text(message.caution)
    tuning.families = try messages(message.families, message.n_families) { message throws(Fault) in
      try family(message)
    }
    return tuning
  }

  private static func family(_ message: borrowing Magpie__V1__TunedFamily) throws(Fault)
    -> TuningSummary.Family
  {
    var family = TuningSummary.Family(family: text(message.family))
    family.tried = message.tried
    family.trials = message.trials
    family.seconds = message.seconds
    family.chosen = try settings(message.chosen, message.n_chosen)
    if let best = message.best?.pointee { family.best = try point(best) }
    if let runnerUp = message.runner_up?.pointee { family.runnerUp = try point(runnerUp) }
    if let standard = message.standard?.pointee { family.standard = try point(standard) }
    family.reason = text(message.reason)
    family.isUsed = message.used != 0
    family.note = text(message.note)
    return family
  }

  private static func point(_ message: borrowing Magpie__V1__TuningPoint) throws(Fault) -> TuningSummary.Point
  {
    TuningSummary.Point(
      settings: try settings(message.settings, message.n_settings), value: message.value,
      standardError: message.standard_error)
  }

  private static func settings(
    _ values: UnsafeMutablePointer<UnsafeMutablePointer<Magpie__V1__Metric>?>?, _ count: Int
  ) throws(Fault) -> [MetricValue] {
    try messages(values, count) { metric in MetricValue(name: text(metric.name), value: metric.value) }
  }
}
