import Vocabulary

/// Bytes of one log entry; docs/storage.md holds the tables.
///
/// Decoding checks structure, not policy: a limit that a later release lowers must never make an old log
/// unreadable. Whether values make sense was checked before they were written.
package enum EntryCodec {
  /// First byte of every entry. PERSISTED: a change of the layout takes the next number.
  package static let version: UInt8 = 1

  /// Kinds of entries. PERSISTED: never reuse a number.
  package enum Kind: UInt8 {
    case event = 1
    case putItem = 2
    case deleteItem = 3
    case putUser = 4
  }

  /// O(size of the entry).
  package static func encode(_ entry: LogEntry) -> [UInt8] {
    var writer = ByteWriter(capacity: 96)
    encode(entry, into: &writer)
    return writer.bytes
  }

  /// The same, appended.
  package static func encode(_ entry: LogEntry, into writer: inout ByteWriter) {
    writer.append(byte: version)
    switch entry.change {
    case .event(let event):
      writer.append(byte: Kind.event.rawValue)
      writer.append(prefixed: entry.tenant.text)
      writer.append(prefixed: event.id.bytes)
      EventCodec.encode(event, into: &writer)
    case .putItem(let item):
      writer.append(byte: Kind.putItem.rawValue)
      writer.append(prefixed: entry.tenant.text)
      writer.append(prefixed: item.id.bytes)
      ItemCodec.encode(item, into: &writer)
    case .deleteItem(let id):
      writer.append(byte: Kind.deleteItem.rawValue)
      writer.append(prefixed: entry.tenant.text)
      writer.append(prefixed: id.bytes)
    case .putUser(let profile):
      writer.append(byte: Kind.putUser.rawValue)
      writer.append(prefixed: entry.tenant.text)
      writer.append(prefixed: profile.id.bytes)
      AttributeCodec.encode(profile.attributes, profile.vectors, into: &writer)
    }
  }

  /// Decodes one entry that fills `bytes`.
  /// - Throws: `.corrupt`, naming `file`.
  package static func decode(_ bytes: [UInt8], file: String = "entry") throws(StorageFault) -> LogEntry {
    try bytes.span.bytes.withUnsafeBytes { (buffer) throws(StorageFault) in
      var decoder = EntryDecoder()
      do throws(MalformedBytes) {
        return try decoder.decode(buffer)
      } catch {
        throw error.fault(in: file, "An entry")
      }
    }
  }

  /// Hash of everything in an event but its identifier: two events under one identifier are the same event
  /// if and only if their hashes are equal (up to collisions of 64 bits). Stored, so it never changes.
  package static func contentHash(of event: Event) -> UInt64 {
    var writer = ByteWriter(capacity: 96)
    return contentHash(of: event, using: &writer)
  }

  /// The same in memory that is reused.
  package static func contentHash(of event: Event, using writer: inout ByteWriter) -> UInt64 {
    writer.removeAll()
    writer.append(byte: version)
    EventCodec.encode(event, into: &writer)
    return StableHash.of(writer.bytes)
  }
}

/// Decodes entries one after the other. It remembers the last tenant, because neighbours share it.
package struct EntryDecoder {
  private var tenant = TenantName.default
  private var tenantBytes = Array(TenantName.default.text.utf8)

  package init() {}

  /// Decodes one entry that fills `bytes`.
  package mutating func decode(_ bytes: UnsafeRawBufferPointer) throws(MalformedBytes) -> LogEntry {
    var reader = ByteReader(bytes)
    guard try reader.byte() == EntryCodec.version else {
      throw MalformedBytes("an unknown entry version", at: 0)
    }
    guard let kind = EntryCodec.Kind(rawValue: try reader.byte()) else {
      throw MalformedBytes("an unknown entry kind", at: 1)
    }
    try readTenant(&reader)
    let change: LogEntry.Change
    switch kind {
    case .event:
      let id = try reader.identifier(EventKind.self)
      change = .event(try EventCodec.decode(id: id, &reader))
    case .putItem:
      let id = try reader.identifier(ItemKind.self)
      change = .putItem(try ItemCodec.decode(id: id, &reader))
    case .deleteItem:
      change = .deleteItem(try reader.identifier(ItemKind.self))
    case .putUser:
      var profile = UserProfile(id: try reader.identifier(UserKind.self))
      (profile.attributes, profile.vectors) = try AttributeCodec.decode(&reader)
      change = .putUser(profile)
    }
    try reader.finish()
    return LogEntry(tenant: tenant, change: change)
  }

  private mutating func readTenant(_ reader: inout ByteReader) throws(MalformedBytes) {
    let start = reader.offset
    let bytes = try reader.prefixed()
    if bytes.elementsEqual(tenantBytes) { return }
    guard let text = String(validating: bytes, as: UTF8.self), let name = try? TenantName(text) else {
      throw MalformedBytes("a tenant's name is malformed", at: start)
    }
    tenant = name
    tenantBytes = Array(bytes)
  }
}
