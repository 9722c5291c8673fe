import Expressions
import LiveState
import Vocabulary

/// A filter, and where it reads nothing but the item also what it said of every item so far.
///
/// Such a filter says the same to everybody as long as an item is not put anew, so its answers are kept from request to
/// request: two bits for each item, and one for each row of the generation once it was asked of all of them. A
/// change of the catalogue costs the 256 items of its chunk. Belongs to one event loop.
final class StoredFilter {
  let expression: Expression
  /// Whether it reads neither user nor request nor time.
  let isStatic: Bool

  /// Of the chunks whose answers are kept.
  private var versions: [UInt32] = []
  private var known: [UInt64] = []
  private var passing: [UInt64] = []

  /// A bit for each row of the view, sixteen in a word; what `RowScan` takes.
  private var mask: [UInt16] = []
  /// The generation it is made for.
  private var maskView: UInt64 = 0
  /// Versions of the chunks it was made from; a chunk that has none was not asked yet.
  private var maskVersions: [UInt32?] = []
  /// Chunks before this one agree with `maskVersions`.
  private var maskDone = 0

  private static let wordsOfChunk = Catalogue.chunkItems / 64

  init(_ expression: Expression) {
    self.expression = expression
    isStatic = !expression.readsTime && expression.owners.isSubset(of: [.item])
  }

  /// Forgets what was said of chunks that changed. O(1) if nothing did, else O(chunks); allocates when the catalogue
  /// grew.
  func begin(_ catalogue: Catalogue) {
    guard isStatic, versions != catalogue.versions else { return }
    let chunks = catalogue.versions.count
    if known.count < chunks * Self.wordsOfChunk {
      let missing = chunks * Self.wordsOfChunk - known.count
      known.append(contentsOf: repeatElement(0, count: missing))
      passing.append(contentsOf: repeatElement(0, count: missing))
    }
    for chunk in 0..<chunks where chunk >= versions.count || versions[chunk] != catalogue.versions[chunk] {
      for word in chunk * Self.wordsOfChunk..<(chunk + 1) * Self.wordsOfChunk { known[word] = 0 }
      maskDone = min(maskDone, chunk)
    }
    versions = catalogue.versions
  }

  /// REQUIRES: `begin` with this catalogue, which contains the item. O(1) for an item asked about before.
  func passes(_ item: ItemIndex, _ catalogue: Catalogue, _ input: inout ExpressionInput) -> Bool {
    guard isStatic else { return evaluate(item, catalogue, &input) }
    let (word, bit) = (Int(item.value >> 6), UInt64(1) << UInt64(item.value & 63))
    if known[word] & bit != 0 { return passing[word] & bit != 0 }
    let passes = evaluate(item, catalogue, &input)
    known[word] |= bit
    if passes { passing[word] |= bit } else { passing[word] &= ~bit }
    return passes
  }

  private func evaluate(_ item: ItemIndex, _ catalogue: Catalogue, _ input: inout ExpressionInput) -> Bool {
    input.entry = catalogue.entry(item)
    input.itemIdentifier = catalogue.identifier(item)
    return expression.passes(input)
  }

  /// The rows that pass, or nil while not all items were asked: each call asks at most `budget` more, so that no request
  /// pays for a large catalogue alone. Rows without an item in it do not pass.
  /// REQUIRES: `begin` with this catalogue.
  func rows(
    of view: GenerationView, _ catalogue: Catalogue, _ input: inout ExpressionInput, budget: Int
  ) -> [UInt16]? {
    guard isStatic else { return nil }
    let words = (view.generation.itemCount + 15) / 16
    if maskView != view.number || mask.count != words {
      mask = [UInt16](repeating: 0, count: words)
      maskVersions.removeAll(keepingCapacity: true)
      (maskView, maskDone) = (view.number, 0)
    }
    let chunks = catalogue.versions.count
    if maskVersions.count < chunks {
      maskVersions.append(contentsOf: repeatElement(nil, count: chunks - maskVersions.count))
    }
    var left = budget
    while maskDone < chunks {
      let chunk = maskDone
      if maskVersions[chunk] != catalogue.versions[chunk] {
        guard left > 0 else { return nil }
        left -= Catalogue.chunkItems
        let end = min((chunk + 1) * Catalogue.chunkItems, catalogue.count)
        for number in chunk * Catalogue.chunkItems..<end {
          let item = ItemIndex(UInt32(truncatingIfNeeded: number))
          guard let row = view.row(of: item) else { continue }
          let bit = UInt16(1) << UInt16(row & 15)
          if passes(item, catalogue, &input) { mask[row >> 4] |= bit } else { mask[row >> 4] &= ~bit }
        }
        maskVersions[chunk] = catalogue.versions[chunk]
      }
      maskDone += 1
    }
    return mask
  }
}
