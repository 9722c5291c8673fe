import CXGBoost
import Foundation
import Models
import Training
import Vocabulary

/// A boosted ensemble in XGBoost's memory (Chen and Guestrin, "XGBoost: a scalable tree boosting system", 2016).
///
/// One thread only: with more, sums would be rounded in another order from run to run.
package final class Booster {
  private let handle: BoosterHandle
  /// Trees that counted: one for each round up to the one after which held-back users gained nothing more.
  package private(set) var treeCount = 0
  /// Log loss of the held-back users after each round.
  package private(set) var losses: [Double] = []

  /// Rounds without a gain before it is given up.
  static let patience = 15

  /// Trains. The same lesson gives the same trees.
  /// - Throws: `numbers_failed` with what the library said.
  package init(_ lesson: BlendLesson) throws(TrainingFault) {
    let learning = try Matrix(lesson.learning)
    let validation = try Matrix(lesson.validation)
    handle = try BoosterHandle([learning.handle, validation.handle])
    // Starting at the share of positives saves the trees that would only move the mean there.
    let share = Double(lesson.learning.positives) / Double(max(1, lesson.learning.labels.count))
    let parameters = [
      ("objective", "binary:logistic"), ("tree_method", "hist"), ("eval_metric", "logloss"),
      ("nthread", "1"), ("verbosity", "0"), ("seed", "\(lesson.seed % UInt64(Int32.max))"),
      ("base_score", "\(min(0.99, max(0.01, share)))"), ("max_depth", "\(lesson.depth)"),
      ("eta", "\(lesson.rate)"), ("subsample", "0.8"), ("min_child_weight", "5"),
    ]
    for (name, value) in parameters { try check(XGBoosterSetParam(handle.raw, name, value)) }
    var best = Double.infinity
    for round in 0..<lesson.rounds {
      try check(XGBoosterUpdateOneIter(handle.raw, Int32(truncatingIfNeeded: round), learning.handle))
      let loss = try loss(of: validation, round: round)
      losses.append(loss)
      if loss < best {
        best = loss
        treeCount = round + 1
      }
      if round + 1 - treeCount >= Self.patience { break }
    }
    if treeCount == 0 {
      throw TrainingFault(
        .numbersFailed, "XGBoost reached no loss that is a number; train with --blend off and report this.")
    }
  }

  private func loss(of matrix: Matrix, round: Int) throws(TrainingFault) -> Double {
    var matrices: [DMatrixHandle?] = [matrix.handle]
    var text: UnsafePointer<CChar>?
    let status = "validation".withCString { name in
      var names: [UnsafePointer<CChar>?] = [name]
      return XGBoosterEvalOneIter(
        handle.raw, Int32(truncatingIfNeeded: round), &matrices, &names, 1, &text)
    }
    try check(status)
    // "[3]\tvalidation-logloss:0.41"
    let line = text.map { String(cString: $0) } ?? ""
    guard let number = line.split(separator: ":").last.flatMap({ Double($0) }) else {
      throw TrainingFault(.numbersFailed, "XGBoost said '\(line)' where a loss was expected.")
    }
    return number
  }

  /// XGBoost's own log odds of rows of features, from the trees that counted: what ours are tested against.
  package func margins(_ features: [Float]) throws(TrainingFault) -> [Float] {
    let rows = features.count / BlendFeature.count
    var shape: UnsafePointer<bst_ulong>?
    var dimensions: bst_ulong = 0
    var result: UnsafePointer<Float>?
    let status = features.withUnsafeBufferPointer { buffer in
      let address = UInt(bitPattern: buffer.baseAddress)
      let array = """
        {"data":[\(address),true],"shape":[\(rows),\(BlendFeature.count)],"typestr":"<f4","version":3}
        """
      let request = """
        {"type":1,"training":false,"iteration_begin":0,"iteration_end":\(treeCount),"strict_shape":false,\
        "cache_id":0,"missing":NaN}
        """
      return XGBoosterPredictFromDense(handle.raw, array, request, nil, &shape, &dimensions, &result)
    }
    try check(status)
    return Array(UnsafeBufferPointer(start: result, count: rows))
  }

  /// The trees that counted, as the daemon walks them.
  /// - Throws: `numbers_failed` if the library's model is not what this program reads.
  package func table() throws(TrainingFault) -> TreeTable {
    var length: bst_ulong = 0
    var bytes: UnsafePointer<CChar>?
    try check(XGBoosterSaveModelToBuffer(handle.raw, #"{"format":"json"}"#, &length, &bytes))
    guard let bytes, let count = Int(exactly: length) else {
      throw TrainingFault(.numbersFailed, "XGBoost gave no model.")
    }
    // Decoded before the handle's next call, which may reuse the memory.
    let saved: SavedModel
    do {
      saved = try JSONDecoder().decode(SavedModel.self, from: Data(bytes: bytes, count: count))
    } catch {
      throw TrainingFault(.numbersFailed, "XGBoost's model cannot be read: \(error).")
    }
    return try saved.table(trees: treeCount)
  }
}

/// Frees the ensemble.
private final class BoosterHandle {
  let raw: CXGBoost.BoosterHandle?

  init(_ matrices: [DMatrixHandle?]) throws(TrainingFault) {
    var made: CXGBoost.BoosterHandle?
    try check(XGBoosterCreate(matrices, bst_ulong(matrices.count), &made))
    raw = made
  }

  deinit { XGBoosterFree(raw) }
}

/// Rows in XGBoost's memory.
private final class Matrix {
  let handle: DMatrixHandle?

  init(_ part: BlendLesson.Part) throws(TrainingFault) {
    var made: DMatrixHandle?
    try check(
      XGDMatrixCreateFromMat_omp(
        part.features, bst_ulong(part.labels.count), bst_ulong(BlendFeature.count), .nan, &made, 1))
    handle = made
    try check(XGDMatrixSetFloatInfo(made, "label", part.labels, bst_ulong(part.labels.count)))
  }

  deinit { XGDMatrixFree(handle) }
}

/// The library returns 0, or has a message.
private func check(_ status: Int32) throws(TrainingFault) {
  if status == 0 { return }
  let said = XGBGetLastError().map { String(cString: $0) } ?? "nothing"
  let line = said.split(separator: "\n").first.map(String.init) ?? "nothing"
  throw TrainingFault(.numbersFailed, "XGBoost failed: \(line) Train with --blend off, and report this.")
}
