extension String {
  /// Wraps bytes that must be UTF-8 without zero bytes.
  /// - Throws: `text_invalid` or `text_too_long`, naming `field`.
  package init(checking bytes: [UInt8], field: String, bytesMax: Int) throws(Fault) {
    if bytes.count > bytesMax {
      throw Fault(
        .textTooLong, "\(field) has \(bytes.count) bytes; at most \(bytesMax) are allowed.", field: field)
    }
    // A zero byte would end the text early in every C library it meets.
    guard !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else {
      throw Fault(.textInvalid, "\(field) is not UTF-8 text without zero bytes.", field: field)
    }
    self = text
  }

  /// The same for a name, which must not be empty.
  package init(checkingName bytes: [UInt8], field: String) throws(Fault) {
    if bytes.isEmpty {
      throw Fault(.missingField, "\(field) is empty; every one needs a name.", field: field)
    }
    try self.init(checking: bytes, field: field, bytesMax: Limits.attributeBytesMax)
  }
}

/// Refuses more than `max` of something.
package func checkCount(_ count: Int, atMost max: Int, field: String) throws(Fault) {
  if count > max {
    throw Fault(.tooMany, "\(field) holds \(count); at most \(max) are allowed.", field: field)
  }
}

/// Refuses a number that is not finite or outside of `range`.
package func checkNumber(_ number: Double, in range: ClosedRange<Double>, field: String, advice: String = "")
  throws(Fault) -> Double
{
  guard number.isFinite else {
    throw Fault(.nonFinite, "\(field) is not a finite number.", field: field)
  }
  guard range.contains(number) else {
    let hint = advice.isEmpty ? "" : " \(advice)"
    throw Fault(
      .outOfRange, "\(field) is \(number); it must lie in \(range.lowerBound)...\(range.upperBound).\(hint)",
      field: field)
  }
  return number
}
