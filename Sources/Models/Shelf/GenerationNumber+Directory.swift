import Vocabulary

extension GenerationNumber {
  /// The directory's name: at least six decimal digits.
  package var directoryName: String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, 6 - digits.count)) + digits
  }

  /// Nil unless `name` is exactly what `directoryName` gives for some number from 1 on.
  package init?(directoryName name: some StringProtocol) {
    guard name.utf8.allSatisfy({ (48...57).contains($0) }), let value = UInt64(name), value > 0 else {
      return nil
    }
    self.init(value)
    if directoryName != name { return nil }
  }

  /// What a directory is called while it is written, and while it is removed.
  static let partialSuffix = ".partial"
  static let removingSuffix = ".removing"
}
