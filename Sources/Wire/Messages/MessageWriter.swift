import Glibc
import Vocabulary

/// Writes protobuf messages into one growing block of memory, in field order, in one pass.
///
/// protobuf-c would need every message built as C structs first; writing from our own types skips that, and
/// WireTests checks every field against protobuf-c. Fields with their default value are left out, as proto3 says.
///
/// It never grows past its limit: what would not fit is dropped and `isOverflowing` says so, so that a reply of
/// unforeseen size costs no more than the limit.
package struct MessageWriter: ~Copyable {
  private var base: UnsafeMutableRawPointer
  private var capacity: Int
  /// Bytes written since the last reset.
  package private(set) var count = 0
  private let limit: Int
  /// Whether something was dropped since the last reset.
  package private(set) var isOverflowing = false

  /// - Parameter limit: bytes it may hold.
  package init(limit: Int = .max) {
    self.limit = limit
    capacity = min(limit, 4096)
    base = .allocate(byteCount: max(capacity, 1), alignment: 16)
  }

  deinit { base.deallocate() }

  /// What was written.
  package func withBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(UnsafeRawBufferPointer(start: base, count: count))
  }

  /// A copy of what was written.
  package var bytes: [UInt8] { Array(UnsafeRawBufferPointer(start: base, count: count)) }

  /// Forgets everything. Memory beyond `keeping` bytes is given back.
  package mutating func reset(keeping: Int = 1 << 20) {
    count = 0
    isOverflowing = false
    if capacity > keeping {
      base.deallocate()
      capacity = min(limit, 4096)
      base = .allocate(byteCount: max(capacity, 1), alignment: 16)
    }
  }

  /// Forgets everything behind the first `count` bytes.
  /// REQUIRES: `count` is not more than there are.
  mutating func truncate(to count: Int) {
    self.count = min(self.count, count)
    isOverflowing = false
  }

  /// Makes room for `more` bytes and returns where they go, or nil if the limit forbids it.
  private mutating func room(_ more: Int) -> UnsafeMutableRawPointer? {
    if more > capacity &- count && !grow(more) { return nil }
    return base + count
  }

  @inline(never)
  private mutating func grow(_ more: Int) -> Bool {
    if isOverflowing || more > limit - count {
      isOverflowing = true
      return false
    }
    // count + more <= limit, so nothing here overflows; doubling keeps the total work linear.
    let (doubled, overflow) = capacity.multipliedReportingOverflow(by: 2)
    let wanted = min(limit, max(overflow ? limit : doubled, count + more))
    let bigger = UnsafeMutableRawPointer.allocate(byteCount: wanted, alignment: 16)
    bigger.copyMemory(from: base, byteCount: count)
    base.deallocate()
    base = bigger
    capacity = wanted
    return true
  }
}

// MARK: Raw bytes

extension MessageWriter {
  /// Makes room for a header that is written later and returns where it begins.
  mutating func reserve(_ bytes: Int) -> Int {
    let start = count
    if let room = room(bytes) {
      room.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
      count += bytes
    }
    return start
  }

  /// Lets `body` overwrite bytes from `offset` on.
  mutating func patch(at offset: Int, _ body: (UnsafeMutableRawPointer) -> Void) { body(base + offset) }

  /// Appends bytes as they are.
  mutating func raw(_ bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress, let room = room(bytes.count) else { return }
    room.copyMemory(from: source, byteCount: bytes.count)
    count += bytes.count
  }

  private mutating func varint(_ value: UInt64) {
    // What was dropped stays dropped: a short value may still fit, and must not make the message look whole.
    if isOverflowing { return }
    guard let room = room(10) ?? roomForExactly(value) else { return }
    var rest = value
    var length = 0
    while rest >= 0x80 {
      room.storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, toByteOffset: length, as: UInt8.self)
      rest >>= 7
      length += 1
    }
    room.storeBytes(of: UInt8(truncatingIfNeeded: rest), toByteOffset: length, as: UInt8.self)
    count += length + 1
  }

  /// Near the limit ten bytes may not be left although the value needs fewer.
  @inline(never)
  private mutating func roomForExactly(_ value: UInt64) -> UnsafeMutableRawPointer? {
    let bits = 64 - value.leadingZeroBitCount
    let length = max(1, (bits + 6) / 7)
    if length > limit - count { return nil }
    isOverflowing = false
    return room(length)
  }
}

// MARK: Fields

extension MessageWriter {
  private enum WireType: UInt64 {
    case varint = 0
    case fixed64 = 1
    case lengthDelimited = 2
    case fixed32 = 5
  }

  private mutating func tag(_ field: UInt32, _ type: WireType) {
    varint(UInt64(field) << 3 | type.rawValue)
  }

  private mutating func fixed<Value: FixedWidthInteger>(_ value: Value) {
    withUnsafeBytes(of: value.littleEndian) { raw($0) }
  }

  /// uint32, uint64 or an enumeration.
  mutating func number(_ field: UInt32, _ value: UInt64) {
    if value == 0 { return }
    tag(field, .varint)
    varint(value)
  }

  /// int32 or int64; a negative value takes ten bytes.
  mutating func signed(_ field: UInt32, _ value: Int64) {
    number(field, UInt64(bitPattern: value))
  }

  mutating func flag(_ field: UInt32, _ value: Bool) {
    number(field, value ? 1 : 0)
  }

  mutating func fixed64(_ field: UInt32, _ value: UInt64) {
    if value == 0 { return }
    tag(field, .fixed64)
    fixed(value)
  }

  mutating func float(_ field: UInt32, _ value: Float) {
    if value.bitPattern == 0 { return }
    tag(field, .fixed32)
    fixed(value.bitPattern)
  }

  mutating func double(_ field: UInt32, _ value: Double) {
    if value.bitPattern == 0 { return }
    present(field, value)
  }

  mutating func bytes(_ field: UInt32, _ value: [UInt8]) {
    if value.isEmpty { return }
    element(field, value)
  }

  mutating func text(_ field: UInt32, _ value: String) {
    if value.isEmpty { return }
    presentText(field, value)
  }

  /// A nested message, present even if it is empty.
  mutating func message(_ field: UInt32, _ body: (inout MessageWriter) -> Void) {
    tag(field, .lengthDelimited)
    // Most nested messages are shorter than 128 bytes: assume a length of one byte and move the rest otherwise.
    let start = reserve(1)
    if isOverflowing { return }
    body(&self)
    if isOverflowing { return }
    let length = count - start - 1
    if length < 0x80 {
      patch(at: start) { $0.storeBytes(of: UInt8(truncatingIfNeeded: length), as: UInt8.self) }
    } else {
      widenLength(at: start, to: length)
    }
  }

  @inline(never)
  private mutating func widenLength(at start: Int, to length: Int) {
    let bits = Int.bitWidth - length.leadingZeroBitCount
    let width = (bits + 6) / 7
    guard room(width - 1) != nil else { return }
    let body = base + start + 1
    memmove(body + width - 1, body, length)
    count = start
    varint(UInt64(length))
    count += length
  }
}

// MARK: Elements and oneofs: written even if they hold the default value

extension MessageWriter {
  /// One element of a repeated bytes field, or a bytes member of a oneof.
  mutating func element(_ field: UInt32, _ value: [UInt8]) {
    tag(field, .lengthDelimited)
    varint(UInt64(value.count))
    value.withUnsafeBytes { raw($0) }
  }

  mutating func elements(_ field: UInt32, _ values: [[UInt8]]) {
    for value in values { element(field, value) }
  }

  /// A text where the schema says bytes or string, written even if empty.
  mutating func presentText(_ field: UInt32, _ value: String) {
    tag(field, .lengthDelimited)
    var value = value
    value.withUTF8 { text in
      varint(UInt64(text.count))
      raw(UnsafeRawBufferPointer(text))
    }
  }

  mutating func present(_ field: UInt32, _ value: Double) {
    tag(field, .fixed64)
    fixed(value.bitPattern)
  }

  mutating func present(_ field: UInt32, _ value: Float) {
    tag(field, .fixed32)
    fixed(value.bitPattern)
  }

  mutating func present(_ field: UInt32, _ value: Bool) {
    tag(field, .varint)
    varint(value ? 1 : 0)
  }

  /// A packed list of floats.
  mutating func packed(_ field: UInt32, _ values: [Float]) {
    if values.isEmpty { return }
    tag(field, .lengthDelimited)
    varint(UInt64(values.count) * 4)
    for value in values { fixed(value.bitPattern) }
  }

  /// A packed list of uint64.
  mutating func packed(_ field: UInt32, numbers values: [UInt64]) {
    if values.isEmpty { return }
    message(field) { list in
      for value in values { list.varint(value) }
    }
  }

  /// A packed list of small enumeration values.
  mutating func packed(_ field: UInt32, enumerations values: some Collection<UInt8>) {
    if values.isEmpty { return }
    message(field) { list in
      for value in values { list.varint(UInt64(value)) }
    }
  }
}
