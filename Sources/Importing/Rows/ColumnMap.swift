import enum Vocabulary.Limits

/// Which column, or name, holds which field.
package struct ColumnMap: Sendable {
  /// What a column is for.
  package struct Target: Sendable, Hashable {
    package var field: ImportField
    /// The attribute's name, without a type suffix.
    package var attribute: String
    package var attributeType: AttributeType
  }

  /// How an attribute's text is read; a suffix of the column's name says so, as in `weight:number`.
  package enum AttributeType: String, Sendable, CaseIterable {
    case text, number, flag, texts
  }

  /// What is imported.
  package let kind: ImportKind
  private let overrides: [String: ImportField]

  /// - Parameter overrides: column name to field, as given with `--map`; they go before what names mean.
  /// - Throws: `usage` if a field does not belong to the kind, or two columns are mapped to one field.
  package init(kind: ImportKind, overrides: [(column: String, field: String)]) throws(ImportFault) {
    self.kind = kind
    var table: [String: ImportField] = [:]
    let allowed = ImportField.fields(of: kind) + (kind == .events ? [.ignore] : [.attribute, .ignore])
    for (column, name) in overrides {
      // For events `user_id` and the like are accepted as well as the field's own name.
      let meant = ImportField(rawValue: name) ?? ImportField.meant(by: name, in: kind)
      guard let field = meant, allowed.contains(field) else {
        throw ImportFault(
          .usage,
          "--map \(column)=\(name): \(kind.rawValue) have no field \"\(name)\"; use one of \(Self.list(allowed))."
        )
      }
      table[column] = field
    }
    self.overrides = table
  }

  private static func list(_ fields: [ImportField]) -> String {
    fields.map(\.rawValue).joined(separator: ", ")
  }

  /// What a column or name is for.
  package func target(of name: String) -> Target {
    let trimmed = name.trimmedSpaces
    let field = overrides[trimmed] ?? ImportField.meant(by: trimmed, in: kind)
    var target = Target(
      field: field ?? (kind == .events ? .ignore : .attribute), attribute: trimmed, attributeType: .text)
    if target.field == .attribute, let colon = trimmed.lastIndex(of: ":"),
      let type = AttributeType(rawValue: String(trimmed[trimmed.index(after: colon)...]))
    {
      target.attribute = String(trimmed[..<colon])
      target.attributeType = type
    }
    return target
  }

  /// What each column of a header is for.
  /// - Throws: `usage` if a needed column is missing, a field has two columns, or a mapped column does not exist.
  package func targets(of header: [String], hasFixedTime: Bool) throws(ImportFault) -> [Target] {
    if header.count > Limits.importColumnsMax {
      throw ImportFault(
        .usage, "The header has \(header.count) columns; at most \(Limits.importColumnsMax) are allowed.")
    }
    let names = header.map(\.trimmedSpaces)
    for column in overrides.keys.sorted() where !names.contains(column) {
      throw ImportFault(
        .usage, "--map names the column \"\(column)\", which the header lacks; it has \(names.quotedList).")
    }
    var targets = names.map { target(of: $0) }
    // A column named with --map takes the field; others that only sound like it step back.
    for index in targets.indices where overrides[names[index]] == nil {
      let field = targets[index].field
      if overrides.values.contains(field), field != .ignore, field != .attribute {
        targets[index].field = kind == .events ? .ignore : .attribute
      }
    }
    var seen: [ImportField: String] = [:]
    for (name, target) in zip(names, targets) where target.field != .ignore && target.field != .attribute {
      if let other = seen[target.field] {
        throw ImportFault(
          .usage,
          "The columns \"\(other)\" and \"\(name)\" both mean \(target.field.rawValue); say which with --map COLUMN=\(target.field.rawValue)."
        )
      }
      seen[target.field] = name
    }
    for field in neededFields(hasFixedTime: hasFixedTime) where seen[field] == nil {
      let advice =
        field == .time
        ? "name it with --map COLUMN=time, or give all rows one time with --time."
        : "name it with --map COLUMN=\(field.rawValue)."
      throw ImportFault(
        .usage,
        "No column means \(field.rawValue), which \(kind.rawValue) need; the header has \(names.quotedList). If it has another name, \(advice)"
      )
    }
    return targets
  }

  private func neededFields(hasFixedTime: Bool) -> [ImportField] {
    switch kind {
    case .events: hasFixedTime ? [.user] : [.user, .time]
    case .items, .users: [.id]
    }
  }
}

extension String {
  /// Without spaces and tabs at either end.
  var trimmedSpaces: String {
    guard let first = firstIndex(where: { $0 != " " && $0 != "\t" }),
      let last = lastIndex(where: { $0 != " " && $0 != "\t" })
    else { return "" }
    return String(self[first...last])
  }
}

extension [String] {
  /// `"a", "b"`
  fileprivate var quotedList: String { prefix(20).map { "\"\($0)\"" }.joined(separator: ", ") }
}
