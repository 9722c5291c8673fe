/// Numbers for names, in order of first appearance. Names are bytes as the file has them: two spellings that
/// Unicode calls equal are two names.
package struct NameTable: Sendable {
  private var numbers: [Key: UInt32] = [:]
  /// Name of each number.
  package private(set) var names: [[UInt8]] = []

  /// Hashes eight bytes at a time, or at once for short names: most names are short numbers, and a data set has
  /// millions of them.
  private enum Key: Hashable {
    case short(UInt64, UInt8)
    case long([UInt8])
  }

  package init() {}

  package var count: Int { names.count }

  private static func key(_ name: some RandomAccessCollection<UInt8>) -> Key {
    if name.count <= 8 {
      return .short(name.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }, UInt8(truncatingIfNeeded: name.count))
    }
    return .long(Array(name))
  }

  /// The number of a name, a new one if it has none yet. O(bytes).
  package mutating func number(of name: some RandomAccessCollection<UInt8>) -> UInt32 {
    let key = Self.key(name)
    if let number = numbers[key] { return number }
    let number = UInt32(truncatingIfNeeded: names.count)
    numbers[key] = number
    names.append(Array(name))
    return number
  }

  /// The number of a name, if it has one. O(bytes).
  package func existing(_ name: some RandomAccessCollection<UInt8>) -> UInt32? { numbers[Self.key(name)] }

  /// The name for people.
  package func text(_ number: UInt32) -> String {
    Int(number) < names.count ? String(decoding: names[Int(number)], as: UTF8.self) : "?"
  }
}
