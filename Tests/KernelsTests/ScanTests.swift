import CKernels
import Kernels
import Testing

/// The kernels below `RowScan`, against integers and 64-bit arithmetic.
@Suite struct ScanTests {
  /// A table of codes as the kernels want it, and as a reader would write it down.
  private struct Table {
    let numbers: [[Int]]
    let scales: [Float]
    var packed: [UInt8]
    var padded: [Float]
    let groups: Int

    init(rows: Int, width: Int, random: inout SeededGenerator) {
      numbers = (0..<rows).map { _ in (0..<width).map { _ in Int.random(in: -127...127, using: &random) } }
      scales = random.floats(rows, in: 0...2)
      groups = (width + 3) / 4
      let blocks = (rows + 15) / 16
      packed = [UInt8](repeating: 128, count: blocks * 64 * groups)
      padded = [Float](repeating: 0, count: blocks * 16)
      for row in 0..<rows {
        padded[row] = scales[row]
        for column in 0..<width {
          packed[row / 16 * 64 * groups + column / 4 * 64 + row % 16 * 4 + column % 4] =
            UInt8(numbers[row][column] + 128)
        }
      }
    }

    /// Overwrites the packed row.
    mutating func put(_ numbers: [Int], scale: Float, in row: Int) {
      padded[row] = scale
      for (column, number) in numbers.enumerated() {
        packed[row / 16 * 64 * groups + column / 4 * 64 + row % 16 * 4 + column % 4] = UInt8(number + 128)
      }
    }
  }

  /// What is in the sieve after two scans that cover the table, and the threshold.
  private func scan(
    _ set: KernelSet, _ table: Table, _ probe: [Int], gain: Float, slack: Float, allowed: [UInt16]?,
    keeping: Int, order: [UInt32]? = nil
  ) -> (rows: [UInt32], uppers: [Float], lowers: [Float], threshold: Float) {
    let count = table.numbers.count
    var codes = probe.map { Int8($0) }
    codes += [Int8](repeating: 0, count: 4 * table.groups - codes.count)
    var rows = [UInt32](repeating: .max, count: count + 16)
    var (uppers, lowers) = (
      [Float](repeating: .nan, count: count + 16), [Float](repeating: .nan, count: count + 16)
    )
    var places = order ?? []
    places += [UInt32](repeating: .max, count: table.padded.count - places.count)
    let blocks = (count + 15) / 16
    let (found, threshold) = rows.withUnsafeMutableBufferPointer { rows in
      uppers.withUnsafeMutableBufferPointer { uppers in
        lowers.withUnsafeMutableBufferPointer { lowers in
          table.packed.withUnsafeBufferPointer { packed in
            table.padded.withUnsafeBufferPointer { scales in
              codes.withUnsafeBufferPointer { codes in
                places.withUnsafeBufferPointer { places in
                  (allowed ?? []).withUnsafeBufferPointer { bits in
                    var sieve = magpie_sieve()
                    (sieve.rows, sieve.uppers, sieve.lowers) = (
                      rows.baseAddress, uppers.baseAddress, lowers.baseAddress
                    )
                    magpie_sieve_start(&sieve, keeping)
                    var input = magpie_codes(
                      codes: packed.baseAddress, scales: scales.baseAddress,
                      order: order == nil ? nil : places.baseAddress, count: count, groups: table.groups)
                    var sought = magpie_probe(
                      codes: codes.baseAddress, offset: Int32(128 * probe.reduce(0, +)), gain: gain,
                      slack: slack)
                    let part = blocks - blocks / 3
                    let mask = allowed == nil ? nil : bits.baseAddress
                    set.scan(&input, 0, part, &sought, mask, &sieve)
                    set.scan(&input, part, blocks - part, &sought, mask, &sieve)
                    set.settle(&sieve)
                    return (sieve.count, sieve.threshold)
                  }
                }
              }
            }
          }
        }
      }
    }
    return (Array(rows.prefix(found)), Array(uppers.prefix(found)), Array(lowers.prefix(found)), threshold)
  }

  @Test(arguments: KernelSet.all) func noRowThatCanBeAmongTheBestIsMissing(_ set: KernelSet) {
    for (rows, width) in [
      (1, 1), (15, 3), (16, 4), (17, 5), (64, 8), (65, 31), (130, 64), (700, 17), (300, 129), (18_000, 5),
    ] {
      for keeping in [1, 3, 20] {
        for filtered in [false, true] {
          let seed = UInt64(rows * 1000 + width * 10 + keeping)
          var random = SeededGenerator(seed: seed)
          let table = Table(rows: rows, width: width, random: &random)
          let probe = (0..<width).map { _ in Int.random(in: -127...127, using: &random) }
          let bits = (0..<(rows + 15) / 16).map { _ in UInt16.random(in: 0...UInt16.max, using: &random) }
          let (gain, slack) = (Float(0.01), Float(width))
          let found = scan(
            set, table, probe, gain: gain, slack: slack, allowed: filtered ? bits : nil, keeping: keeping)

          let candidates = (0..<rows).filter { !filtered || bits[$0 / 16] & (1 << UInt16($0 % 16)) != 0 }
          func bound(_ row: Int, _ sign: Double) -> Double {
            let sum = zip(table.numbers[row], probe).reduce(0) { $0 + $1.0 * $1.1 }
            return Double(table.scales[row]) * (Double(sum) * Double(gain) + sign * Double(slack))
          }
          let floors = candidates.map { bound($0, -1) }.sorted(by: >)
          let threshold = floors.count < keeping ? -Double.infinity : floors[keeping - 1]
          let label: Comment = "seed \(seed), filtered \(filtered), \(set.name)"
          // A hair above the threshold, because bounds are computed in 32 bits.
          for row in candidates where bound(row, 1) > threshold + 1e-3 {
            #expect(found.rows.contains(UInt32(row)), label)
          }
          #expect(Set(found.rows).isSubset(of: Set(candidates.map { UInt32($0) })), label)
          #expect(zip(found.rows, found.rows.dropFirst()).allSatisfy { $0 < $1 }, label)
          for (row, (upper, lower)) in zip(found.rows, zip(found.uppers, found.lowers)) {
            let exact = bound(Int(row), 1)
            #expect(abs(Double(lower) - bound(Int(row), -1)) <= 1e-3, label)
            // Two roundings of a product and a sum, one of the scale: three units of the larger part.
            let size =
              Double(table.scales[Int(row)])
              * (abs(exact) / max(1e-9, Double(table.scales[Int(row)])) + 2 * Double(slack))
            #expect(abs(Double(upper) - exact) <= 4 * unitRoundoff * size, label)
          }
          if floors.count >= keeping {
            #expect(abs(Double(found.threshold) - threshold) <= 1e-3, label)
          } else {
            #expect(found.threshold == -.infinity && found.rows.count == candidates.count, label)
          }
        }
      }
    }
  }

  /// Rows in any order, with slots that hold none: the same rows pass as when they lie one after the other.
  @Test(arguments: KernelSet.all) func anOrderChangesWhereRowsLieAndNothingElse(_ set: KernelSet) {
    for seed in UInt64(1)...6 {
      var random = SeededGenerator(seed: seed)
      let slots = 16 * Int.random(in: 4...60, using: &random)
      let table = Table(rows: slots, width: 20, random: &random)
      let isEmpty = (0..<slots).map { _ in UInt8.random(in: 0...9, using: &random) == 0 }
      var order = (0..<slots).map { UInt32($0) }.shuffled(using: &random)
      for slot in 0..<slots where isEmpty[slot] { order[slot] = .max }
      var straight = table
      for (slot, row) in order.enumerated() where row < .max {
        straight.put(table.numbers[slot], scale: table.scales[slot], in: Int(row))
      }
      var allowed = (0..<slots / 16).map { _ in UInt16.random(in: 0...UInt16.max, using: &random) }
      let rows = Set(order)
      for row in 0..<slots where !rows.contains(UInt32(row)) { allowed[row / 16] &= ~(1 << UInt16(row % 16)) }
      let probe = (0..<20).map { _ in Int.random(in: -127...127, using: &random) }
      let (ordered, plain) = (
        scan(set, table, probe, gain: 0.01, slack: 20, allowed: allowed, keeping: 9, order: order),
        scan(set, straight, probe, gain: 0.01, slack: 20, allowed: allowed, keeping: 9)
      )
      #expect(ordered.rows.sorted() == plain.rows, "seed \(seed), \(set.name)")
      #expect(ordered.threshold == plain.threshold, "seed \(seed), \(set.name)")
    }
  }

  @Test func allowedRowsAreThoseWhoseBitIsSet() {
    for seed in UInt64(1)...40 {
      var random = SeededGenerator(seed: seed)
      let count = Int.random(in: 1...300, using: &random)
      let bits = (0..<(count + 15) / 16).map { _ in
        UInt16.random(in: 0...UInt16.max, using: &random) & UInt16.random(in: 0...UInt16.max, using: &random)
      }
      let expected = (0..<count).filter { bits[$0 / 16] & (1 << UInt16($0 % 16)) != 0 }.map { UInt32($0) }
      for most in [expected.count, expected.count - 1, count] where most >= 0 {
        var rows = [UInt32](repeating: .max, count: most + 1)
        let found = magpie_allowed_rows(bits, count, most, &rows)
        #expect(found == min(expected.count, most + 1), "seed \(seed)")
        if most >= expected.count { #expect(Array(rows.prefix(expected.count)) == expected, "seed \(seed)") }
      }
    }
  }

  @Test(arguments: KernelSet.all) func extremesDoNotOverflow(_ set: KernelSet) {
    var random = SeededGenerator(seed: 1)
    for sign in [-1, 1] {
      var table = Table(rows: 16, width: 1024, random: &random)
      for place in table.packed.indices { table.packed[place] = sign < 0 ? 1 : 255 }
      for row in 0..<16 { table.padded[row] = 1 }
      let found = scan(
        set, table, [Int](repeating: 127, count: 1024), gain: 1, slack: 0, allowed: nil, keeping: 16)
      #expect(found.rows.count == 16)
      #expect(found.uppers.allSatisfy { $0 == Float(sign * 127 * 127 * 1024) })
    }
  }
}
