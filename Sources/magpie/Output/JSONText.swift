import FoundationEssentials

/// Answers for programs: names sorted, slashes as they are, two blanks of indentation.
enum JSONText {
  static func of(_ value: some Encodable) -> String {
    encoded(value, [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
  }

  /// The same in one line, for answers of many objects.
  static func line(_ value: some Encodable) -> String {
    encoded(value, [.sortedKeys, .withoutEscapingSlashes])
  }

  private static func encoded(_ value: some Encodable, _ formatting: JSONEncoder.OutputFormatting) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = formatting
    encoder.keyEncodingStrategy = .useDefaultKeys
    // Nothing we print has a value JSON lacks: reports turn those into null before.
    guard let data = try? encoder.encode(value) else { return "{}" }
    return String(decoding: data, as: UTF8.self)
  }
}

/// A value that may be missing, printed as `null` then: every name of a report is always there.
@propertyWrapper
struct OrNull<Value: Encodable>: Encodable {
  var wrappedValue: Value?

  init(wrappedValue: Value?) { self.wrappedValue = wrappedValue }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let wrappedValue { try container.encode(wrappedValue) } else { try container.encodeNil() }
  }
}
