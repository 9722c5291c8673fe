import Glibc

extension GeoPoint {
  /// Mean radius of the Earth, kilometres.
  package static let earthRadiusKilometres = 6371.0088

  /// The point on a sphere of radius one.
  package var direction: Direction {
    let radians = Double.pi / 180
    let (a, b) = (latitude * radians, longitude * radians)
    return Direction(x: cos(a) * cos(b), y: cos(a) * sin(b), z: sin(a))
  }
}

/// A point on a sphere of radius one: the distance of two costs no sine.
package struct Direction: Sendable, Hashable {
  package let x, y, z: Double

  package init(x: Double, y: Double, z: Double) { (self.x, self.y, self.z) = (x, y, z) }

  /// Great-circle distance on the Earth, kilometres: twice the arcsine of half the chord. O(1).
  @inline(__always)
  package func kilometres(to other: Direction) -> Double {
    let (dx, dy, dz) = (x - other.x, y - other.y, z - other.z)
    let half = (dx * dx + dy * dy + dz * dz).squareRoot() / 2
    return 2 * GeoPoint.earthRadiusKilometres * asin(min(1, half))
  }
}

/// How much nearness counts.
package struct Proximity: Sendable, Hashable {
  /// What is further away is not near.
  package var kilometresMax: Double
  /// Distance at which nearness counts half.
  package var halfKilometres: Double

  package init(kilometresMax: Double, halfKilometres: Double) {
    self.kilometresMax = kilometresMax
    self.halfKilometres = halfKilometres
  }

  /// 2^(−distance / half), 0 beyond the greatest distance. O(1).
  @inline(__always)
  package func score(kilometres: Double) -> Float {
    kilometres <= kilometresMax ? Float(exp2(-kilometres / halfKilometres)) : 0
  }
}
