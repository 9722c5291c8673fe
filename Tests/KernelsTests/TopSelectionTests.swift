import CKernels
import Kernels
import Testing

@Suite struct TopSelectionTests {
  /// By definition: sort by score, then index, after dropping NaN and minus infinity.
  private func reference(_ scores: [Float], _ count: Int) -> [UInt32] {
    let valid = scores.indices.filter { scores[$0] > -.infinity }
    let sorted = valid.sorted { scores[$0] != scores[$1] ? scores[$0] > scores[$1] : $0 < $1 }
    return sorted.prefix(count).map { UInt32($0) }
  }

  private func select(_ set: KernelSet, _ scores: [Float], _ count: Int, block: Int) -> ([UInt32], [Float]) {
    var kept = [Float](repeating: 0, count: count)
    var indices = [UInt32](repeating: 0, count: count)
    let taken = kept.withUnsafeMutableBufferPointer { kept in
      indices.withUnsafeMutableBufferPointer { indices in
        var selection = magpie_selection(
          scores: kept.baseAddress, indices: indices.baseAddress, capacity: count, count: 0)
        scores.withUnsafeBufferPointer { scores in
          for first in stride(from: 0, to: scores.count, by: block) {
            let part = UnsafeBufferPointer(rebasing: scores[first..<min(first + block, scores.count)])
            set.select(&selection, part, UInt32(first))
          }
        }
        magpie_select_finish(&selection)
        return selection.count
      }
    }
    return (Array(indices[..<taken]), Array(kept[..<taken]))
  }

  @Test(arguments: KernelSet.all) func equalsSorting(_ set: KernelSet) {
    for seed in UInt64(0)..<60 {
      var random = SeededGenerator(seed: seed)
      let length = Int.random(in: 0...400, using: &random)
      let count = Int.random(in: 0...60, using: &random)
      // Few distinct values on odd seeds, so that ties decide.
      var scores = (0..<length).map { _ in
        seed % 2 == 0
          ? Float.random(in: -1...1, using: &random) : Float(Int.random(in: -2...2, using: &random))
      }
      for i in scores.indices where UInt8.random(in: 0...9, using: &random) == 0 {
        scores[i] = [Float.nan, -.infinity, .infinity, -0.0, 0].randomElement(using: &random) ?? 0
      }
      let expected = reference(scores, count)
      for block in [1, 7, 32, 100, 1000] {
        let (indices, kept) = select(set, scores, count, block: block)
        #expect(indices == expected, "seed \(seed), block \(block), \(set.name)")
        #expect(kept == expected.map { scores[Int($0)] }, "seed \(seed), block \(block), \(set.name)")
      }
    }
  }

  /// Rows in any order: of equal scores the lower row, not the earlier place, is better.
  @Test(arguments: KernelSet.all) func bestEqualsSorting(_ set: KernelSet) {
    for seed in UInt64(0)..<80 {
      var random = SeededGenerator(seed: seed)
      let length = Int.random(in: 0...700, using: &random)
      let count =
        seed % 5 == 0 ? Int.random(in: 250...600, using: &random) : Int.random(in: 0...260, using: &random)
      var scores = (0..<length).map { _ in
        seed % 2 == 0
          ? Float.random(in: -1...1, using: &random) : Float(Int.random(in: -2...2, using: &random))
      }
      for i in scores.indices where UInt8.random(in: 0...9, using: &random) == 0 {
        scores[i] = [Float.nan, -.infinity, .infinity, -0.0, 0].randomElement(using: &random) ?? 0
      }
      var rows = (0..<length).map { UInt32($0 * 3) }
      if seed % 3 > 0 { rows.shuffle(using: &random) }
      let expected = (0..<length).filter { scores[$0] > -.infinity }.sorted {
        scores[$0] != scores[$1] ? scores[$0] > scores[$1] : rows[$0] < rows[$1]
      }.prefix(count)
      var keptRows = [UInt32](repeating: .max, count: count)
      var kept = [Float](repeating: .nan, count: count)
      let found = set.best(scores, rows, length, count, &keptRows, &kept)
      #expect(keptRows.prefix(found) == ArraySlice(expected.map { rows[$0] }), "seed \(seed), \(set.name)")
      #expect(kept.prefix(found) == ArraySlice(expected.map { scores[$0] }), "seed \(seed), \(set.name)")
    }
  }

  @Test(arguments: KernelSet.all) func nothingIsKeptOfNothingWorthKeeping(_ set: KernelSet) {
    let worthless = [
      [], [Float.nan], [Float](repeating: -.infinity, count: 70), [Float](repeating: .nan, count: 70),
    ]
    for scores in worthless { #expect(select(set, scores, 5, block: 100).0.isEmpty) }
    #expect(select(set, [1, 2, 3], 0, block: 3).0.isEmpty)
  }

  @Test func selectionIsReusedWithAnyCountUpToItsCapacity() {
    let selection = TopSelection(capacity: 4)
    let scores: [Float] = [0.5, 2, 2, -1, 3]
    for count in 0...4 {
      selection.start(keeping: count)
      scores.withUnsafeBufferPointer { selection.offer($0, firstIndex: 10) }
      let (indices, kept) = selection.finish()
      #expect(Array(indices) == Array([UInt32(14), 11, 12, 10].prefix(count)))
      #expect(Array(kept) == Array([Float(3), 2, 2, 0.5].prefix(count)))
    }
  }
}
