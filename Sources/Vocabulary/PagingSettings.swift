/// What is kept of a list for its further pages.
package struct PagingSettings: Sendable, Hashable {
  /// Items of a paged list, all its pages together.
  package var depth = 400
  /// Seconds a list is kept after somebody asked for a page of it.
  package var seconds: Int64 = 900
  package init() {}
}
