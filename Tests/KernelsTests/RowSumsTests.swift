import CKernels
import Kernels
import Testing

@Suite struct RowSumsTests {
  private func add(_ sums: RowSums, _ rows: [UInt32], _ scores: [Float], _ weight: Float) {
    rows.withUnsafeBufferPointer { rows in
      scores.withUnsafeBufferPointer { sums.add(rows, $0, weight: weight) }
    }
  }

  @Test func sumsStartAtZero() {
    let sums = RowSums()
    sums.begin(4)
    add(sums, [3, 1], [0.5, 0.25], 1)
    add(sums, [1, 9], [1, 1], 0.5)
    #expect(sums.sum(3) == 0.5 && sums.sum(1) == 0.75 && sums.sum(0) == 0)
    #expect(sums.sum(9) == 0 && sums.sum(-1) == 0, "there is no such row")
    #expect(Array(sums.positives().rows) == [1, 3] && Array(sums.positives().sums) == [0.75, 0.5])
    #expect(Array(sums.best(1).rows) == [1])
    sums.strikeOut(1)
    #expect(Array(sums.best(2).rows) == [3] && sums.sum(1) == 0)
    sums.begin(4)
    #expect(sums.positives().rows.isEmpty && sums.sum(3) == 0 && sums.best(3).rows.isEmpty)
  }

  @Test func nothingIsNoTrouble() {
    let sums = RowSums()
    #expect(sums.sum(0) == 0)
    sums.begin(0)
    add(sums, [0], [1], 1)
    sums.add(0, 1)
    sums.strikeOut(0)
    #expect(sums.positives().rows.isEmpty && sums.best(5).rows.isEmpty && sums.best(0).rows.isEmpty)
  }

  /// Against a plain array, over requests of growing and shrinking catalogues: what one wrote, the next must not see.
  @Test func equalsAPlainArray() {
    for seed in UInt64(1)...20 {
      var random = SeededGenerator(seed: seed)
      let sums = RowSums()
      for round in 0..<12 {
        let count = Int.random(in: 1...700, using: &random)
        var plain = [Float](repeating: 0, count: count)
        sums.begin(count)
        var offsets: [UInt64] = [0]
        var rows: [UInt32] = []
        var scores: [Float] = []
        for _ in 0..<Int.random(in: 1...40, using: &random) {
          for _ in 0..<Int.random(in: 0...60, using: &random) {
            rows.append(UInt32.random(in: 0..<UInt32(count), using: &random))
            scores.append(Float.random(in: -0.3...1, using: &random))
          }
          offsets.append(UInt64(rows.count))
        }
        let lists = (0..<30).map { _ in UInt32.random(in: 0..<UInt32(offsets.count - 1), using: &random) }
        let weights = lists.map { _ in Float.random(in: 0...1, using: &random) }
        let isWeighted = round % 2 == 0
        for (list, weight) in zip(lists, weights) {
          for place in Int(offsets[Int(list)])..<Int(offsets[Int(list) + 1]) {
            plain[Int(rows[place])] += (isWeighted ? weight : 1) * scores[place]
          }
        }
        offsets.withUnsafeBufferPointer { offsets in
          rows.withUnsafeBufferPointer { rows in
            scores.withUnsafeBufferPointer { scores in
              let entries = RowLists(offsets: offsets, rows: rows, scores: scores)
              lists.withUnsafeBufferPointer { lists in
                weights.withUnsafeBufferPointer {
                  if isWeighted { sums.add(entries, lists, weights: $0) } else { sums.add(entries, lists) }
                }
              }
            }
          }
        }
        let single = UInt32.random(in: 0..<UInt32(count), using: &random)
        sums.add(single, 0.25)
        plain[Int(single)] += 0.25
        let struck = Int.random(in: 0..<count, using: &random)
        sums.strikeOut(struck)
        plain[struck] = 0
        #expect((0..<count).allSatisfy { sums.sum($0) == plain[$0] }, "seed \(seed), round \(round)")
        let above = (0..<count).filter { plain[$0] > 0 }
        #expect(sums.positives().rows.map { Int($0) } == above, "seed \(seed), round \(round)")
        #expect(sums.positives().sums.elementsEqual(above.map { plain[$0] }), "seed \(seed), round \(round)")
        let best = above.sorted { plain[$0] != plain[$1] ? plain[$0] > plain[$1] : $0 < $1 }.prefix(37)
        #expect(sums.best(37).rows.map { Int($0) } == Array(best), "seed \(seed), round \(round)")
      }
    }
  }

  /// Every instruction set finds the same rows.
  @Test(arguments: KernelSet.all) func setsCollectAlike(_ set: KernelSet) {
    for seed in UInt64(1)...20 {
      var random = SeededGenerator(seed: seed)
      let count = Int.random(in: 1...2_000, using: &random)
      let lines = magpie_sums_lines(count)
      var values = [Float](repeating: 0, count: lines * Int(magpie_sums_line))
      var dirty = [UInt8](repeating: 0, count: lines)
      for _ in 0..<Int.random(in: 0...count, using: &random) {
        let row = Int.random(in: 0..<count, using: &random)
        values[row] =
          [Float.random(in: -1...1, using: &random), .nan, 0, .infinity, -.infinity][
            Int.random(in: 0..<25, using: &random) % 5]
        dirty[row / Int(magpie_sums_line)] = 1
      }
      var rows = [UInt32](repeating: .max, count: count + Int(magpie_sums_line))
      var found = [Float](repeating: -1, count: count + Int(magpie_sums_line))
      let taken = values.withUnsafeMutableBufferPointer { values in
        dirty.withUnsafeMutableBufferPointer { dirty in
          var sums = magpie_sums(values: values.baseAddress, lines: dirty.baseAddress, rows: count)
          return set.collect(&sums, &rows, &found)
        }
      }
      let expected = (0..<count).filter { values[$0] > 0 }
      #expect(rows[..<taken].map { Int($0) } == expected, "seed \(seed), \(set.name)")
      #expect(found[..<taken].elementsEqual(expected.map { values[$0] }), "seed \(seed), \(set.name)")
    }
  }
}
