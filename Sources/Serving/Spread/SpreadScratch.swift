import Vocabulary

/// Working memory of the spread step, reused from request to request.
package final class SpreadScratch {
  let likeness = ItemLikeness()
  let marginal = MarginalOrder.Memory()
  let determinantal = DeterminantalOrder.Memory()
  let builder = SlateBuilder()
  let exploration = ExplorationScratch()
  /// By place in the order: relevance from 0 to 1, or quality.
  var relevance: [Double] = []
  var places: [Int32] = []
  var isMoved: [Bool] = []

  // What became of the list, by place in the final order.
  package internal(set) var placements: [Placement] = []
  /// Empty where no chance was used.
  package internal(set) var propensities: [Double] = []

  func begin() {
    placements.removeAll(keepingCapacity: true)
    propensities.removeAll(keepingCapacity: true)
    exploration.begin()
  }

  package func placement(at place: Int) -> Placement {
    place < placements.count ? placements[place] : .ranked
  }

  package func propensity(at place: Int) -> Float? {
    place < propensities.count ? Float(propensities[place]) : nil
  }
}
