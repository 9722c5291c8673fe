import Vocabulary

/// The name of a snapshot: the position it contains, in 20 digits, and when it was made, in 16. Names sort by position.
package struct SnapshotName: Sendable, Hashable, Comparable {
  static let unfinishedSuffix = ".partial"
  static let removingSuffix = ".removing"

  package let position: Position
  package let created: Timestamp

  package init(position: Position, created: Timestamp) {
    self.position = position
    self.created = Timestamp(microseconds: max(0, created.microseconds))
  }

  /// Nil for anything but the name of a finished snapshot.
  package init?(text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0].utf8.count == 20, parts[1].utf8.count == 16,
      let position = UInt64(parts[0]), let created = Int64(parts[1])
    else { return nil }
    self.init(position: Position(position), created: Timestamp(microseconds: created))
    guard self.text == text else { return nil }
  }

  package var text: String {
    func digits(_ number: some BinaryInteger, _ count: Int) -> String {
      let text = String(number)
      return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
    }
    return digits(position.value, 20) + "-" + digits(created.microseconds, 16)
  }

  package static func < (left: Self, right: Self) -> Bool {
    (left.position, left.created) < (right.position, right.created)
  }
}
