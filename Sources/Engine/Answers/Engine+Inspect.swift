import LiveState
import Vocabulary

extension Engine {
  /// What is known of single items, in the order asked for.
  func items(_ request: GetItemsRequest, of tenant: ServedTenant) throws(Fault) -> GetItemsReply {
    guard request.items.count <= Limits.pageRowsMax else {
      throw Fault(
        .tooMany, "\(request.items.count) items are asked for; at most \(Limits.pageRowsMax) at once.",
        field: "items")
    }
    var reply = GetItemsReply()
    reply.items.reserveCapacity(request.items.count)
    for bytes in request.items {
      let id = try ItemIdentifier(bytes, field: "items")
      var report = ItemReport(id: bytes)
      if let index = tenant.live.itemIndex(id), let record = tenant.live.item(index) {
        report.item = record.item
        report.isDeleted = record.isDeleted
        report.events = record.eventCount
      }
      reply.items.append(report)
    }
    return reply
  }

  /// What is known of one user.
  func user(_ request: GetUserRequest, of tenant: ServedTenant) throws(Fault) -> GetUserReply {
    let id = try UserIdentifier(request.user)
    guard let user = tenant.live.user(id) else {
      throw Fault(.userUnknown, "Nothing is known of the user \(id.text).", field: "user")
    }
    var reply = GetUserReply(profile: user.profile)
    reply.items = UInt64(clamping: user.items.count)
    let catalogue = tenant.live.catalogue()
    for event in user.history.reversed() {
      // The user may be a moment ahead of the catalogue.
      guard Int(event.item.value) < catalogue.count else { continue }
      var row = HistoryRow(
        type: event.type, item: catalogue.identifier(event.item),
        time: Timestamp(microseconds: Int64(event.seconds) * 1_000_000), value: event.value)
      row.title = catalogue.title(event.item)
      reply.history.append(row)
    }
    return reply
  }
}
