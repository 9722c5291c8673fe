/// Checks what items, users and requests have in common.
package enum CheckedAttributes {
  /// The first thing wrong is thrown.
  /// - Parameter field: of the list, for messages.
  package static func attributes(
    _ drafts: [AttributeDraft], field: String = "attributes"
  ) throws(Fault) -> [String: AttributeValue] {
    try checkCount(drafts.count, atMost: Limits.attributesMax, field: field)
    var attributes: [String: AttributeValue] = [:]
    attributes.reserveCapacity(drafts.count)
    for draft in drafts {
      let name = try String(checkingName: draft.name, field: "\(field).name")
      let checked = try value(draft.value, of: name, field: field)
      if attributes.updateValue(checked, forKey: name) != nil {
        throw Fault(.duplicateName, "The attribute \(name) is given twice.", field: "\(field).name")
      }
    }
    return attributes
  }

  private static func value(_ draft: AttributeDraft.Value, of name: String, field: String)
    throws(Fault) -> AttributeValue
  {
    switch draft {
    case .missing:
      throw Fault(.missingField, "The attribute \(name) has no value.", field: "\(field).value")
    case .text(let bytes):
      return .text(
        try String(checking: bytes, field: "\(field).text", bytesMax: Limits.attributeBytesMax))
    case .number(let number):
      guard number.isFinite else {
        throw Fault(
          .nonFinite, "The attribute \(name) is not a finite number.", field: "\(field).number")
      }
      return .number(number)
    case .flag(let flag): return .flag(flag)
    case .texts(let list):
      try checkCount(list.count, atMost: Limits.attributeValuesMax, field: "\(field).texts")
      var texts: [String] = []
      texts.reserveCapacity(list.count)
      for bytes in list {
        texts.append(
          try String(checking: bytes, field: "\(field).texts", bytesMax: Limits.attributeBytesMax))
      }
      return .texts(texts)
    }
  }

  /// The same for vectors.
  package static func vectors(_ drafts: [VectorDraft]) throws(Fault) -> [NamedVector] {
    try checkCount(drafts.count, atMost: Limits.vectorsMax, field: "vectors")
    var vectors: [NamedVector] = []
    for draft in drafts {
      let name = try String(checkingName: draft.name, field: "vectors.name")
      if vectors.contains(where: { $0.name == name }) {
        throw Fault(.duplicateName, "The vector \(name) is given twice.", field: "vectors.name")
      }
      if draft.values.isEmpty {
        throw Fault(.missingField, "The vector \(name) has no values.", field: "vectors.values")
      }
      try checkCount(draft.values.count, atMost: Limits.vectorDimensionsMax, field: "vectors.values")
      guard draft.values.allSatisfy(\.isFinite) else {
        throw Fault(
          .nonFinite, "The vector \(name) holds a number that is not finite.", field: "vectors.values")
      }
      vectors.append(NamedVector(name: name, values: draft.values))
    }
    return vectors
  }
}

extension UserProfile {
  /// Checks a draft. The first thing wrong is thrown.
  package init(checking draft: UserDraft) throws(Fault) {
    self.init(id: try UserIdentifier(draft.id, field: "id"))
    attributes = try CheckedAttributes.attributes(draft.attributes)
    vectors = try CheckedAttributes.vectors(draft.vectors)
  }
}

extension GeoPoint {
  /// A point that lies on the Earth.
  package init(checking point: GeoPoint, field: String) throws(Fault) {
    latitude = try checkNumber(point.latitude, in: -90...90, field: "\(field).latitude")
    longitude = try checkNumber(point.longitude, in: -180...180, field: "\(field).longitude")
  }
}
