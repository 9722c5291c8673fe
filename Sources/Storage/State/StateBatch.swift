import Vocabulary

/// Changes that the state takes all together or not at all, with the position they lead up to.
///
/// Not copyable: it is written once, or dropped.
package struct StateBatch: ~Copyable {
  let batch: any StateDatabaseBatch
  /// The state contains every position up to this one once the batch is written.
  package let applied: Position
  /// Bytes of all keys and values, for the caller's limit.
  package private(set) var bytes = 0
  private let seed: UInt32
  /// Whose event was put last, and how keys of this tenant's events begin.
  private var eventTenant: TenantName?
  private var eventPrefix: [UInt8] = []

  package init(applied: Position, for store: StateStore) {
    batch = store.database.makeBatch()
    seed = store.seed
    self.applied = applied
    put(StateKey.applied, StateStore.encode(applied))
  }

  package mutating func put(_ record: ItemRecord, of tenant: TenantName) {
    put(StateKey.item(record.index, tenant), ItemRecordCodec.encode(record))
  }

  package mutating func put(_ record: UserRecord, of tenant: TenantName) {
    put(StateKey.user(record.profile.id, tenant), UserRecordCodec.encode(record))
  }

  /// There is one of these for each event ever taken: key, value and check are laid out in place.
  package mutating func put(_ record: EventRecord, id: EventIdentifier, of tenant: TenantName) {
    if eventTenant != tenant {
      eventTenant = tenant
      eventPrefix = StateKey.prefix(.event, tenant)
    }
    let keyBytes = eventPrefix.count + id.bytes.count
    withUnsafeTemporaryAllocation(
      byteCount: keyBytes + EventRecord.bytesMax + StateCheck.byteCount, alignment: 8
    ) {
      row in
      row.copyBytes(from: eventPrefix)
      UnsafeMutableRawBufferPointer(rebasing: row[eventPrefix.count...]).copyBytes(from: id.bytes)
      let key = UnsafeRawBufferPointer(rebasing: row[..<keyBytes])
      let rest = UnsafeMutableRawBufferPointer(rebasing: row[keyBytes...])
      let valueBytes = record.encode(into: rest)
      let value = UnsafeRawBufferPointer(rebasing: rest[..<valueBytes])
      let check = StateCheck.of(key, value, seed: seed)
      rest.storeBytes(of: check.littleEndian, toByteOffset: valueBytes, as: UInt32.self)
      batch.put(
        key: key, value: UnsafeRawBufferPointer(rebasing: rest[..<(valueBytes + StateCheck.byteCount)]))
      bytes += keyBytes + valueBytes + StateCheck.byteCount
    }
  }

  private mutating func put(_ key: [UInt8], _ value: [UInt8]) {
    key.span.bytes.withUnsafeBytes { key in
      value.span.bytes.withUnsafeBytes { value in put(key: key, value: value) }
    }
  }

  /// Puts a record as bytes: the value as it is without its check.
  mutating func put(key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
    let check = StateCheck.of(key, value, seed: seed)
    withUnsafeTemporaryAllocation(byteCount: value.count + StateCheck.byteCount, alignment: 8) { stored in
      stored.copyMemory(from: value)
      stored.storeBytes(of: check.littleEndian, toByteOffset: value.count, as: UInt32.self)
      batch.put(key: key, value: UnsafeRawBufferPointer(stored))
    }
    bytes += key.count + value.count + StateCheck.byteCount
  }
}
