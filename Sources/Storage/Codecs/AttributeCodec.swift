import Vocabulary

/// Bytes of attributes and vectors, which items and users share.
///
/// Attributes stand in ascending order of the bytes of their names, so that equal dictionaries have equal bytes.
enum AttributeCodec {
  /// PERSISTED: never reuse a number.
  private enum Kind: UInt8 {
    case text = 1
    case number = 2
    case no = 3
    case yes = 4
    case texts = 5
  }

  static func encode(
    _ attributes: [String: AttributeValue], _ vectors: [NamedVector], into writer: inout ByteWriter
  ) {
    writer.append(count: attributes.count)
    if !attributes.isEmpty {
      let sorted = attributes.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      for (name, value) in sorted {
        writer.append(prefixed: name)
        encode(value, into: &writer)
      }
    }
    writer.append(count: vectors.count)
    for vector in vectors {
      writer.append(prefixed: vector.name)
      writer.append(count: vector.values.count)
      for value in vector.values { writer.append(float: value) }
    }
  }

  private static func encode(_ value: AttributeValue, into writer: inout ByteWriter) {
    switch value {
    case .text(let text):
      writer.append(byte: Kind.text.rawValue)
      writer.append(prefixed: text)
    case .number(let number):
      writer.append(byte: Kind.number.rawValue)
      writer.append(double: number)
    case .flag(let flag):
      writer.append(byte: flag ? Kind.yes.rawValue : Kind.no.rawValue)
    case .texts(let texts):
      writer.append(byte: Kind.texts.rawValue)
      writer.append(count: texts.count)
      for text in texts { writer.append(prefixed: text) }
    }
  }

  static func decode(
    _ reader: inout ByteReader
  ) throws(MalformedBytes) -> (attributes: [String: AttributeValue], vectors: [NamedVector]) {
    // A name's length and a kind; a name's length and a count.
    let attributeCount = try reader.count(elementBytesMin: 2)
    var attributes = [String: AttributeValue](minimumCapacity: attributeCount)
    var last: String?
    for _ in 0..<attributeCount {
      let start = reader.offset
      let name = try reader.text()
      if let last, !last.utf8.lexicographicallyPrecedes(name.utf8) {
        throw MalformedBytes("attributes are not in order", at: start)
      }
      last = name
      // Different bytes may be one name to a dictionary: Unicode has several spellings of some characters.
      if attributes.updateValue(try value(&reader), forKey: name) != nil {
        throw MalformedBytes("an attribute occurs twice", at: start)
      }
    }
    let vectorCount = try reader.count(elementBytesMin: 2)
    var vectors: [NamedVector] = []
    vectors.reserveCapacity(vectorCount)
    for _ in 0..<vectorCount {
      let name = try reader.text()
      let dimensions = try reader.count(elementBytesMin: 4)
      let raw = try reader.raw(count: 4 * dimensions)
      let values = (0..<dimensions).map {
        Float(bitPattern: UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
      }
      vectors.append(NamedVector(name: name, values: values))
    }
    return (attributes, vectors)
  }

  private static func value(_ reader: inout ByteReader) throws(MalformedBytes) -> AttributeValue {
    let start = reader.offset
    switch Kind(rawValue: try reader.byte()) {
    case .text: return .text(try reader.text())
    case .number: return .number(try reader.double())
    case .no: return .flag(false)
    case .yes: return .flag(true)
    case .texts:
      var texts: [String] = []
      for _ in 0..<(try reader.count(elementBytesMin: 1)) { texts.append(try reader.text()) }
      return .texts(texts)
    case nil: throw MalformedBytes("an unknown kind of attribute", at: start)
    }
  }
}
