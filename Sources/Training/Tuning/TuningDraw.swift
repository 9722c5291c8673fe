import Vocabulary

/// Where the points of a bracket come from. A draw depends on the seed, the family, the bracket, its own number
/// and the results so far, and on nothing else.
struct TuningDraw {
  let family: TuningFamily
  let axes: [TuningFamily.Axis]
  let seed: UInt64

  init(_ family: TuningFamily, settings: TrainingSettings) {
    self.family = family
    axes = family.free(settings)
    seed = StableHash.of(family.name.utf8, seed: settings.seed)
  }

  /// Draws before a bracket gives up finding another point.
  private static let attemptsMax = 200

  /// `count` different points, the wanted ones first.
  /// - Parameters:
  ///   - wanted: taken if there is room, whatever was measured before.
  ///   - best: every second draw lies beside it.
  ///   - isNew: false for points that need no further look.
  func points(
    _ count: Int, cycle: Int, wanted: [TuningPoint], best: TuningPoint?, isNew: (TuningPoint) -> Bool
  ) -> [TuningPoint] {
    var found: [TuningPoint] = []
    for point in wanted where !found.contains(point) { found.append(point) }
    if axes.isEmpty { return found }
    var attempt: UInt64 = 0
    while found.count < count, attempt < Self.attemptsMax {
      let key = StableHash.mix(seed ^ StableHash.mix(UInt64(cycle) << 32 | attempt))
      attempt += 1
      let point = best.flatMap { attempt % 2 == 0 ? beside($0, key) : nil } ?? anywhere(key)
      if isNew(point), !found.contains(point) { found.append(point) }
    }
    return Array(found.prefix(max(count, wanted.count)))
  }

  private func anywhere(_ key: UInt64) -> TuningPoint {
    var point = TuningPoint()
    for (number, axis) in axes.enumerated() {
      let place = StableHash.mix(key &+ UInt64(number + 1)) % UInt64(axis.values.count)
      point[axis.setting] = axis.values[Int(place)]
    }
    return point
  }

  /// Each setting stays, or goes one step up or down; the one that the key names does not stay.
  private func beside(_ point: TuningPoint, _ key: UInt64) -> TuningPoint {
    var result = point
    let mover = Int(key % UInt64(axes.count))
    for (number, axis) in axes.enumerated() {
      let chance = StableHash.mix(key &+ UInt64(number + 1))
      // One in three moves.
      guard number == mover || chance % 3 == 0 else { continue }
      guard let value = point[axis.setting] else { continue }
      // The value may stand between those of the axis: a default, or found by an earlier release.
      let nearest =
        axis.values.indices.min { abs(axis.values[$0] - value) < abs(axis.values[$1] - value) } ?? 0
      let up = chance & 8 != 0
      let step = up ? 1 : -1
      let place = axis.values.indices.contains(nearest + step) ? nearest + step : nearest - step
      if axis.values.indices.contains(place) { result[axis.setting] = axis.values[place] }
    }
    return result
  }
}
