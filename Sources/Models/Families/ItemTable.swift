import Vocabulary

/// The items a generation knows, by row.
package struct ItemTable: Sendable {
  package let count: Int
  /// Allocates. O(length).
  package func identifier(of row: Int) -> ItemIdentifier { fatalError() }
}
