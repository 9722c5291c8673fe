/// What a segment is called: an attribute of users and a value of it, or a category of items.
///
/// As bytes it is the attribute, a zero byte, the value; no text that came in through the wire holds a zero byte.
/// A category has an empty attribute, which no user's attribute has.
package struct SegmentName: Hashable, Sendable {
  /// Attribute, zero byte, value.
  package let bytes: [UInt8]

  /// The value `value` of the users' attribute `attribute`.
  package init(attribute: String, value: String) { bytes = Array(attribute.utf8) + [0] + Array(value.utf8) }

  /// A category of items.
  package init(category: String) { self.init(attribute: "", value: category) }

  package var isCategory: Bool { bytes.first == 0 }
}

extension SegmentName: Comparable {
  /// By bytes, unsigned: the order in which a generation stores segments.
  package static func < (left: Self, right: Self) -> Bool {
    left.bytes.lexicographicallyPrecedes(right.bytes)
  }
}
