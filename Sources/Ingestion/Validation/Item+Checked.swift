import Vocabulary

extension Item {
  /// Checks a draft. The first thing wrong is thrown; fields are looked at in the schema's order.
  package init(checking draft: ItemDraft) throws(Fault) {
    self.init(id: try ItemIdentifier(draft.id, field: "id"))
    title = try String(checking: draft.title, field: "title", bytesMax: Limits.titleBytesMax)
    text = try String(checking: draft.text, field: "text", bytesMax: Limits.textBytesMax)
    categories = try Self.categories(draft.categories)
    // Every price a Double holds exactly to the hundredth.
    if let price = draft.price { self.price = try checkNumber(price, in: 0...9e13, field: "price") }
    currency = try Self.currency(draft.currency)
    isHidden = draft.isHidden
    if let stock = draft.stock {
      // Up to 2^53, the last whole number before a Double skips some.
      self.stock = try checkNumber(
        stock, in: 0...9_007_199_254_740_992, field: "stock", advice: "Send 0 for what is sold out.")
    }
    created = try Timestamp.catalogueTime(checking: draft.created, field: "created")
    availableFrom = try Timestamp.catalogueTime(checking: draft.availableFrom, field: "available_from")
    availableUntil = try Timestamp.catalogueTime(checking: draft.availableUntil, field: "available_until")
    if let from = availableFrom, let until = availableUntil, until <= from {
      throw Fault(
        .outOfRange, "available_until does not lie after available_from, so the item would never be shown.",
        field: "available_until")
    }
    if let location = draft.location { self.location = try GeoPoint(checking: location, field: "location") }
    if !draft.owner.isEmpty { owner = try UserIdentifier(draft.owner, field: "owner") }
    attributes = try CheckedAttributes.attributes(draft.attributes)
    vectors = try CheckedAttributes.vectors(draft.vectors)
    members = try Self.members(draft.members, of: id)
  }

  private static func categories(_ drafts: [[UInt8]]) throws(Fault) -> [String] {
    try checkCount(drafts.count, atMost: Limits.attributeValuesMax, field: "categories")
    var categories: [String] = []
    categories.reserveCapacity(drafts.count)
    for bytes in drafts {
      let name = try String(checkingName: bytes, field: "categories")
      if categories.contains(name) {
        throw Fault(.duplicateName, "The category \(name) is given twice.", field: "categories")
      }
      categories.append(name)
    }
    return categories
  }

  private static func currency(_ bytes: [UInt8]) throws(Fault) -> String {
    if bytes.isEmpty { return "" }
    guard bytes.count == 3, bytes.allSatisfy({ (65...90).contains($0) }) else {
      throw Fault(
        .textInvalid, "currency must be a code of three capital letters, such as EUR.", field: "currency")
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func members(_ drafts: [[UInt8]], of id: ItemIdentifier) throws(Fault) -> [ItemIdentifier] {
    try checkCount(drafts.count, atMost: Limits.bundleMembersMax, field: "members")
    var members: [ItemIdentifier] = []
    members.reserveCapacity(drafts.count)
    for bytes in drafts {
      let member = try ItemIdentifier(bytes, field: "members")
      if member == id {
        throw Fault(.outOfRange, "The bundle is a member of itself.", field: "members")
      }
      if members.contains(member) {
        throw Fault(.duplicateName, "The member \(member.text) is given twice.", field: "members")
      }
      members.append(member)
    }
    return members
  }
}
