import Vocabulary

extension RandomMessages {
  mutating func tuning() -> TuningSummary {
    var summary = TuningSummary(generation: GenerationNumber(number()))
    summary.searched = Timestamp(microseconds: signed())
    summary.seconds = double()
    summary.measure = word()
    summary.validation = word()
    summary.users = number()
    summary.ended = word()
    summary.caution = word()
    func point(_ make: inout Self) -> TuningSummary.Point {
      TuningSummary.Point(
        settings: make.list { MetricValue(name: $0.word(), value: $0.double()) }, value: make.double(),
        standardError: make.double())
    }
    summary.families = list { make in
      var family = TuningSummary.Family(family: make.word())
      family.tried = make.number()
      family.trials = make.number()
      family.seconds = make.double()
      family.chosen = make.list { MetricValue(name: $0.word(), value: $0.double()) }
      family.best = make.chance() ? point(&make) : nil
      family.runnerUp = make.chance() ? point(&make) : nil
      family.standard = make.chance() ? point(&make) : nil
      family.reason = make.word()
      family.isUsed = make.chance()
      family.note = make.word()
      return family
    }
    return summary
  }
}
