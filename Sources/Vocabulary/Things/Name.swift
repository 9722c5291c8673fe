/// The name of a tenant: `a`-`z`, `0`-`9`, `_`, `-`, starting with a letter or digit.
///
/// Narrower than an identifier because it becomes a directory name, a key prefix and a metric label.
package struct TenantName: Hashable, Sendable, Comparable {
  package let text: String

  package static let `default` = TenantName(unchecked: "default")

  private init(unchecked text: String) { self.text = text }

  /// - Throws: `Fault` with reason `name_invalid`.
  package init(_ text: String, field: String = "tenant") throws(Fault) {
    try checkName(text, field: field)
    self.text = text
  }

  package static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}

/// The name of a scenario, the place where a list is shown. Same alphabet as a tenant's name.
package struct ScenarioName: Hashable, Sendable {
  package let text: String

  package static let `default` = ScenarioName(unchecked: "default")

  private init(unchecked text: String) { self.text = text }

  /// - Throws: `Fault` with reason `name_invalid`.
  package init(_ text: String, field: String = "scenario") throws(Fault) {
    try checkName(text, field: field)
    self.text = text
  }
}

private func checkName(_ text: String, field: String) throws(Fault) {
  let bytes = text.utf8
  let isWellFormed =
    !bytes.isEmpty && bytes.count <= Limits.nameBytesMax
    && bytes.allSatisfy { byte in
      (97...122).contains(byte) || (48...57).contains(byte) || byte == 95 || byte == 45
    } && bytes.first != 95 && bytes.first != 45
  if !isWellFormed {
    throw Fault(
      .nameInvalid,
      "\(field) must be 1 to \(Limits.nameBytesMax) characters out of a-z, 0-9, _ and -, starting with a letter or digit.",
      field: field)
  }
}
