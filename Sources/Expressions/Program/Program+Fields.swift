import Vocabulary

/// What a list of texts can be without being copied.
enum TextsValue {
  case none
  case one(String)
  case many([String])

  var count: Int {
    switch self {
    case .none: 0
    case .one: 1
    case .many(let texts): texts.count
    }
  }
}

/// What a text can be without being converted: identifiers are bytes.
enum TextValue {
  case missing
  case text(String)
  case bytes([UInt8])
}

/// Fields as an instruction reads them. A value of another type counts as missing.
extension Program {
  private func attribute(_ reference: AttributeReference, _ input: borrowing ExpressionInput)
    -> AttributeValue?
  {
    let name = names[reference.name]
    switch reference.owner {
    case .item: return input.entry?.item.attributes[name]
    case .user: return input.userAttributes[name]
    case .context: return input.context.attributes[name]
    }
  }

  func number(_ source: NumberSource, _ input: borrowing ExpressionInput) -> Double {
    switch source {
    case .price: return input.entry?.item.price ?? .nan
    case .stock: return input.entry?.item.stock ?? .nan
    case .created: return Self.seconds(input.entry?.item.created)
    case .availableFrom: return Self.seconds(input.entry?.item.availableFrom)
    case .availableUntil: return Self.seconds(input.entry?.item.availableUntil)
    case .time: return input.context.seconds
    case .attribute(let reference):
      guard case .number(let value)? = attribute(reference, input) else { return .nan }
      return value
    }
  }

  private static func seconds(_ time: Timestamp?) -> Double {
    time.map { Double($0.microseconds) / 1e6 } ?? .nan
  }

  func flag(_ source: FlagSource, _ input: borrowing ExpressionInput) -> Bool {
    switch source {
    case .isBundle: return input.entry?.item.members.isEmpty == false
    case .attribute(let reference): return attribute(reference, input) == .flag(true)
    }
  }

  func text(_ source: TextSource, _ input: borrowing ExpressionInput) -> TextValue {
    /// What was never given is empty in the catalogue, and missing here.
    func given(_ text: String?) -> TextValue {
      guard let text, !text.isEmpty else { return .missing }
      return .text(text)
    }
    switch source {
    case .itemIdentifier: return input.itemIdentifier.map { .bytes($0.bytes) } ?? .missing
    case .title: return given(input.entry?.item.title)
    case .description: return given(input.entry?.item.text)
    case .currency: return given(input.entry?.item.currency)
    case .owner: return input.entry?.item.owner.map { .bytes($0.bytes) } ?? .missing
    case .userIdentifier: return input.userIdentifier.map { .bytes($0.bytes) } ?? .missing
    case .attribute(let reference):
      guard case .text(let text)? = attribute(reference, input) else { return .missing }
      return .text(text)
    case .constant(let place): return .text(texts[place])
    }
  }

  func texts(_ source: TextsSource, _ input: borrowing ExpressionInput) -> TextsValue {
    switch source {
    case .categories: return input.entry.map { .many($0.item.categories) } ?? .none
    case .attribute(let reference):
      switch attribute(reference, input) {
      case .texts(let texts)?: return .many(texts)
      case .text(let text)?: return .one(text)
      default: return .none
      }
    case .constant(let place): return .many(textLists[place])
    }
  }

  func point(_ source: PointSource, _ input: borrowing ExpressionInput) -> GeoPoint? {
    switch source {
    case .item: input.entry?.item.location
    case .context: input.context.location
    case .constant(let latitude, let longitude): GeoPoint(latitude: latitude, longitude: longitude)
    }
  }

  func has(_ presence: Instruction.Presence, _ input: borrowing ExpressionInput) -> Bool {
    switch presence {
    case .number(let source): return !number(source, input).isNaN
    case .text(let source):
      if case .missing = text(source, input) { return false }
      return true
    case .texts(let source): return texts(source, input).count > 0
    case .point(let source): return point(source, input) != nil
    case .attribute(let reference): return attribute(reference, input) != nil
    }
  }

  // MARK: Comparing texts: byte for byte, as identifiers are

  private func withBytes<Result>(_ value: TextValue, _ body: (UnsafeBufferPointer<UInt8>?) -> Result)
    -> Result
  {
    switch value {
    case .missing: return body(nil)
    case .bytes(let bytes): return bytes.withUnsafeBufferPointer { body($0) }
    case .text(var text): return text.withUTF8 { body($0) }
    }
  }

  /// False if one is missing, also if both are.
  func areEqual(_ left: TextValue, _ right: TextValue) -> Bool {
    withBytes(left) { left in
      withBytes(right) { right in
        guard let left, let right else { return false }
        return left.elementsEqual(right)
      }
    }
  }

  func begins(_ whole: TextValue, _ beginning: TextValue) -> Bool {
    withBytes(whole) { whole in
      withBytes(beginning) { beginning in
        guard let whole, let beginning else { return false }
        return whole.starts(with: beginning)
      }
    }
  }

  /// Whether a text occurs within another; an empty one does in all that are not missing.
  func holds(_ whole: TextValue, _ part: TextValue) -> Bool {
    withBytes(whole) { whole in
      withBytes(part) { part in
        guard let whole, let part, part.count <= whole.count else { return false }
        return (0...(whole.count - part.count)).contains {
          whole[$0..<($0 + part.count)].elementsEqual(part)
        }
      }
    }
  }

  func contains(_ list: TextsValue, _ element: TextValue) -> Bool {
    switch list {
    case .none: false
    case .one(let text): areEqual(.text(text), element)
    case .many(let texts): texts.contains { areEqual(.text($0), element) }
    }
  }

  func overlap(_ left: TextsValue, _ right: TextsValue) -> Bool {
    switch left {
    case .none: false
    case .one(let text): contains(right, .text(text))
    case .many(let texts): texts.contains { contains(right, .text($0)) }
    }
  }
}
