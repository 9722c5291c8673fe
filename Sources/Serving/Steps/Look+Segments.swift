import LiveState
import Models
import Vocabulary

extension Look {
  /// Which segments the user belongs to: values of their attributes, the request's before the profile's, and categories of the newest distinct items they
  /// touched, the session's before the history's. What is looked at, and how it is weighed, is `SegmentMix`.
  static func collectSegments(_ context: ReadContext, _ scratch: ReadScratch) {
    let model = context.view?.generation.segments
    if let model {
      for attribute in model.attributes {
        switch scratch.query.attributes[attribute] {
        case .text(let value): add(attribute, value, model, scratch)
        case .texts(let values):
          for value in values.prefix(Limits.segmentValuesMax) { add(attribute, value, model, scratch) }
        case .number, .flag, nil: break
        }
      }
    }
    scratch.met.begin(context.catalogue.count)
    var age = 0
    for item in scratch.named where age < SegmentMix.historyItems && scratch.met.mark(item, .seen) {
      touchCategories(of: item, age: age, model, context, scratch)
      age += 1
    }
    if let user = scratch.query.user {
      for event in user.history.reversed() where context.catalogue.contains(event.item) {
        if age >= SegmentMix.historyItems { break }
        guard context.settings.weights.isPositive(event.type), scratch.marks[event.item] != .turnedAway,
          scratch.met.mark(event.item, .seen)
        else { continue }
        touchCategories(of: event.item, age: age, model, context, scratch)
        age += 1
      }
    }
    scratch.segments.popular.settle()
    scratch.segments.trending.settle()
  }

  private static func add(
    _ attribute: String, _ value: String, _ model: SegmentModel, _ scratch: ReadScratch
  ) {
    if let segment = model.find(attribute: attribute, value: value) {
      scratch.segments.popular.add(attribute: segment)
    }
  }

  private static func touchCategories(
    of item: ItemIndex, age: Int, _ model: SegmentModel?, _ context: ReadContext, _ scratch: ReadScratch
  ) {
    let categories = context.catalogue.categories(item)
    let count = min(categories.count, Limits.segmentValuesMax)
    for category in categories.prefix(count) {
      if let segment = model?.find(attribute: "", value: category) {
        scratch.segments.popular.touch(category: segment, age: age, count: count)
      }
      if let number = context.categoryTrends.number(of: category) {
        scratch.segments.trending.touch(category: number, age: age, count: count)
      }
    }
  }
}
