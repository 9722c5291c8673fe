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

  package mutating func put(_ record: EventRecord, id: EventIdentifier, of tenant: TenantName) {
    put(StateKey.event(id, tenant), record.encoded())
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
