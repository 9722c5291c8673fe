import Glibc
import Vocabulary

/// What an item says of itself, as numbered features: words and character n-grams of its texts, hashed, and facts of its
/// catalogue entry, hashed into a range of their own.
///
/// Part of the generation format: the trainer and the daemon must give the same features to the same entry, so any change
/// here takes a new `version`. The layout is in docs/generations.md.
package enum ContentText {
  /// What `features` does, as stored with a model.
  package static let version = 1
  /// Numbers below it are text, those from it to below twice it are facts.
  package static let buckets = 32_768
  /// Scalars of the descriptive text that are read: the rest of a long page says little that its beginning does not.
  package static let textScalarsMax = 1000
  /// Scalars of one word; what is longer is cut, which also parts writing without blanks.
  static let wordScalarsMax = 64

  /// One feature: its number and how often it occurs.
  package struct Feature: Hashable, Sendable {
    /// Below `2 * buckets`.
    package let number: Int
    /// 1 to 255; 1 for a fact.
    package let count: Int

    package var isText: Bool { number < ContentText.buckets }

    init(number: Int, count: Int) {
      self.number = number
      self.count = count
    }

    /// As collected: 32 bits, ascending with the number.
    package init(packed: UInt32) {
      number = Int(packed >> 8)
      count = Int(packed & 255)
    }

    package var packed: UInt32 { UInt32(number) << 8 | UInt32(count) }
  }

  /// The features of an entry, numbers ascending, each once; none for an entry without content. O(characters). Allocates.
  package static func features(of item: Item) -> [Feature] {
    var numbers: [UInt32] = []
    addWords(of: item.title.unicodeScalars, to: &numbers)
    for category in item.categories.prefix(Limits.segmentValuesMax) {
      addWords(of: category.unicodeScalars, to: &numbers)
    }
    addWords(of: item.text.unicodeScalars.prefix(textScalarsMax), to: &numbers)
    numbers.sort()
    var result: [Feature] = []
    var start = 0
    while start < numbers.count {
      var end = start + 1
      while end < numbers.count, numbers[end] == numbers[start] { end += 1 }
      result.append(Feature(number: Int(numbers[start]), count: min(255, end - start)))
      start = end
    }
    var facts: Set<Int> = []
    addFacts(of: item, to: &facts)
    return result + facts.sorted().map { Feature(number: $0, count: 1) }
  }

  // MARK: Text

  /// Words are runs of letters and digits, lower-cased. A word w gives itself and all runs of three and four out of ^w$.
  private static func addWords(of text: some Sequence<Unicode.Scalar>, to numbers: inout [UInt32]) {
    // ^ stands before, $ behind.
    var word: [UInt32] = [94]
    func close() {
      guard word.count > 1 else { return }
      numbers.append(bucket(of: word[1...], kind: 1))
      word.append(36)
      for length in [3, 4] where word.count >= length {
        for start in 0...(word.count - length) {
          numbers.append(bucket(of: word[start..<start + length], kind: 2))
        }
      }
      word.removeSubrange(1...)
    }
    for scalar in text {
      guard let letter = folded(scalar) else {
        close()
        continue
      }
      if word.count > wordScalarsMax { close() }
      word.append(letter)
    }
    close()
  }

  /// The scalar in lower case, nil where it ends a word.
  private static func folded(_ scalar: Unicode.Scalar) -> UInt32? {
    switch scalar.value {
    case 97...122, 48...57: return scalar.value
    case 65...90: return scalar.value + 32
    case 0..<128: return nil
    default:
      let properties = scalar.properties
      guard properties.isAlphabetic || properties.numericType != nil else { return nil }
      return properties.lowercaseMapping.unicodeScalars.first?.value ?? scalar.value
    }
  }

  private static func bucket(of scalars: ArraySlice<UInt32>, kind: UInt64) -> UInt32 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325 ^ kind
    for scalar in scalars { hash = (hash ^ UInt64(scalar)) &* 0x0000_0100_0000_01b3 }
    return UInt32(truncatingIfNeeded: StableHash.mix(hash) % UInt64(buckets))
  }

  // MARK: Facts

  private static func addFacts(of item: Item, to facts: inout Set<Int>) {
    for category in item.categories.prefix(Limits.segmentValuesMax) {
      facts.insert(fact("category", category))
    }
    if let price = item.price, price > 0, price.isFinite {
      facts.insert(fact("price", item.currency, "\(band(price))"))
    }
    if let year = year(in: item.title) { facts.insert(fact("year", "\(year / 5)")) }
    for (name, value) in item.attributes {
      switch value {
      case .text(let text): facts.insert(fact("attribute", name, text))
      case .texts(let texts):
        for text in texts.prefix(Limits.segmentValuesMax) { facts.insert(fact("attribute", name, text)) }
      case .flag(let flag): facts.insert(fact("flag", name, flag ? "1" : "0"))
      case .number(let number):
        guard number.isFinite else { continue }
        let side = number > 0 ? "+" : number < 0 ? "-" : "0"
        facts.insert(fact("number", name, number == 0 ? side : side + "\(band(abs(number)))"))
      }
    }
  }

  /// Half an octave: 1 to 1.41, 1.41 to 2, 2 to 2.83 and so on.
  private static func band(_ value: Double) -> Int { Int(exactly: (2 * log2(value)).rounded(.down)) ?? 0 }

  /// The last number of four digits from 1900 to 2099 in a title: the year of a film, a wine or a model.
  static func year(in title: String) -> Int? {
    var (digits, value): (Int, Int) = (0, 0)
    var found: Int?
    func close() {
      if digits == 4, (1900..<2100).contains(value) { found = value }
      (digits, value) = (0, 0)
    }
    for byte in title.utf8 {
      if (48...57).contains(byte) {
        digits += 1
        value = digits <= 4 ? value * 10 + Int(byte - 48) : 0
      } else {
        close()
      }
    }
    close()
    return found
  }

  private static func fact(_ parts: String...) -> Int {
    var bytes: [UInt8] = []
    for part in parts {
      bytes += part.utf8
      // No text of an entry holds a zero, so parts cannot run into each other.
      bytes.append(0)
    }
    return buckets + Int(truncatingIfNeeded: StableHash.of(bytes) % UInt64(buckets))
  }
}
