import Kernels
import LiveState
import Models
import Vocabulary

/// How alike two candidates are: the cosine of their factors, from −1 to 1. Where either has none, the Jaccard measure
/// of their categories, from 0 to 1.
final class ItemLikeness {
  private var items: [ItemIndex] = []
  /// The row in the generation, −1 without one.
  private var rows: [Int32] = []
  private var inverseLengths: [Float] = []

  /// Takes the candidates `order[..<count]`. O(count · dimensions).
  func begin(_ count: Int, _ context: ReadContext, _ scratch: ReadScratch) {
    items.removeAll(keepingCapacity: true)
    rows.removeAll(keepingCapacity: true)
    inverseLengths.removeAll(keepingCapacity: true)
    let factors = context.view?.generation.factors
    for place in 0..<count {
      let item = scratch.candidates.items[Int(scratch.order[place])]
      items.append(item)
      var (row, inverse): (Int32, Float) = (-1, 0)
      if let factors, let found = context.view?.row(of: item), found < factors.itemCount {
        let vector = factors.row(found)
        let squared = Vectors.dot(vector, vector)
        if squared > 0, squared.isFinite {
          (row, inverse) = (Int32(truncatingIfNeeded: found), 1 / squared.squareRoot())
        }
      }
      rows.append(row)
      inverseLengths.append(inverse)
    }
  }

  /// O(dimensions), or O(categories²).
  @inline(__always)
  func of(_ left: Int, _ right: Int, _ context: ReadContext) -> Double {
    if rows[left] >= 0, rows[right] >= 0, let factors = context.view?.generation.factors {
      let product = Vectors.dot(factors.row(Int(rows[left])), factors.row(Int(rows[right])))
      return Double(min(max(product * inverseLengths[left] * inverseLengths[right], -1), 1))
    }
    return Self.jaccard(context.catalogue.categories(items[left]), context.catalogue.categories(items[right]))
  }

  /// Shared names over all names; 0 where either has none. Names twice in one list count once.
  static func jaccard(_ left: [String], _ right: [String]) -> Double {
    var (shared, own) = (0, 0)
    for (place, name) in left.enumerated() where !left[..<place].contains(name) {
      own += 1
      if right.contains(name) { shared += 1 }
    }
    var others = 0
    for (place, name) in right.enumerated() where !right[..<place].contains(name) { others += 1 }
    let all = own + others - shared
    return shared > 0 ? Double(shared) / Double(all) : 0
  }
}
