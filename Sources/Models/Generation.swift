import Vocabulary

/// One immutable set of trained models, mapped read-only. Rows 0 ..< itemCount are the items it knows.
///
/// Pointers handed out by its models are valid while the generation, or the model they came from, is alive.
package final class Generation: Sendable {
  package let path: String
  package let manifest: Manifest
  package let items: ItemTable
  /// Nil where the trainer made none.
  package let popularity: PopularityModel?
  package let transitions: NeighbourModel?
  package let cooccurrence: NeighbourModel?
  package let factors: FactorModel?

  package var number: GenerationNumber { manifest.generation }
  package var itemCount: Int { items.count }

  /// Allocates. O(length).
  package func identifier(of row: Int) -> ItemIdentifier { items.identifier(of: row) }

  /// Opens and verifies everything: manifest digest, file sizes, SHA-256, headers, shapes, finite values, order
  /// and ranges. O(bytes), about 1 GB/s.
  package static func open(at path: String) throws(ModelFault) -> Generation { fatalError() }

  init() { fatalError() }
}
