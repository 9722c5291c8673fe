import Kernels
import LiveState
import Locking
import Models
import Vocabulary

/// Vectors of the items that a generation has no factors for: those nobody had touched when it was trained, and those that
/// came since. An item that is put has its vector before its put is acknowledged, so it can be in the next list.
///
/// One snapshot is published at a time; readers take it and wait for nothing. Items lie in chunks by their index, which
/// successive snapshots share. At most `Limits.coldItemsMax` are kept, the newest.
package final class ColdItems: Sendable {
  /// Vectors of the items of one range of indices; immutable.
  package final class Chunk: Sendable {
    static let width = 128
    static let none = UInt8.max

    /// Place of each index of the range in the lists below; `none` where it is not held.
    fileprivate let places: [UInt8]
    package let items: [ItemIndex]
    /// Content vectors of length one, row by row.
    package let contents: [Float]
    /// Predicted factors, row by row.
    package let factors: [Float]

    fileprivate init(places: [UInt8], items: [ItemIndex], contents: [Float], factors: [Float]) {
      self.places = places
      self.items = items
      self.contents = contents
      self.factors = factors
    }
  }

  /// All chunks at one moment; immutable.
  package final class Snapshot: Sendable {
    /// By index / `Chunk.width`; nil where nothing is held.
    package let chunks: [Chunk?]
    package let count: Int

    fileprivate init(chunks: [Chunk?], count: Int) {
      self.chunks = chunks
      self.count = count
    }

    /// Where an item's vectors are, nil if it is not held. O(1).
    package func find(_ item: ItemIndex) -> (chunk: Chunk, place: Int)? {
      let number = Int(item.value) / Chunk.width
      guard number < chunks.count, let chunk = chunks[number] else { return nil }
      let place = chunk.places[Int(item.value) % Chunk.width]
      return place == Chunk.none ? nil : (chunk, Int(place))
    }
  }

  private struct Writing {
    var chunks: [Chunk?] = []
    var count = 0
    /// Chunks below it are empty, to make room.
    var first = 0
  }

  private let model: ContentModel
  private let hasFactors: @Sendable (ItemIndex) -> Bool
  private let writing = Locked(Writing())
  private let published = Locked(Snapshot(chunks: [], count: 0))

  /// - Parameter hasFactors: whether the generation has factors for an item.
  package init(_ model: ContentModel, hasFactors: @escaping @Sendable (ItemIndex) -> Bool) {
    self.model = model
    self.hasFactors = hasFactors
  }

  /// What readers see. O(1).
  package var current: Snapshot { published.withLock { $0 } }

  /// Takes in the whole catalogue, the newest items first, until the table is full. Meant for another thread than the
  /// writer's, which it keeps waiting for a chunk at most. O(items without factors · features · dimensions).
  package func fill(from tenant: LiveTenant) {
    let count = tenant.catalogue().count
    var number = (count + Chunk.width - 1) / Chunk.width
    while number > 0 {
      number -= 1
      let range = number * Chunk.width..<min(count, (number + 1) * Chunk.width)
      let isFull = writing.withLock { state in
        if state.count >= Limits.coldItemsMax { return true }
        replace(number, range.lazy.map { ItemIndex(UInt32(truncatingIfNeeded: $0)) }, tenant, &state)
        // The list of chunks is copied for each snapshot.
        if number % 64 == 0 { publish(&state) }
        return false
      }
      if isFull { break }
    }
    writing.withLock { publish(&$0) }
  }

  /// Takes in items that were put or deleted. O(items · (chunk + features · dimensions)).
  package func update(_ changed: [ItemIndex], from tenant: LiveTenant) {
    let sorted = Set(changed).sorted()
    writing.withLock { state in
      var start = 0
      while start < sorted.count {
        let number = Int(sorted[start].value) / Chunk.width
        var end = start + 1
        while end < sorted.count, Int(sorted[end].value) / Chunk.width == number { end += 1 }
        replace(number, sorted[start..<end], tenant, &state)
        start = end
      }
      while state.count > Limits.coldItemsMax, state.first < state.chunks.count {
        state.count -= state.chunks[state.first]?.items.count ?? 0
        state.chunks[state.first] = nil
        state.first += 1
      }
      publish(&state)
    }
  }

  private func publish(_ state: inout Writing) {
    let snapshot = Snapshot(chunks: state.chunks, count: state.count)
    published.withLock { $0 = snapshot }
  }

  /// Makes a chunk anew with these items as the published catalogue has them now, whatever was told of them before.
  private func replace(
    _ number: Int, _ items: some Sequence<ItemIndex>, _ tenant: LiveTenant, _ state: inout Writing
  ) {
    guard number >= state.first else { return }
    let catalogue = tenant.catalogue()
    let (t, d) = (model.dimensions, model.factorDimensions)
    let old = number < state.chunks.count ? state.chunks[number] : nil
    var fresh: [Int: (content: [Float], factors: [Float])?] = [:]
    for item in items { fresh[Int(item.value) % Chunk.width] = .some(vectors(of: item, catalogue)) }
    var places = [UInt8](repeating: Chunk.none, count: Chunk.width)
    var (kept, contents, factors): ([ItemIndex], [Float], [Float]) = ([], [], [])
    for place in 0..<Chunk.width {
      let before = old.map { $0.places[place] } ?? Chunk.none
      if let new = fresh[place] {
        guard let new else { continue }
        contents += new.content
        factors += new.factors
      } else if let old, before != Chunk.none {
        contents += old.contents[Int(before) * t..<(Int(before) + 1) * t]
        factors += old.factors[Int(before) * d..<(Int(before) + 1) * d]
      } else {
        continue
      }
      places[place] = UInt8(truncatingIfNeeded: kept.count)
      kept.append(ItemIndex(UInt32(truncatingIfNeeded: number * Chunk.width + place)))
    }
    if number >= state.chunks.count {
      if kept.isEmpty { return }
      state.chunks.append(contentsOf: repeatElement(nil, count: number + 1 - state.chunks.count))
    }
    state.count += kept.count - (old?.items.count ?? 0)
    state.chunks[number] =
      kept.isEmpty ? nil : Chunk(places: places, items: kept, contents: contents, factors: factors)
  }

  /// Nil for an item with factors of its own, without an entry, or without known content.
  private func vectors(of item: ItemIndex, _ catalogue: Catalogue) -> (content: [Float], factors: [Float])? {
    guard catalogue.contains(item), !hasFactors(item), let entry = catalogue.item(item) else { return nil }
    var content = [Float](repeating: 0, count: model.dimensions)
    var factors = [Float](repeating: 0, count: model.factorDimensions)
    let features = ContentText.features(of: entry)
    let isKnown = content.withUnsafeMutableBufferPointer { content in
      factors.withUnsafeMutableBufferPointer { factors in
        guard model.project(features, into: content),
          model.predictFactors(of: UnsafeBufferPointer(content), into: factors)
        else { return false }
        let square = Vectors.dot(UnsafeBufferPointer(content), UnsafeBufferPointer(content))
        guard square > 0, square.isFinite else { return false }
        for place in content.indices { content[place] /= square.squareRoot() }
        return true
      }
    }
    return isKnown ? (content, factors) : nil
  }
}
