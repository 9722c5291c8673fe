import Vocabulary

/// Writes one generation: into `NNNNNN.partial`, then renamed whole. What it refuses, `Generation.open` would too.
/// Not sendable: one thread writes.
package final class GenerationWriter {
  package let number: GenerationNumber
  /// The final path of the generation.
  package let path: String

  /// Makes the directory `NNNNNN.partial`. Fails with `.exists` if it or the finished generation is there.
  package init(in generationsPath: String, number: GenerationNumber) throws(ModelFault) { fatalError() }

  /// The item table, in row order. Call it first: everything else is checked against it.
  package func addItems(_ items: [ItemIdentifier]) throws(ModelFault) { fatalError() }

  /// Popularity: best first, `scores` never increasing.
  package func addPopularity(rows: [UInt32], scores: [Float], parameters: [String: Double] = [:])
    throws(ModelFault)
  { fatalError() }

  /// Neighbours in compressed rows: those of item i are `offsets[i] ..< offsets[i + 1]`, best first.
  package func addNeighbours(
    _ name: String, offsets: [UInt64], rows: [UInt32], scores: [Float], parameters: [String: Double] = [:]
  ) throws(ModelFault) { fatalError() }

  /// Item factors, row by row; their gram matrix is computed here.
  package func addFactors(
    _ name: String, rows: UnsafeBufferPointer<Float>, dimensions: Int, regularisation: Double,
    unobservedWeight: Double, regularisationExponent: Double, parameters: [String: Double] = [:]
  ) throws(ModelFault) { fatalError() }

  /// Fills in the manifest's models and arrays, writes it, syncs every file, verifies by opening, renames, and
  /// syncs the directory. The writer is spent afterwards.
  package func finish(_ manifest: Manifest) throws(ModelFault) -> Manifest { fatalError() }

  /// Removes what was written. Harmless after `finish`.
  package func abandon() { fatalError() }
}
