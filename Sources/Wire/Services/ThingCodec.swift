import CMessages
import Vocabulary

/// Items and users: the messages of proto/magpie/v1/common.proto that several services share.
///
/// A draft is what a client sends; nothing in it is judged here, because one bad item in a batch gets its own
/// verdict. A checked item or profile is what a daemon sends.
enum ThingCodec {
  // MARK: Drafts

  static func itemDraft(_ message: borrowing Magpie__V1__Item) throws(Fault) -> ItemDraft {
    var item = ItemDraft()
    item.id = bytes(message.id)
    item.title = bytes(message.title)
    item.text = bytes(message.text)
    item.categories = byteLists(message.categories, message.n_categories)
    item.price = message.price_opt_case == MAGPIE__V1__ITEM__PRICE_OPT_PRICE ? message.price : nil
    item.currency = bytes(message.currency)
    item.isHidden = message.hidden != 0
    item.stock = message.stock_opt_case == MAGPIE__V1__ITEM__STOCK_OPT_STOCK ? message.stock : nil
    item.created = message.created
    item.availableFrom = message.available_from
    item.availableUntil = message.available_until
    if let location = message.location {
      item.location = GeoPoint(latitude: location.pointee.latitude, longitude: location.pointee.longitude)
    }
    item.owner = bytes(message.owner)
    item.attributes = try messages(message.attributes, message.n_attributes) { attribute($0) }
    item.vectors = try messages(message.vectors, message.n_vectors) { vector($0) }
    item.members = byteLists(message.members, message.n_members)
    return item
  }

  static func userDraft(_ message: borrowing Magpie__V1__User) throws(Fault) -> UserDraft {
    var user = UserDraft()
    user.id = bytes(message.id)
    user.attributes = try messages(message.attributes, message.n_attributes) { attribute($0) }
    user.vectors = try messages(message.vectors, message.n_vectors) { vector($0) }
    return user
  }

  static func encode(_ item: ItemDraft, into writer: inout MessageWriter) {
    writer.bytes(1, item.id)
    writer.bytes(2, item.title)
    writer.bytes(3, item.text)
    writer.elements(4, item.categories)
    if let price = item.price { writer.present(5, price) }
    writer.bytes(6, item.currency)
    writer.flag(7, item.isHidden)
    if let stock = item.stock { writer.present(8, stock) }
    writer.signed(9, item.created)
    writer.signed(10, item.availableFrom)
    writer.signed(11, item.availableUntil)
    encode(item.location, into: &writer)
    writer.bytes(13, item.owner)
    for attribute in item.attributes { writer.message(14) { encode(attribute, into: &$0) } }
    for vector in item.vectors { writer.message(15) { encode(vector, into: &$0) } }
    writer.elements(16, item.members)
  }

  static func encode(_ user: UserDraft, into writer: inout MessageWriter) {
    writer.bytes(1, user.id)
    for attribute in user.attributes { writer.message(2) { encode(attribute, into: &$0) } }
    for vector in user.vectors { writer.message(3) { encode(vector, into: &$0) } }
  }

  // MARK: Checked

  /// - Throws: `malformed_message`, since a daemon sends only what it has checked.
  static func item(_ message: borrowing Magpie__V1__Item) throws(Fault) -> Item {
    var item = Item(id: try identifier(message.id, field: "item.id"))
    item.title = text(message.title)
    item.text = text(message.text)
    item.categories = buffer(message.categories, message.n_categories).map { text($0) }
    item.price = message.price_opt_case == MAGPIE__V1__ITEM__PRICE_OPT_PRICE ? message.price : nil
    item.currency = text(message.currency)
    item.isHidden = message.hidden != 0
    item.stock = message.stock_opt_case == MAGPIE__V1__ITEM__STOCK_OPT_STOCK ? message.stock : nil
    item.created = timestamp(message.created)
    item.availableFrom = timestamp(message.available_from)
    item.availableUntil = timestamp(message.available_until)
    if let location = message.location {
      item.location = GeoPoint(latitude: location.pointee.latitude, longitude: location.pointee.longitude)
    }
    if message.owner.len > 0 { item.owner = try identifier(message.owner, field: "item.owner") }
    item.attributes = try attributes(message.attributes, message.n_attributes)
    item.vectors = try vectors(message.vectors, message.n_vectors)
    for member in buffer(message.members, message.n_members) {
      item.members.append(try identifier(member, field: "item.members"))
    }
    return item
  }

  static func profile(_ message: borrowing Magpie__V1__User) throws(Fault) -> UserProfile {
    var profile = UserProfile(id: try identifier(message.id, field: "user.id"))
    profile.attributes = try attributes(message.attributes, message.n_attributes)
    profile.vectors = try vectors(message.vectors, message.n_vectors)
    return profile
  }

  static func encode(_ item: Item, into writer: inout MessageWriter) {
    writer.bytes(1, item.id.bytes)
    writer.text(2, item.title)
    writer.text(3, item.text)
    for category in item.categories { writer.presentText(4, category) }
    if let price = item.price { writer.present(5, price) }
    writer.text(6, item.currency)
    writer.flag(7, item.isHidden)
    if let stock = item.stock { writer.present(8, stock) }
    writer.signed(9, item.created?.microseconds ?? 0)
    writer.signed(10, item.availableFrom?.microseconds ?? 0)
    writer.signed(11, item.availableUntil?.microseconds ?? 0)
    encode(item.location, into: &writer)
    writer.bytes(13, item.owner?.bytes ?? [])
    encode(item.attributes, field: 14, into: &writer)
    encode(item.vectors, field: 15, into: &writer)
    for member in item.members { writer.element(16, member.bytes) }
  }

  static func encode(_ profile: UserProfile, into writer: inout MessageWriter) {
    writer.bytes(1, profile.id.bytes)
    encode(profile.attributes, field: 2, into: &writer)
    encode(profile.vectors, field: 3, into: &writer)
  }

  // MARK: Parts

  private static func timestamp(_ microseconds: Int64) -> Timestamp? {
    microseconds == 0 ? nil : Timestamp(microseconds: microseconds)
  }

  private static func encode(_ location: GeoPoint?, into writer: inout MessageWriter) {
    guard let location else { return }
    writer.message(12) { point in
      point.double(1, location.latitude)
      point.double(2, location.longitude)
    }
  }
}
