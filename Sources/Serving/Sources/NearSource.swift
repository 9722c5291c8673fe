import LiveState
import Models
import Vocabulary

/// What lies near: near the place of the request if it has one, else near the places of the newest items the user had to do
/// with,
///
///     score(i) = Σ_c weight(c) · 2^(−distance(c, i) / half)
///
/// The weight of the request's place is one, that of an item the user's confidence in it. Needs no generation.
enum NearSource {
  /// O(cells within the distance + `Limits.nearPlacesMax`).
  static func gather(_ width: Int, _ context: ReadContext, _ scratch: ReadScratch) {
    let grid = context.catalogue.places
    guard grid.count > 0 else { return }
    let settings = context.settings.near
    scratch.centres.removeAll(keepingCapacity: true)
    collectCentres(context, scratch)
    guard !scratch.centres.isEmpty else { return }
    scratch.sums.begin(context.catalogue.count)
    let each = max(1, Limits.nearPlacesMax / scratch.centres.count)
    let proximity = settings.proximity
    let count = context.catalogue.count
    for centre in scratch.centres {
      let direction = centre.point.direction
      grid.forEach(near: centre.point, kilometres: settings.kilometres, most: each) { place in
        let score = proximity.score(kilometres: direction.kilometres(to: place.direction))
        if score > 0, Int(place.item.value) < count {
          scratch.sums.add(place.item.value, centre.weight * score)
        }
      }
    }
    scratch.ranking.begin(width)
    let (found, sums) = scratch.sums.positives()
    for (place, value) in found.enumerated() {
      let entry = Ranking.Entry(
        score: Double(sums[place]), tie: UInt64(value), number: value)
      guard scratch.ranking.accepts(entry), Rules.verdict(ItemIndex(value), context, scratch) == nil else {
        continue
      }
      scratch.ranking.insert(entry)
    }
    scratch.ranking.sort()
    scratch.offerRanking(as: .near)
  }

  private static func collectCentres(_ context: ReadContext, _ scratch: ReadScratch) {
    if let place = scratch.query.location {
      scratch.centres.append(Centre(point: place, weight: 1, item: nil))
      return
    }
    scratch.met.begin(context.catalogue.count)
    let unit = context.view?.confidenceUnit ?? 1
    let view = Confidence.of(weight: max(context.settings.weights[.view], 0), unit: unit)
    for item in scratch.named where scratch.met.mark(item, .seen) {
      add(item, weight: view, context, scratch)
    }
    guard let user = scratch.query.user else { return }
    scratch.ranking.begin(Limits.nearCentresMax)
    for (number, item) in user.items.enumerated() where item.weight > 0 {
      guard context.catalogue.contains(item.item), scratch.marks[item.item] != .turnedAway else { continue }
      scratch.ranking.insert(
        Ranking.Entry(
          score: Double(item.seconds), tie: UInt64(item.item.value),
          number: UInt32(truncatingIfNeeded: number)))
    }
    scratch.ranking.sort()
    for entry in scratch.ranking.entries {
      let item = user.items[Int(entry.number)]
      guard scratch.met.mark(item.item, .seen) else { continue }
      add(item.item, weight: Confidence.of(weight: item.weight, unit: unit), context, scratch)
    }
  }

  private static func add(
    _ item: ItemIndex, weight: Float, _ context: ReadContext, _ scratch: ReadScratch
  ) {
    guard weight > 0, scratch.centres.count < Limits.nearCentresMax,
      let place = context.catalogue.location(item)
    else { return }
    scratch.centres.append(Centre(point: place, weight: weight, item: item))
  }

  /// The places that add most to an item's score, as the items that lie there; none where the request named the place.
  static func strongestCentres(of item: ItemIndex, _ context: ReadContext, _ scratch: ReadScratch)
    -> [ItemIndex]
  {
    guard let place = context.catalogue.location(item)?.direction else { return [] }
    scratch.ranking.begin(2 * Reasons.citedMax)
    for centre in scratch.centres {
      guard let cited = centre.item else { continue }
      let share =
        centre.weight
        * context.settings.near.proximity.score(kilometres: centre.point.direction.kilometres(to: place))
      if share > 0 {
        scratch.ranking.insert(
          Ranking.Entry(score: Double(share), tie: UInt64(cited.value), number: cited.value))
      }
    }
    scratch.ranking.sort()
    return scratch.ranking.entries.map { ItemIndex($0.number) }
  }
}

/// A place to look around.
struct Centre: Hashable {
  var point: GeoPoint
  var weight: Float
  /// The item that lies there; nil for the place of the request.
  var item: ItemIndex?
}
