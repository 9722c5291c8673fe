/// The test could not go on; the text says what was expected and what was there.
struct HarnessFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// Unwraps, or fails the test with words.
func require<Value>(_ value: Value?, _ what: @autoclosure () -> String) throws -> Value {
  guard let value else { throw HarnessFailure(what()) }
  return value
}
