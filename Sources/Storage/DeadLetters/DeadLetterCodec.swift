import Vocabulary

/// One dead letter as bytes; docs/storage.md has the table.
package enum DeadLetterCodec {
  package static func encode(_ letter: DeadLetter, into writer: inout ByteWriter) {
    writer.append(varint: letter.number)
    writer.append(zigzag: letter.time.microseconds)
    writer.append(prefixed: letter.tenant.text)
    writer.append(prefixed: letter.reason)
    writer.append(prefixed: letter.message)
    writer.append(prefixed: letter.field)
    let event = letter.event
    writer.append(prefixed: event.id)
    writer.append(zigzag: Int64(event.type))
    writer.append(prefixed: event.user)
    writer.append(prefixed: event.item)
    writer.append(zigzag: event.timeMicroseconds)
    writer.append(byte: event.value == nil ? 0 : 1)
    if let value = event.value { writer.append(double: value) }
    writer.append(prefixed: event.session)
    writer.append(prefixed: event.recommendation)
    writer.append(prefixed: event.query)
  }

  package static func decode(_ bytes: UnsafeRawBufferPointer) throws(MalformedBytes) -> DeadLetter {
    var reader = ByteReader(bytes)
    var letter = DeadLetter(number: try reader.varint())
    letter.time = try reader.timestamp()
    guard let tenant = try? TenantName(try reader.text()) else {
      throw MalformedBytes("a tenant's name is not one", at: reader.offset)
    }
    letter.tenant = tenant
    letter.reason = try reader.text()
    letter.message = try reader.text()
    letter.field = try reader.text()
    var event = EventDraft()
    event.id = Array(try reader.prefixed())
    guard let type = Int32(exactly: try reader.zigzag()) else {
      throw MalformedBytes("an event type exceeds 32 bits", at: reader.offset)
    }
    event.type = type
    event.user = Array(try reader.prefixed())
    event.item = Array(try reader.prefixed())
    event.timeMicroseconds = try reader.zigzag()
    switch try reader.byte() {
    case 0: break
    case 1: event.value = try reader.double()
    default: throw MalformedBytes("a flag is neither 0 nor 1", at: reader.offset)
    }
    event.session = Array(try reader.prefixed())
    event.recommendation = Array(try reader.prefixed())
    event.query = Array(try reader.prefixed())
    letter.event = event
    try reader.finish()
    return letter
  }
}
