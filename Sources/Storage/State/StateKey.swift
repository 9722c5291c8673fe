import Vocabulary

/// Keys of the state; docs/storage.md holds the table. A tenant's name has its length in front, so that no
/// tenant's keys lie among another's.
package enum StateKey {
  /// First byte of every key. PERSISTED: never reuse one.
  package enum Kind: UInt8 {
    case event = 0x45  // E
    case item = 0x49  // I
    case meta = 0x4d  // M
    case user = 0x55  // U
  }

  package static let applied = meta("applied")
  package static let format = meta("format")
  package static let identity = meta("identity")

  private static func meta(_ name: String) -> [UInt8] { [Kind.meta.rawValue] + Array(name.utf8) }

  /// What all keys of one kind and tenant begin with.
  package static func prefix(_ kind: Kind, _ tenant: TenantName) -> [UInt8] {
    // A name is at most 64 bytes long.
    key(kind, tenant, room: 0)
  }

  /// The same in an array with room for more, so that a key takes one allocation.
  private static func key(_ kind: Kind, _ tenant: TenantName, room: Int) -> [UInt8] {
    let name = tenant.text.utf8
    var key: [UInt8] = []
    key.reserveCapacity(2 + name.count + room)
    key.append(kind.rawValue)
    key.append(UInt8(truncatingIfNeeded: name.count))
    key.append(contentsOf: name)
    return key
  }

  /// Big-endian, so that a scan meets items in the order of their indices.
  package static func item(_ index: ItemIndex, _ tenant: TenantName) -> [UInt8] {
    var key = key(.item, tenant, room: 4)
    withUnsafeBytes(of: index.value.bigEndian) { key.append(contentsOf: $0) }
    return key
  }

  package static func user(_ id: UserIdentifier, _ tenant: TenantName) -> [UInt8] {
    var key = key(.user, tenant, room: id.bytes.count)
    key.append(contentsOf: id.bytes)
    return key
  }

  package static func event(_ id: EventIdentifier, _ tenant: TenantName) -> [UInt8] {
    var key = key(.event, tenant, room: id.bytes.count)
    key.append(contentsOf: id.bytes)
    return key
  }

  /// What stands behind the prefix of an item's key.
  static func itemIndex(_ suffix: UnsafeRawBufferPointer) throws(MalformedBytes) -> ItemIndex {
    guard suffix.count == 4 else { throw MalformedBytes("an item key of the wrong length", at: 0) }
    return ItemIndex(UInt32(bigEndian: suffix.loadUnaligned(as: UInt32.self)))
  }
}
