/// `RecommendPage`: the lists of one screen, answered from one state and in order.
package struct RecommendPageRequest: Sendable, Hashable {
  /// 1 to `Limits.pageListsMax`. Of two with the same `distinct` the earlier one takes its items first.
  package var lists: [RecommendRequest] = []
  package init() {}
}
