import CKernels
import Kernels
import Testing

typealias ScanFunction =
  @Sendable (
    UnsafePointer<magpie_codes>?, Int, Int, UnsafePointer<magpie_probe>?, UnsafePointer<UInt16>?,
    UnsafeMutablePointer<magpie_sieve>?
  ) -> Void

typealias BestFunction =
  @Sendable (
    UnsafePointer<Float>?, UnsafePointer<UInt32>?, Int, Int, UnsafeMutablePointer<UInt32>?,
    UnsafeMutablePointer<Float>?
  ) -> Int

typealias CollectFunction =
  @Sendable (UnsafePointer<magpie_sums>?, UnsafeMutablePointer<UInt32>?, UnsafeMutablePointer<Float>?) -> Int

typealias TreesFunction =
  @Sendable (UnsafePointer<magpie_trees>?, UnsafePointer<Float>?, Int, UnsafeMutablePointer<Float>?) -> Void

/// One instruction set's functions, so that one suite runs against each.
struct KernelSet: Sendable, CustomTestStringConvertible {
  let name: String
  let dot: @Sendable ([Float], [Float]) -> Float
  let addScaled: @Sendable (Float, [Float], inout [Float]) -> Void
  let gradientAdd: @Sendable ([Float], [UInt32], [Float], Float, [Float], inout [Float]) -> Void
  let scoreRows: @Sendable ([Float], Int, [Float]) -> [Float]
  let scoreGathered: @Sendable ([Float], [UInt32], [Float]) -> [Float]
  let gramAdd: @Sendable (inout [Float], Int, [Float], [UInt32]?, [Float]) -> Void
  let factor: @Sendable (inout [Float], Int) -> Bool
  let solve: @Sendable ([Float], Int, inout [Float]) -> Void
  let scan: ScanFunction
  let settle: @Sendable (UnsafeMutablePointer<magpie_sieve>?) -> Void
  let best: BestFunction
  let collect: CollectFunction
  let trees: TreesFunction
  let select: @Sendable (inout magpie_selection, UnsafeBufferPointer<Float>, UInt32) -> Void

  var testDescription: String { name }

  static let serial = KernelSet(
    name: "serial",
    dot: { magpie_dot_serial($0, $1, $0.count) },
    addScaled: { magpie_add_scaled_serial($0, $1, &$2, $1.count) },
    gradientAdd: { magpie_gradient_add_serial($0, $4.count, $1, $2, $1.count, $3, $4, &$5) },
    scoreRows: { rows, count, vector in
      var scores = [Float](repeating: .nan, count: count)
      magpie_score_rows_serial(rows, count, vector.count, vector, &scores)
      return scores
    },
    scoreGathered: { rows, index, vector in
      var scores = [Float](repeating: .nan, count: index.count)
      magpie_score_gathered_serial(rows, vector.count, index, index.count, vector, &scores)
      return scores
    },
    gramAdd: { magpie_gram_add_serial(&$0, $1, $2, $3, $4, $4.count) },
    factor: { magpie_cholesky_factor_serial(&$0, $1) },
    solve: { magpie_cholesky_solve_serial($0, $1, &$2) },
    scan: magpie_scan_serial,
    settle: magpie_sieve_settle_serial,
    best: magpie_best_serial,
    collect: magpie_sums_collect_serial,
    trees: magpie_trees_evaluate_serial,
    select: { magpie_select_serial(&$0, $1.baseAddress, $1.count, $2) })

  static let avx2 = KernelSet(
    name: "avx2",
    dot: { magpie_dot_avx2($0, $1, $0.count) },
    addScaled: { magpie_add_scaled_avx2($0, $1, &$2, $1.count) },
    gradientAdd: { magpie_gradient_add_avx2($0, $4.count, $1, $2, $1.count, $3, $4, &$5) },
    scoreRows: { rows, count, vector in
      var scores = [Float](repeating: .nan, count: count)
      magpie_score_rows_avx2(rows, count, vector.count, vector, &scores)
      return scores
    },
    scoreGathered: { rows, index, vector in
      var scores = [Float](repeating: .nan, count: index.count)
      magpie_score_gathered_avx2(rows, vector.count, index, index.count, vector, &scores)
      return scores
    },
    gramAdd: { magpie_gram_add_avx2(&$0, $1, $2, $3, $4, $4.count) },
    factor: { magpie_cholesky_factor_avx2(&$0, $1) },
    solve: { magpie_cholesky_solve_avx2($0, $1, &$2) },
    scan: magpie_scan_avx2,
    settle: magpie_sieve_settle_avx2,
    best: magpie_best_avx2,
    collect: magpie_sums_collect_serial,
    trees: magpie_trees_evaluate_avx2,
    select: { magpie_select_avx2(&$0, $1.baseAddress, $1.count, $2) })

  static let avx512 = KernelSet(
    name: "avx512",
    dot: { magpie_dot_avx512($0, $1, $0.count) },
    addScaled: { magpie_add_scaled_avx512($0, $1, &$2, $1.count) },
    gradientAdd: { magpie_gradient_add_avx512($0, $4.count, $1, $2, $1.count, $3, $4, &$5) },
    scoreRows: { rows, count, vector in
      var scores = [Float](repeating: .nan, count: count)
      magpie_score_rows_avx512(rows, count, vector.count, vector, &scores)
      return scores
    },
    scoreGathered: { rows, index, vector in
      var scores = [Float](repeating: .nan, count: index.count)
      magpie_score_gathered_avx512(rows, vector.count, index, index.count, vector, &scores)
      return scores
    },
    gramAdd: { magpie_gram_add_avx2(&$0, $1, $2, $3, $4, $4.count) },
    factor: { magpie_cholesky_factor_avx2(&$0, $1) },
    solve: { magpie_cholesky_solve_avx2($0, $1, &$2) },
    scan: magpie_scan_avx512,
    settle: magpie_sieve_settle_avx512,
    best: magpie_best_avx512,
    collect: magpie_sums_collect_avx512,
    trees: magpie_trees_evaluate_avx512,
    select: { magpie_select_avx512(&$0, $1.baseAddress, $1.count, $2) })

  static let neon = KernelSet(
    name: "neon",
    dot: { magpie_dot_neon($0, $1, $0.count) },
    addScaled: { magpie_add_scaled_neon($0, $1, &$2, $1.count) },
    gradientAdd: { magpie_gradient_add_neon($0, $4.count, $1, $2, $1.count, $3, $4, &$5) },
    scoreRows: { rows, count, vector in
      var scores = [Float](repeating: .nan, count: count)
      magpie_score_rows_neon(rows, count, vector.count, vector, &scores)
      return scores
    },
    scoreGathered: { rows, index, vector in
      var scores = [Float](repeating: .nan, count: index.count)
      magpie_score_gathered_neon(rows, vector.count, index, index.count, vector, &scores)
      return scores
    },
    gramAdd: { magpie_gram_add_serial(&$0, $1, $2, $3, $4, $4.count) },
    factor: { magpie_cholesky_factor_serial(&$0, $1) },
    solve: { magpie_cholesky_solve_serial($0, $1, &$2) },
    scan: magpie_scan_neon,
    settle: magpie_sieve_settle_neon,
    best: magpie_best_neon,
    collect: magpie_sums_collect_serial,
    trees: magpie_trees_evaluate_serial,
    select: { magpie_select_neon(&$0, $1.baseAddress, $1.count, $2) })

  /// Every set this processor can run.
  static let all: [KernelSet] =
    switch InstructionSet.chosen {
    case .serial: [serial]
    case .avx2: [serial, avx2]
    case .avx512: [serial, avx2, avx512]
    case .neon: [serial, neon]
    }

  /// What the functions without a suffix use.
  static var chosen: KernelSet { all[all.count - 1] }
}

/// SplitMix64: the same numbers from the same seed everywhere.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  mutating func floats(_ count: Int, in range: ClosedRange<Float> = -1...1) -> [Float] {
    (0..<count).map { _ in Float.random(in: range, using: &self) }
  }
}

/// Half the distance from 1 to the next float: the unit of the error bounds.
let unitRoundoff = 0x1p-24
