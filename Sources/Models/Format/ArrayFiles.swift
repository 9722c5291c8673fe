import Checksums

/// The array files of a generation, mapped and verified against the manifest, and the models made of them.
struct ArrayFiles {
  private let directory: String
  private let manifest: Manifest
  private let memory: GenerationMemory
  private var files: [String: (info: Manifest.ArrayInfo, file: MappedFile)] = [:]

  /// Maps every file and checks size, SHA-256 and header. O(bytes).
  init(_ manifest: Manifest, in directory: String) throws(ModelFault) {
    self.directory = directory
    self.manifest = manifest
    for info in manifest.arrays {
      let path = directory + "/" + info.file
      guard let size = Int(exactly: info.bytes) else {
        throw ModelFault(.inconsistent, file: path, "Its size is not possible. \(ModelFault.trainAgain)")
      }
      let file = try MappedFile(path: path, size: size)
      guard SHA256.hex(file.bytes) == info.sha256 else {
        throw ModelFault(
          .corrupt, file: path, "Its SHA-256 is not the one in the manifest. \(ModelFault.trainAgain)")
      }
      let header = try ArrayHeader(decoding: file.bytes, file: path)
      guard header == ArrayHeader(type: info.type, shape: info.shape) else {
        throw ModelFault(
          .inconsistent, file: path,
          "Its header and the manifest disagree on its type or shape. \(ModelFault.trainAgain)")
      }
      files[info.name] = (info, file)
    }
    memory = GenerationMemory(files.values.map(\.file))
  }

  /// The model of that name, nil if there is none. A name taken by another family is a fault: serving would silently
  /// do without it.
  func find(_ name: String, _ family: String) throws(ModelFault) -> ModelFiles? {
    guard let info = manifest.models.first(where: { $0.name == name }) else { return nil }
    let model = model(info)
    if info.family != family { throw model.fault("is of family \(info.family), not \(family).") }
    return model
  }

  func model(_ info: Manifest.ModelInfo) -> ModelFiles {
    ModelFiles(
      info: info, memory: memory, manifestPath: directory + "/" + Manifest.fileName, directory: directory,
      files: files)
  }
}

/// One model's part of the files: what a family reads itself from.
struct ModelFiles {
  let info: Manifest.ModelInfo
  let memory: GenerationMemory
  fileprivate let manifestPath: String
  fileprivate let directory: String
  fileprivate let files: [String: (info: Manifest.ArrayInfo, file: MappedFile)]

  /// The array in a role. A nil dimension takes any length; the lengths found are returned.
  func array<Element: ArrayElement>(
    _ role: String, of type: Element.Type, shape: [Int?]
  ) throws(ModelFault) -> (view: ArrayView<Element>, shape: [Int]) {
    guard let name = info.arrays[role], let (array, file) = files[name] else {
      throw fault("has no array in the role \(role).")
    }
    let found = array.shape.map { Int(exactly: $0) ?? .max }
    guard array.type == Element.type, found.count == shape.count,
      zip(found, shape).allSatisfy({ $1 == nil || $0 == $1 })
    else {
      let wanted = shape.map { $0.map(String.init) ?? "any" }.joined(separator: ", ")
      throw fault(
        "is \(array.type.rawValue) \(array.shape) where \(Element.type.rawValue) [\(wanted)] is needed.", role
      )
    }
    return (ArrayView(file), found)
  }

  /// A number the model is read with, finite and at least `minimum`.
  func parameter(_ name: String, atLeast minimum: Double) throws(ModelFault) -> Double {
    guard let value = info.parameters[name] else { throw fault("has no parameter \(name).") }
    guard value.isFinite, value >= minimum else { throw fault("has the parameter \(name) = \(value).") }
    return value
  }

  /// A fault of the array in a role, or of the model as the manifest describes it.
  func fault(_ problem: String, _ role: String? = nil) -> ModelFault {
    let array = role.flatMap { info.arrays[$0] }
    let file = array.flatMap { files[$0]?.info.file }.map { directory + "/" + $0 } ?? manifestPath
    let subject = array.map { "Array \($0)" } ?? "Model \(info.name)"
    return ModelFault(.inconsistent, file: file, "\(subject) \(problem) \(ModelFault.trainAgain)")
  }

  /// REQUIRES: `scores` belong to rows of the item table.
  func checkFinite(_ values: UnsafeBufferPointer<Float>, _ role: String) throws(ModelFault) {
    // All exponent bits set is NaN or infinity. No early exit: the loop runs at memory speed.
    var isBad = false
    for value in values { isBad = isBad || value.bitPattern & 0x7f80_0000 == 0x7f80_0000 }
    if isBad {
      let place = values.firstIndex { !$0.isFinite } ?? 0
      throw fault("holds \(values[place]) at element \(place).", role)
    }
  }

  /// Offsets of compressed rows: from 0, never falling, ending at `total`.
  func checkOffsets(_ offsets: UnsafeBufferPointer<UInt64>, total: Int, _ role: String) throws(ModelFault) {
    guard offsets.first == 0 else { throw fault("does not begin with 0.", role) }
    var before: UInt64 = 0
    for (place, offset) in offsets.enumerated() {
      if offset < before { throw fault("falls at element \(place).", role) }
      before = offset
    }
    guard before == UInt64(total) else {
      throw fault("ends with \(before) where \(total) elements follow from it.", role)
    }
  }
}

/// Swift types that array files hold.
protocol ArrayElement: BitwiseCopyable {
  static var type: ElementType { get }
}

extension UInt8: ArrayElement { static let type = ElementType.u8 }
extension UInt32: ArrayElement { static let type = ElementType.u32 }
extension UInt64: ArrayElement { static let type = ElementType.u64 }
extension Float: ArrayElement { static let type = ElementType.f32 }
