import Glibc
import Vocabulary

/// Where items are: a grid of cells about as wide everywhere, so that what is near a point is found without looking at
/// what is far.
///
/// Bands of latitude are 0.02 degrees high, 2.2 km; each is cut into as many cells as keep them at least that wide. Cells lie
/// in shards that successive grids share, so a change copies one shard.
package struct PlaceGrid: Sendable {
  /// An item and its place on a sphere of radius one.
  package struct Place: Sendable, Hashable {
    package let item: ItemIndex
    package let direction: Direction
  }

  static let cellDegrees = 0.02
  /// Height of a band, and least width of a cell, kilometres.
  static let cellKilometres = cellDegrees * .pi / 180 * GeoPoint.earthRadiusKilometres
  private static let bands = Int(180 / cellDegrees)
  private static let shardCount = 256

  private var shards = [[UInt64: [Place]]](repeating: [:], count: Self.shardCount)
  /// Items with a place.
  package private(set) var count = 0

  package init() {}

  // MARK: Writing

  /// Moves an item from one place to another; nil is nowhere. O(cell).
  mutating func move(_ item: ItemIndex, from: GeoPoint?, to: GeoPoint?) {
    if from == to { return }
    if let from {
      let key = Self.key(of: from)
      let shard = Self.shard(of: key)
      let before = shards[shard][key]?.count ?? 0
      shards[shard][key]?.removeAll { $0.item == item }
      count -= before - (shards[shard][key]?.count ?? 0)
      if shards[shard][key]?.isEmpty == true { shards[shard][key] = nil }
    }
    if let to, to.latitude.isFinite, to.longitude.isFinite {
      let key = Self.key(of: to)
      shards[Self.shard(of: key)][key, default: []].append(Place(item: item, direction: to.direction))
      count += 1
    }
  }

  // MARK: Reading

  /// Calls `body` with every item within a distance, and possibly a few beyond it, nearer cells first; stops once `body`
  /// was called `most` times. Which items of equally near cells come first is fixed. Allocates nothing.
  /// O(cells within the distance + items in them).
  package func forEach(
    near point: GeoPoint, kilometres: Double, most: Int, _ body: (Place) -> Void
  ) {
    guard count > 0, most > 0, kilometres >= 0, point.latitude.isFinite, point.longitude.isFinite else {
      return
    }
    let centre = Self.band(point.latitude)
    // Beyond half the Earth there is nothing.
    let reach = min(kilometres, .pi * GeoPoint.earthRadiusKilometres)
    let down = Int((reach / Self.cellKilometres).rounded(.up)) + 1
    let across = Self.columns(within: reach, of: point, bands: centre - down...centre + down)
    var left = most
    for ring in 0...max(down, across) {
      for step in -min(ring, down)...min(ring, down) {
        let band = centre + step
        guard band >= 0, band < Self.bands else { continue }
        let cells = Self.cells(inBand: band)
        let column = Self.column(point.longitude, cells)
        if abs(step) == ring {
          // A row of the ring, without coming round to where it began.
          let west = min(ring, across, (cells - 1) / 2)
          let east = min(ring, across, cells / 2)
          for offset in -west...east {
            guard visit(band, (column + offset + cells) % cells, &left, body) else { return }
          }
        } else if ring <= across {
          if ring <= (cells - 1) / 2 {
            guard visit(band, (column - ring + cells) % cells, &left, body) else { return }
          }
          if ring <= cells / 2 {
            guard visit(band, (column + ring) % cells, &left, body) else { return }
          }
        }
      }
    }
  }

  /// False once enough was seen.
  @inline(__always)
  private func visit(_ band: Int, _ column: Int, _ left: inout Int, _ body: (Place) -> Void) -> Bool {
    let key = Self.key(band, column)
    guard let places = shards[Self.shard(of: key)][key] else { return true }
    for place in places {
      body(place)
      left -= 1
      if left == 0 { return false }
    }
    return true
  }

  // MARK: Cells

  /// Cells to either side, in any of the bands, that can hold something within a distance of a point. Sizes as in
  /// the bounding box of a spherical cap: its meridians touch at sin Δλ = sin δ / cos φ, and one around a pole has all.
  private static func columns(within kilometres: Double, of point: GeoPoint, bands near: ClosedRange<Int>)
    -> Int
  {
    let angle = kilometres / GeoPoint.earthRadiusKilometres
    let latitude = point.latitude.clamped(90) * .pi / 180
    let share =
      abs(latitude) + angle < .pi / 2
      ? asin(min(1, sin(angle) / cos(latitude))) / (2 * .pi) : 0.5
    // The fewest cells are at the ends of the range, the most in the band next to the equator.
    let widest = min(max(bands / 2, near.lowerBound), near.upperBound)
    let cells = cells(inBand: min(max(widest, 0), bands - 1))
    return Int((share * Double(cells)).rounded(.up)) + 1
  }

  private static func band(_ latitude: Double) -> Int {
    min(max(Int(((latitude.clamped(90) + 90) / cellDegrees).rounded(.down)), 0), bands - 1)
  }

  /// Cells of a band: as wide as it is high where it is narrowest, at least one.
  private static func cells(inBand band: Int) -> Int {
    let south = Double(band) * cellDegrees - 90
    let narrowest = max(abs(south), abs(south + cellDegrees))
    return max(1, Int((360 * cos(narrowest * .pi / 180) / cellDegrees).rounded(.down)))
  }

  private static func column(_ longitude: Double, _ cells: Int) -> Int {
    let share = (longitude.clamped(180) + 180) / 360
    return min(max(Int((share * Double(cells)).rounded(.down)), 0), cells - 1)
  }

  private static func key(of point: GeoPoint) -> UInt64 {
    let band = band(point.latitude)
    return key(band, column(point.longitude, cells(inBand: band)))
  }

  private static func key(_ band: Int, _ column: Int) -> UInt64 { UInt64(band) << 32 | UInt64(column) }
  private static func shard(of key: UInt64) -> Int { Int(StableHash.mix(key) % UInt64(shardCount)) }
}

extension Double {
  fileprivate func clamped(_ most: Double) -> Double { Swift.min(Swift.max(self, -most), most) }
}
