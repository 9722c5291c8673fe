/// An item behind a reference, so that handing it on copies none of its fields.
package final class ItemEntry: Sendable {
  package let item: Item

  package init(_ item: Item) { self.item = item }
}
