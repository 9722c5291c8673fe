/// Why an expression is refused: a sentence, and the character it points at.
package struct ExpressionFault: Error, Sendable, Hashable {
  /// What is wrong and what to write instead.
  package var message: String
  /// The character at fault, counted from 1 in Unicode scalars; one beyond the last at the end of the text.
  package var character: Int

  package init(_ message: String, at character: Int) {
    self.message = message
    self.character = character
  }

  /// The expression in one line with a mark below the character, for people:
  /// ```
  /// item.price < "ten"
  ///              ^
  /// ```
  package func pointing(into source: String) -> String {
    var line = ""
    for scalar in source.unicodeScalars {
      // A line feed or tab would put the mark below something else.
      line.unicodeScalars.append(scalar.value < 32 || scalar.value == 127 ? " " : scalar)
    }
    return line + "\n" + String(repeating: " ", count: max(0, character - 1)) + "^"
  }
}
