/// What a request says of its surroundings, for expressions and for sources that look at where and when.
package struct RequestContext: Sendable, Hashable {
  /// The moment the list is made for, microseconds since 1970; zero means now. Decides ages and available times, too.
  package var timeMicroseconds: Int64 = 0
  package var location: GeoPoint?
  /// Anything else, such as a device or a page. At most `Limits.contextAttributesMax`.
  package var attributes: [AttributeDraft] = []
  package init() {}

  package var isEmpty: Bool { timeMicroseconds == 0 && location == nil && attributes.isEmpty }
}
