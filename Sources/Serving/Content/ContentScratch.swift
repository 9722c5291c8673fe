import Kernels
import LiveState
import Models
import Vocabulary

/// Memory of the content source: sizes depend on the generation, so it is made anew when that changes.
final class ContentScratch {
  let dimensions: Int
  private let rows: Int
  private let scan: RowScan
  /// A bit for each row that may be taken, sixteen in a word. All set between scans.
  private let allowed: UnsafeMutableBufferPointer<UInt16>
  private let vector: UnsafeMutableBufferPointer<Float>
  /// Scores of one chunk of cold items.
  let scores: UnsafeMutableBufferPointer<Float>
  /// What the last centroid was made of, and what each part weighs in it.
  var items: [ItemIndex] = []
  var weights: [Float] = []

  init(for model: ContentModel) {
    dimensions = model.dimensions
    rows = model.itemCount
    scan = RowScan(rows: model.itemCount, width: model.dimensions)
    allowed = .allocate(capacity: (model.itemCount + 15) / 16)
    allowed.initialize(repeating: .max)
    vector = .allocate(capacity: model.dimensions)
    vector.initialize(repeating: 0)
    scores = .allocate(capacity: ColdItems.Chunk.width)
    scores.initialize(repeating: 0)
    items.reserveCapacity(Limits.historyEventsMax)
    weights.reserveCapacity(Limits.historyEventsMax)
  }

  deinit {
    allowed.deallocate()
    vector.deallocate()
    scores.deallocate()
  }

  func fits(_ model: ContentModel) -> Bool { rows == model.itemCount && dimensions == model.dimensions }

  /// The centroid, of length one after `settle`.
  var centroid: UnsafeBufferPointer<Float> { UnsafeBufferPointer(vector) }

  func beginCentroid() {
    vector.update(repeating: 0)
    items.removeAll(keepingCapacity: true)
    weights.removeAll(keepingCapacity: true)
  }

  /// Adds a content vector; `scale` makes it one of length one.
  func add(_ item: ItemIndex, _ content: UnsafeBufferPointer<Float>, scale: Float, weight: Float) {
    Vectors.add(scale * weight, times: content, to: vector)
    items.append(item)
    weights.append(weight)
  }

  /// Scales the centroid to length one. False if nothing was added.
  func settle() -> Bool {
    let square = Vectors.dot(centroid, centroid)
    guard square > 0, square.isFinite else { return false }
    let scale = 1 / square.squareRoot()
    for place in vector.indices { vector[place] *= scale }
    for place in weights.indices { weights[place] *= scale }
    return true
  }

  func strikeOut(_ row: Int) { allowed[row >> 4] &= ~(1 << UInt16(row & 15)) }
  func letIn(_ row: Int) { allowed[row >> 4] |= 1 << UInt16(row & 15) }

  /// The rows whose content is most like the centroid by cosine; valid until the next call.
  func best(_ count: Int, of model: ContentModel, _ codes: QuantisedRows) -> (
    rows: UnsafeBufferPointer<UInt32>, scores: UnsafeBufferPointer<Float>
  ) {
    scan.best(
      count, of: codes, table: model.rows, centroid, isWeighted: true, allowed: UnsafeBufferPointer(allowed))
  }
}

extension ReadScratch {
  /// The memory for a model: the last one if it fits. Allocates after a new generation.
  func contentScratch(for model: ContentModel) -> ContentScratch {
    if let content, content.fits(model) { return content }
    let fresh = ContentScratch(for: model)
    content = fresh
    return fresh
  }
}
