import Models
import Vocabulary

/// Notes the segments of users and items while the log is read. The newest put counts, as in the live state.
struct SegmentCollector {
  private let attributes: [String]
  private var numbers: [SegmentName: UInt32] = [:]
  private var names: [SegmentName] = []
  private var setNumbers: [[UInt32]: UInt32] = [[]: 0]
  private var sets: [[UInt32]] = [[]]
  /// Set of each user and item by the builder's number; those beyond the end have none.
  private var userSets: [UInt32] = []
  private var itemSets: [UInt32] = []
  /// Upper bound of the bytes held, with the room that arrays and dictionaries grow into.
  private(set) var bytes: UInt64 = 0

  init(attributes: [String]) { self.attributes = Array(attributes.prefix(Limits.segmentAttributesMax)) }

  /// Whether the profile says anything that would be noted.
  func concerns(_ profile: UserProfile) -> Bool { attributes.contains { profile.attributes[$0] != nil } }

  mutating func put(_ profile: UserProfile, user: Int) {
    var set: [UInt32] = []
    for attribute in attributes {
      let values: [String] =
        switch profile.attributes[attribute] {
        case .text(let text): [text]
        case .texts(let texts): texts
        case .number, .flag, nil: []
        }
      for value in values.prefix(Limits.segmentValuesMax) {
        insert(SegmentName(attribute: attribute, value: value), value, into: &set)
      }
    }
    let number = number(of: set)
    bytes += Self.assign(number, to: user, in: &userSets)
  }

  mutating func put(_ item: Item, item number: Int) {
    var set: [UInt32] = []
    for category in item.categories.prefix(Limits.segmentValuesMax) {
      insert(SegmentName(category: category), category, into: &set)
    }
    let setNumber = self.number(of: set)
    bytes += Self.assign(setNumber, to: number, in: &itemSets)
  }

  /// - Parameters:
  ///   - users: the builder's number of each user of the finished columns.
  ///   - items: the same for items.
  consuming func finish(users: [Int], items: [Int]) -> SegmentMembership {
    let (userSets, itemSets) = (userSets, itemSets)
    return SegmentMembership(
      names: names, sets: sets, userSets: users.map { $0 < userSets.count ? userSets[$0] : 0 },
      itemSets: items.map { $0 < itemSets.count ? itemSets[$0] : 0 })
  }

  /// Values that no generation may hold, which an older log may, are passed over.
  private mutating func insert(_ name: SegmentName, _ value: String, into set: inout [UInt32]) {
    guard !value.isEmpty, value.utf8.count <= Limits.attributeBytesMax, !value.utf8.contains(0) else {
      return
    }
    var number = numbers[name]
    if number == nil, names.count < Limits.segmentNamesMax {
      number = UInt32(truncatingIfNeeded: names.count)
      numbers[name] = number
      names.append(name)
      bytes += 2 * (UInt64(name.bytes.count) + 64)
    }
    if let number, !set.contains(number) { set.append(number) }
  }

  private mutating func number(of set: [UInt32]) -> UInt32 {
    if let number = setNumbers[set] { return number }
    let number = UInt32(truncatingIfNeeded: sets.count)
    setNumbers[set] = number
    sets.append(set)
    bytes += 2 * (4 * UInt64(set.count) + 80)
    return number
  }

  /// Returns the bytes that the list grew by.
  private static func assign(_ set: UInt32, to place: Int, in list: inout [UInt32]) -> UInt64 {
    let more = max(0, place + 1 - list.count)
    list.append(contentsOf: repeatElement(0, count: more))
    list[place] = set
    return 8 * UInt64(more)
  }
}
