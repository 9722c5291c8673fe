import CMessages
import Vocabulary

/// Attributes and vectors, as drafts and checked.
extension ThingCodec {
  // MARK: Drafts

  static func attribute(_ message: borrowing Magpie__V1__Attribute) -> AttributeDraft {
    let value: AttributeDraft.Value
    switch message.value_case {
    case MAGPIE__V1__ATTRIBUTE__VALUE_TEXT: value = .text(bytes(message.text))
    case MAGPIE__V1__ATTRIBUTE__VALUE_NUMBER: value = .number(message.number)
    case MAGPIE__V1__ATTRIBUTE__VALUE_FLAG: value = .flag(message.flag != 0)
    case MAGPIE__V1__ATTRIBUTE__VALUE_TEXTS:
      value = .texts(message.texts.map { byteLists($0.pointee.values, $0.pointee.n_values) } ?? [])
    default: value = .missing
    }
    return AttributeDraft(name: bytes(message.name), value: value)
  }

  static func vector(_ message: borrowing Magpie__V1__Vector) -> VectorDraft {
    VectorDraft(name: bytes(message.name), values: Array(buffer(message.values, message.n_values)))
  }

  static func encode(_ attribute: AttributeDraft, into writer: inout MessageWriter) {
    writer.bytes(1, attribute.name)
    switch attribute.value {
    case .missing: break
    case .text(let text): writer.element(2, text)
    case .number(let number): writer.present(3, number)
    case .flag(let flag): writer.present(4, flag)
    case .texts(let texts): writer.message(5) { $0.elements(1, texts) }
    }
  }

  static func encode(_ vector: VectorDraft, into writer: inout MessageWriter) {
    writer.bytes(1, vector.name)
    writer.packed(2, vector.values)
  }

  // MARK: Checked

  static func attributes(
    _ start: UnsafeMutablePointer<UnsafeMutablePointer<Magpie__V1__Attribute>?>?, _ count: Int
  ) throws(Fault) -> [String: AttributeValue] {
    var attributes: [String: AttributeValue] = [:]
    for draft in try messages(start, count, { attribute($0) }) {
      let name = String(decoding: draft.name, as: UTF8.self)
      switch draft.value {
      case .text(let text): attributes[name] = .text(String(decoding: text, as: UTF8.self))
      case .number(let number): attributes[name] = .number(number)
      case .flag(let flag): attributes[name] = .flag(flag)
      case .texts(let texts): attributes[name] = .texts(texts.map { String(decoding: $0, as: UTF8.self) })
      case .missing:
        throw Fault(
          .malformedMessage, "The reply holds an attribute without a value: \(name).",
          field: "attributes.value")
      }
    }
    return attributes
  }

  static func vectors(
    _ start: UnsafeMutablePointer<UnsafeMutablePointer<Magpie__V1__Vector>?>?, _ count: Int
  ) throws(Fault) -> [NamedVector] {
    try messages(start, count) { message in
      NamedVector(name: text(message.name), values: Array(buffer(message.values, message.n_values)))
    }
  }

  /// Sorted by name, so that equal things have equal bytes.
  static func encode(
    _ attributes: [String: AttributeValue], field: UInt32, into writer: inout MessageWriter
  ) {
    for (name, value) in attributes.sorted(by: { $0.key < $1.key }) {
      writer.message(field) { writer in
        writer.text(1, name)
        switch value {
        case .text(let text): writer.presentText(2, text)
        case .number(let number): writer.present(3, number)
        case .flag(let flag): writer.present(4, flag)
        case .texts(let texts):
          writer.message(5) { list in
            for text in texts { list.presentText(1, text) }
          }
        }
      }
    }
  }

  static func encode(_ vectors: [NamedVector], field: UInt32, into writer: inout MessageWriter) {
    for vector in vectors {
      writer.message(field) { writer in
        writer.text(1, vector.name)
        writer.packed(2, vector.values)
      }
    }
  }
}
