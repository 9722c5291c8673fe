import ArgumentParser

/// A number, or a word that stands where there is none: `auto`, `off`.
struct NumberOr<Number: LosslessStringConvertible & Sendable>: ExpressibleByArgument, Sendable {
  private let text: String

  init(word: String) { text = word }

  init?(argument: String) { text = argument }

  var defaultValueDescription: String { text }

  /// The number, nil for the word.
  /// - Throws: `ValidationError` for anything else.
  func number(of flag: String, instead word: String) throws -> Number? {
    if text == word { return nil }
    guard let number = Number(text) else {
      throw ValidationError("\(flag) is '\(text)'; write a number or \(word).")
    }
    return number
  }
}
