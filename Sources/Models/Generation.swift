import Checksums
import Vocabulary

/// One immutable set of trained models, mapped read-only. Rows 0 ..< itemCount are the items it knows.
///
/// Pointers handed out by its models are valid while the generation, or a copy of the model they came from, is alive.
package final class Generation: Sendable {
  package let path: String
  package let manifest: Manifest
  package let items: ItemTable
  /// Nil where the trainer made none.
  package let popularity: PopularityModel?
  package let transitions: NeighbourModel?
  package let cooccurrence: NeighbourModel?
  /// A linear item model; nil where it was switched off or did not fit.
  package let linear: NeighbourModel?
  /// Nil where they were switched off or did not fit.
  package let userNeighbours: UserNeighbourModel?
  package let factors: FactorModel?
  /// Nil where fusion won, or was all that could be had; `manifest.ranking` says why.
  package let blend: BlendModel?
  /// Popularity by segment; nil where no segment was large enough.
  package let segments: SegmentModel?
  /// Nil where no item says enough of itself, or it was switched off or did not fit.
  package let content: ContentModel?
  /// Nil where there were too few ratings to learn from.
  package let ratings: RatingModel?

  package var number: GenerationNumber { manifest.generation }
  package var itemCount: Int { items.count }

  /// Allocates. O(length).
  package func identifier(of row: Int) -> ItemIdentifier { items.identifier(of: row) }

  /// Opens and verifies everything: manifest digest, file sizes, SHA-256, headers, shapes, finite values, order and
  /// ranges. O(bytes), about 1 GB/s.
  /// - Parameter tenant: refused as `.foreign` if the manifest names another one; nil takes any.
  package static func open(at path: String, tenant: TenantName? = nil) throws(ModelFault) -> Generation {
    let manifest = try Manifest.read(from: path)
    if let tenant, manifest.tenant != tenant.text {
      throw ModelFault(
        .foreign, file: path,
        "It was trained for tenant \(manifest.tenant), not \(tenant.text). Move it back, or train again.")
    }
    return try Generation(path: path, manifest: manifest, files: try ArrayFiles(manifest, in: path))
  }

  private init(path: String, manifest: Manifest, files: ArrayFiles) throws(ModelFault) {
    self.path = path
    self.manifest = manifest
    let tables = manifest.models.filter { $0.family == ItemTable.family }
    guard tables.count == 1, let table = tables.first else {
      throw ModelFault(
        .inconsistent, file: path + "/" + Manifest.fileName,
        "It has \(tables.count) item tables where there must be one. \(ModelFault.trainAgain)")
    }
    items = try ItemTable(files.model(table), rows: manifest.items)
    popularity = try files.find(ModelName.popularity, PopularityModel.family).map {
      (model) throws(ModelFault) in try PopularityModel(model, items: manifest.items)
    }
    transitions = try files.find(ModelName.transitions, NeighbourModel.family).map {
      (model) throws(ModelFault) in try NeighbourModel(model, items: manifest.items)
    }
    cooccurrence = try files.find(ModelName.cooccurrence, NeighbourModel.family).map {
      (model) throws(ModelFault) in try NeighbourModel(model, items: manifest.items)
    }
    linear = try files.find(ModelName.linear, NeighbourModel.family).map {
      (model) throws(ModelFault) in try NeighbourModel(model, items: manifest.items)
    }
    userNeighbours = try files.find(ModelName.userNeighbours, UserNeighbourModel.family).map {
      (model) throws(ModelFault) in try UserNeighbourModel(model, items: manifest.items)
    }
    factors = try files.find(ModelName.ials, FactorModel.family).map {
      (model) throws(ModelFault) in try FactorModel(model, items: manifest.items)
    }
    blend = try files.find(ModelName.blend, BlendModel.family).map {
      (model) throws(ModelFault) in try BlendModel(model, items: manifest.items)
    }
    segments = try files.find(ModelName.segmentPopularity, SegmentModel.family).map {
      (model) throws(ModelFault) in try SegmentModel(model, items: manifest.items)
    }
    ratings = try files.find(ModelName.ratings, RatingModel.family).map {
      (model) throws(ModelFault) in try RatingModel(model, items: manifest.items)
    }
    content = try files.find(ModelName.content, ContentModel.family).map {
      (model) throws(ModelFault) in try ContentModel(model, items: manifest.items)
    }
    if let content, let factors, content.factorDimensions != factors.dimensions {
      throw ModelFault(
        .inconsistent, file: path + "/" + Manifest.fileName,
        "Content predicts \(content.factorDimensions) factors where items have \(factors.dimensions). \(ModelFault.trainAgain)"
      )
    }
  }
}
