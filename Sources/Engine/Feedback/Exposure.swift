import Vocabulary

/// A list on its way from the event loop that gave it out to the desk that remembers it. Shares the slate's arrays.
struct Exposure: Sendable {
  var slate: Slate
  /// Place of the tenant in the engine's list.
  var tenant: Int
  /// As asked for, or the name of the list for those without a scenario.
  var scenario: [UInt8]
  var user: [UInt8]
  /// How likely the arm was to answer; 1 outside experiments.
  var propensity: Double
}

/// The identifier of a list, packed: 32 hexadecimal digits.
struct ListIdentifier: Hashable, Sendable {
  var high: UInt64
  var low: UInt64

  /// Nil for bytes that no daemon made.
  init?(_ bytes: [UInt8]) {
    guard bytes.count == 32 else { return nil }
    var words: [2 of UInt64] = [0, 0]
    for (place, byte) in bytes.enumerated() {
      let digit: UInt64
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = UInt64(byte - UInt8(ascii: "0"))
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = UInt64(byte - UInt8(ascii: "a")) + 10
      default: return nil
      }
      words[place / 16] = words[place / 16] << 4 | digit
    }
    (high, low) = (words[0], words[1])
  }
}
