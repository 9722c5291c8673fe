import CKernels
import Foundation
import Kernels
import Testing

@Suite struct DotTests {
  @Test(arguments: KernelSet.all) func dotIsWithinTheBoundAtEveryLength(_ set: KernelSet) {
    for seed in UInt64(0)..<4 {
      var random = SeededGenerator(seed: seed)
      for count in Array(0...70) + [127, 128, 129, 255, 1000, 1023] {
        let a = random.floats(count)
        let b = random.floats(count)
        var sum = 0.0
        var magnitude = 0.0
        for (x, y) in zip(a, b) {
          sum += Double(x) * Double(y)
          magnitude += abs(Double(x) * Double(y))
        }
        let error = abs(Double(set.dot(a, b)) - sum)
        #expect(
          error <= Double(count + 4) * unitRoundoff * magnitude, "seed \(seed), count \(count), \(set.name)")
      }
    }
  }

  @Test(arguments: KernelSet.all) func addScaledIsWithinTwoRoundings(_ set: KernelSet) {
    for count in Array(0...40) + [127, 333] {
      var random = SeededGenerator(seed: UInt64(count))
      let x = random.floats(count)
      let before = random.floats(count)
      var y = before
      set.addScaled(0.37, x, &y)
      for i in 0..<count {
        let product = Double(Float(0.37)) * Double(x[i])
        let bound = 2 * unitRoundoff * (abs(product) + abs(Double(before[i])))
        #expect(abs(Double(y[i]) - (Double(before[i]) + product)) <= bound, "count \(count), element \(i)")
      }
    }
  }

  @Test(arguments: KernelSet.all) func nanAndInfinityRunThrough(_ set: KernelSet) {
    for count in [1, 7, 8, 9, 16, 31] {
      for place in 0..<count {
        var a = [Float](repeating: 1, count: count)
        a[place] = .nan
        #expect(set.dot(a, [Float](repeating: 1, count: count)).isNaN)
        a[place] = .infinity
        #expect(set.dot(a, [Float](repeating: 1, count: count)) == .infinity)
      }
    }
  }

  @Test func wrappersUseTheChosenSet() {
    var random = SeededGenerator(seed: 9)
    let a = random.floats(77)
    let b = random.floats(77)
    let set = KernelSet.chosen
    let expected = set.dot(a, b)
    let found = a.withUnsafeBufferPointer { left in b.withUnsafeBufferPointer { Vectors.dot(left, $0) } }
    #expect(found.bitPattern == expected.bitPattern)
    var y = b
    var sum = b
    set.addScaled(2, a, &sum)
    a.withUnsafeBufferPointer { x in y.withUnsafeMutableBufferPointer { Vectors.add(2, times: x, to: $0) } }
    #expect(y == sum)
  }

  #if arch(x86_64)
    @Test func processorsWithTheInstructionsUseThem() throws {
      let text = try String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
      let flags = Set(text.split(whereSeparator: \.isWhitespace))
      let hasAVX2 = flags.isSuperset(of: ["avx2", "fma"])
      let hasAVX512 =
        hasAVX2 && flags.isSuperset(of: ["avx512f", "avx512vl", "avx512bw", "avx512dq", "avx512_vnni"])
      #expect(InstructionSet.chosen == (hasAVX512 ? .avx512 : hasAVX2 ? .avx2 : .serial))
    }
  #endif
}
