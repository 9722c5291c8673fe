import CMessages
import Vocabulary

// From the fields of protobuf-c's structs to our values. Every pointer is valid only while the arena holds the
// message, so everything is copied.

/// A string field. Invalid UTF-8 is repaired; a zero byte ends it, so identifiers are bytes fields instead.
func text(_ field: UnsafeMutablePointer<CChar>?) -> String {
  guard let field else { return "" }
  return String(cString: field)
}

/// A bytes field that holds text for people; invalid UTF-8 is repaired.
func text(_ field: ProtobufCBinaryData) -> String {
  String(
    decoding: UnsafeBufferPointer(start: field.data, count: field.data == nil ? 0 : field.len), as: UTF8.self)
}

func bytes(_ field: ProtobufCBinaryData) -> [UInt8] {
  Array(UnsafeBufferPointer(start: field.data, count: field.data == nil ? 0 : field.len))
}

/// The elements of a repeated scalar field.
func buffer<Element>(_ start: UnsafeMutablePointer<Element>?, _ count: Int) -> UnsafeBufferPointer<Element> {
  UnsafeBufferPointer(start: start, count: start == nil ? 0 : count)
}

/// The elements of a repeated message field.
/// - Throws: what `body` throws.
func messages<Message, Value>(
  _ start: UnsafeMutablePointer<UnsafeMutablePointer<Message>?>?, _ count: Int,
  _ body: (borrowing Message) throws(Fault) -> Value
) throws(Fault) -> [Value] {
  var values: [Value] = []
  values.reserveCapacity(count)
  for message in buffer(start, count) {
    if let message { values.append(try body(message.pointee)) }
  }
  return values
}

func byteLists(_ start: UnsafeMutablePointer<ProtobufCBinaryData>?, _ count: Int) -> [[UInt8]] {
  buffer(start, count).map { bytes($0) }
}

/// An enumeration in a request.
/// - Throws: `out_of_range` naming the field.
func enumeration<Raw: RawRepresentable<UInt32>, Value: RawRepresentable<UInt8>>(
  _ raw: Raw, field: String
) throws(Fault) -> Value {
  guard let byte = UInt8(exactly: raw.rawValue), let value = Value(rawValue: byte) else {
    throw Fault(
      .outOfRange,
      "\(field) has the value \(Int32(bitPattern: raw.rawValue)), which this version does not know.",
      field: field)
  }
  return value
}

/// An enumeration in a list of a reply: nil if a newer daemon sent a value this version does not know.
func known<Raw: RawRepresentable<UInt32>, Value: RawRepresentable<UInt8>>(_ raw: Raw) -> Value? {
  UInt8(exactly: raw.rawValue).flatMap { Value(rawValue: $0) }
}

/// Refuses a list before anything is copied out of it.
/// - Throws: `too_many` naming the field.
func checkCount(_ count: Int, max: Int, field: String) throws(Fault) {
  if count > max {
    throw Fault(.tooMany, "\(field) has \(count) entries; at most \(max) are allowed.", field: field)
  }
}

/// An identifier in a reply. The daemon checked it when it came in.
/// - Throws: `malformed_message` naming the field.
func identifier<Kind: IdentifierKind>(
  _ raw: ProtobufCBinaryData, field: String
) throws(Fault) -> Identifier<Kind> {
  guard let id = Identifier<Kind>(checked: bytes(raw)) else {
    throw Fault(.malformedMessage, "The reply holds an impossible identifier in \(field).", field: field)
  }
  return id
}
