import Vocabulary

extension StateStore {
  /// Visits every key that begins with `prefix`, in order, with what follows the prefix. A scan in which LevelDB
  /// met an error ends in a fault, even though it skipped the bad block and went on.
  func forEach(
    prefix: [UInt8],
    _ body: (_ suffix: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws(StorageFault) -> Void
  ) throws(StorageFault) {
    try requireUsable()
    guard let iterator = database.makeIterator() else {
      throw fence(Self.damaged(path, "LevelDB gives no iterator."))
    }
    defer { iterator.close() }
    prefix.withUnsafeBytes { iterator.seek($0) }
    while iterator.isValid {
      let key = iterator.key
      guard key.starts(with: prefix) else { break }
      guard let value = StateCheck.verified(key, iterator.value, seed: seed) else {
        throw fence(Self.damaged(path, "A record is not one of this directory."))
      }
      try body(UnsafeRawBufferPointer(rebasing: key[prefix.count...]), value)
      iterator.next()
    }
    try check("scan") { () throws(StateDatabaseError) in try iterator.check() }
  }

  /// Visits a tenant's items in the order of their indices.
  package func forEachItem(
    _ tenant: TenantName, _ body: (ItemRecord) throws(StorageFault) -> Void
  ) throws(StorageFault) {
    try forEach(prefix: StateKey.prefix(.item, tenant)) { (suffix, value) throws(StorageFault) in
      let record: ItemRecord
      do throws(MalformedBytes) {
        record = try ItemRecordCodec.decode(value, index: try StateKey.itemIndex(suffix))
      } catch {
        throw fence(Self.malformed(error, path, "An item's record"))
      }
      try body(record)
    }
  }

  /// Visits a tenant's users in the order of their identifiers.
  package func forEachUser(
    _ tenant: TenantName, _ body: (UserRecord) throws(StorageFault) -> Void
  ) throws(StorageFault) {
    try forEach(prefix: StateKey.prefix(.user, tenant)) { (suffix, value) throws(StorageFault) in
      let record: UserRecord
      do throws(MalformedBytes) {
        guard let id = UserIdentifier(checked: Array(suffix)) else {
          throw MalformedBytes("a user key that is no identifier", at: 0)
        }
        record = try UserRecordCodec.decode(value, id: id)
      } catch {
        throw fence(Self.malformed(error, path, "A user's record"))
      }
      try body(record)
    }
  }

  /// Reads every event's record, of all tenants, with all checksums: the index of identifiers is otherwise read only
  /// where an identifier is asked for, and a table that lost it would let an event in twice.
  /// O(events): about three million a second.
  package func checkEvents() throws(StorageFault) {
    try forEach(prefix: [StateKey.Kind.event.rawValue]) { (_, value) throws(StorageFault) in
      do throws(MalformedBytes) {
        _ = try EventRecord(decoding: value)
      } catch {
        throw fence(Self.malformed(error, path, "An event's record"))
      }
    }
  }
}
