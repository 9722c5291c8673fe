import Models

/// Which segments users and items belong to: values of user attributes, categories of items.
///
/// Most users share their set of segments with many others, so sets are kept once and referred to by number.
package struct SegmentMembership: Sendable {
  /// What each segment is called, in order of first appearance.
  package let names: [SegmentName]
  /// Set 0 is empty.
  private let sets: [[UInt32]]
  private let userSets: [UInt32]
  private let itemSets: [UInt32]

  /// REQUIRES: set numbers lie in `sets`, segment numbers in `names`; `sets[0]` is empty.
  init(names: [SegmentName], sets: [[UInt32]], userSets: [UInt32], itemSets: [UInt32]) {
    self.names = names
    self.sets = sets
    self.userSets = userSets
    self.itemSets = itemSets
  }

  /// Nobody belongs anywhere.
  package init() { self.init(names: [], sets: [[]], userSets: [], itemSets: []) }

  /// Pairs of user and segment, and of item and segment. O(users + items).
  package var memberships: Int {
    (userSets + itemSets).reduce(0) { $0 + sets[Int($1)].count }
  }

  /// Segments of a user, in the order of their attributes.
  package func segments(ofUser user: Int) -> [UInt32] {
    user < userSets.count ? sets[Int(userSets[user])] : []
  }

  /// Categories of an item, in the order in which they were put.
  package func segments(ofItem row: Int) -> [UInt32] {
    row < itemSets.count ? sets[Int(itemSets[row])] : []
  }
}
