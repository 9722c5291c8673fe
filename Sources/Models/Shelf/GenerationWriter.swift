import Checksums
import FaultPoints
import Kernels
import Vocabulary

/// Writes one generation: into `NNNNNN.partial`, verified as a reader would, then renamed whole.
///
///     let writer = try GenerationWriter(in: path, number: number)
///     try writer.addItems(identifiers)
///     try writer.addPopularity(rows: …, scores: …)
///     let manifest = try writer.finish(Manifest(…))
///
/// Rules about contents are checked in one place, the reader: what `finish` refuses, `Generation.open` would.
/// Not sendable: one thread writes.
package final class GenerationWriter {
  package let number: GenerationNumber
  /// The final path of the generation.
  package let path: String
  private let shelfPath: String
  private let partialPath: String
  private var arrays: [Manifest.ArrayInfo] = []
  private var models: [Manifest.ModelInfo] = []

  /// Makes the directory `NNNNNN.partial`, and those above it if they are missing. Fails with `.exists` if it or the
  /// finished generation is there.
  package init(in generationsPath: String, number: GenerationNumber) throws(ModelFault) {
    self.number = number
    shelfPath = generationsPath
    path = generationsPath + "/" + number.directoryName
    partialPath = path + GenerationNumber.partialSuffix
    guard number != .none else {
      throw ModelFault(
        .inconsistent, file: path, "A generation's number is at least 1. Take the shelf's next number.")
    }
    try GenerationShelf(path: generationsPath).make()
    var isNew = !Disk.exists(path)
    if isNew { isNew = try Disk.makeDirectory(partialPath) }
    guard isNew else {
      throw ModelFault(
        .exists, file: path,
        "Generation \(number.value) is there already, finished or partial. Take the next number.")
    }
    FaultPoints.reach(.generationBegun)
  }

  /// The item table, in row order. Exactly once.
  package func addItems(_ items: [ItemIdentifier]) throws(ModelFault) {
    var offsets: [UInt64] = [0]
    offsets.reserveCapacity(items.count + 1)
    var bytes: [UInt8] = []
    for item in items {
      bytes.append(contentsOf: item.bytes)
      offsets.append(UInt64(bytes.count))
    }
    try add(
      ModelName.items, family: ItemTable.family, parameters: [:],
      [("offsets", .from(offsets)), ("bytes", .from(bytes))])
  }

  /// Popularity: best first, `scores` never increasing.
  package func addPopularity(
    rows: [UInt32], scores: [Float], parameters: [String: Double] = [:]
  ) throws(ModelFault) {
    try add(
      ModelName.popularity, family: PopularityModel.family, parameters: parameters,
      [("rows", .from(rows)), ("scores", .from(scores))])
  }

  /// Neighbours in compressed rows: those of item i are `offsets[i] ..< offsets[i + 1]`, best first, never i itself.
  /// - Parameter name: one of `ModelName`, or a name of a later family member.
  package func addNeighbours(
    _ name: String, offsets: [UInt64], rows: [UInt32], scores: [Float], parameters: [String: Double] = [:]
  ) throws(ModelFault) {
    try add(
      name, family: NeighbourModel.family, parameters: parameters,
      [("offsets", .from(offsets)), ("rows", .from(rows)), ("scores", .from(scores))])
  }

  /// Item factors, row by row; their gram matrix is computed here. O(n d²).
  /// REQUIRES: 1 <= dimensions <= Limits.factorDimensionsMax, rows.count a multiple of it.
  package func addFactors(
    _ name: String, rows: UnsafeBufferPointer<Float>, dimensions: Int, regularisation: Double,
    unobservedWeight: Double, regularisationExponent: Double, parameters: [String: Double] = [:]
  ) throws(ModelFault) {
    precondition(
      dimensions >= 1 && dimensions <= Limits.factorDimensionsMax && rows.count % dimensions == 0,
      "factors that are no table")
    var parameters = parameters
    parameters[FactorModel.regularisationKey] = regularisation
    parameters[FactorModel.unobservedWeightKey] = unobservedWeight
    parameters[FactorModel.regularisationExponentKey] = regularisationExponent
    let gram = gram(rows, dimensions)
    try gram.withUnsafeBufferPointer { (gram) throws(ModelFault) in
      try add(
        name, family: FactorModel.family, parameters: parameters,
        [
          ("items", Part(.f32, [rows.count / dimensions, dimensions], UnsafeRawBufferPointer(rows))),
          ("gram", Part(.f32, [dimensions, dimensions], UnsafeRawBufferPointer(gram))),
        ])
    }
  }

  /// Fills in the manifest's models and arrays, writes it, syncs everything, verifies by opening, renames, and syncs
  /// the parent directory. The writer is spent afterwards. On a fault nothing was published; call `abandon`.
  package func finish(_ manifest: Manifest) throws(ModelFault) -> Manifest {
    var manifest = manifest
    manifest.formatVersion = Manifest.formatVersionCurrent
    manifest.number = number.value
    manifest.models = models
    manifest.arrays = arrays
    try manifest.write(into: partialPath)
    FaultPoints.reach(.generationManifest)
    try Disk.syncDirectory(partialPath)
    _ = try Generation.open(at: partialPath)
    FaultPoints.reach(.generationVerified)
    try Disk.rename(partialPath, to: path)
    FaultPoints.reach(.generationNamed)
    try Disk.syncDirectory(shelfPath)
    return manifest
  }

  /// Removes what was written. Harmless after `finish`.
  package func abandon() {
    // What cannot be removed now is swept at the next start.
    try? Disk.removeDirectory(partialPath)
  }

  // MARK: Arrays

  /// An array to write, without ownership or with.
  struct Part {
    let type: ElementType
    let shape: [UInt64]
    /// Keeps `bytes` alive where it came from an array.
    let write: (_ path: String, _ header: [UInt8]) throws(ModelFault) -> String

    init(_ type: ElementType, _ shape: [Int], _ bytes: UnsafeRawBufferPointer) {
      self.type = type
      self.shape = shape.map { UInt64($0) }
      write = { (path, header) throws(ModelFault) in try Part.write(path, header, bytes) }
    }

    static func from<Element: ArrayElement>(_ elements: [Element]) -> Part {
      Part(elements)
    }

    private init<Element: ArrayElement>(_ elements: [Element]) {
      type = Element.type
      shape = [UInt64(elements.count)]
      write = { (path, header) throws(ModelFault) in
        try elements.withUnsafeBufferPointer { (buffer) throws(ModelFault) in
          try Part.write(path, header, UnsafeRawBufferPointer(buffer))
        }
      }
    }

    /// Returns the SHA-256 of what was written.
    private static func write(
      _ path: String, _ header: [UInt8], _ bytes: UnsafeRawBufferPointer
    ) throws(ModelFault) -> String {
      let hash = SHA256()
      try header.withUnsafeBufferPointer { (buffer) throws(ModelFault) in
        let header = UnsafeRawBufferPointer(buffer)
        hash.update(header)
        hash.update(bytes)
        try Disk.write(path, header, bytes)
      }
      return SHA256.hex(digest: hash.finish())
    }
  }

  func add(
    _ name: String, family: String, parameters: [String: Double], _ parts: [(role: String, part: Part)]
  ) throws(ModelFault) {
    var model = Manifest.ModelInfo(name: name, family: family, arrays: [:], parameters: parameters)
    for (role, part) in parts {
      let array = name + "." + role
      let file = array + ".array"
      guard Manifest.isPlainFileName(file) else {
        throw ModelFault(
          .inconsistent, file: partialPath,
          "\(name) cannot be a model's name: use a-z, 0-9 and -, nothing else.")
      }
      let header = ArrayHeader(type: part.type, shape: part.shape).encoded()
      let digest = try part.write(partialPath + "/" + file, header)
      let bytes = UInt64(ArrayHeader.size + (ArrayHeader.dataBytes(part.type, part.shape) ?? 0))
      arrays.append(
        Manifest.ArrayInfo(
          name: array, file: file, type: part.type, shape: part.shape, bytes: bytes, sha256: digest))
      model.arrays[role] = array
    }
    models.append(model)
    FaultPoints.reach(.generationArray)
  }

  /// VᵀV. Blocks are summed in 32 bits by the kernel, the blocks in 64, so that a million rows lose nothing.
  private func gram(_ rows: UnsafeBufferPointer<Float>, _ dimensions: Int) -> [Float] {
    let block = 1024
    let matrix = SymmetricMatrix(width: dimensions)
    let ones = [Float](repeating: 1, count: block)
    var sums = [Double](repeating: 0, count: dimensions * dimensions)
    for first in stride(from: 0, to: rows.count / dimensions, by: block) {
      let count = min(block, rows.count / dimensions - first)
      matrix.clear()
      ones.withUnsafeBufferPointer { ones in
        matrix.add(
          rows: UnsafeBufferPointer(rebasing: rows[first * dimensions..<(first + count) * dimensions]),
          weights: UnsafeBufferPointer(rebasing: ones[..<count]))
      }
      for i in 0..<dimensions {
        for j in i..<dimensions { sums[i * dimensions + j] += Double(matrix[i, j]) }
      }
    }
    var gram = [Float](repeating: 0, count: sums.count)
    for i in 0..<dimensions {
      for j in i..<dimensions {
        gram[i * dimensions + j] = Float(sums[i * dimensions + j])
        gram[j * dimensions + i] = Float(sums[i * dimensions + j])
      }
    }
    return gram
  }
}
