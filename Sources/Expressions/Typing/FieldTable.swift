/// The built-in fields. Every other name of an item, a user or the request is a free attribute, whose type follows
/// from how it is used.
enum FieldTable {
  /// What a name stands for.
  enum Meaning: Sendable, Hashable {
    case number(NumberSource)
    /// Seconds from the item's creation to now.
    case age
    case text(TextSource)
    case texts(TextsSource)
    case flag(FlagSource)
    case point(PointSource)

    var type: ValueType {
      switch self {
      case .number, .age: .number
      case .text: .text
      case .texts: .texts
      case .flag: .flag
      case .point: .point
      }
    }
  }

  static func meaning(of field: FieldName) -> Meaning? {
    if field.isQuoted { return nil }
    return builtIn[field]
  }

  private static let builtIn: [FieldName: Meaning] = [
    FieldName(.item, "id"): .text(.itemIdentifier),
    FieldName(.item, "title"): .text(.title),
    FieldName(.item, "text"): .text(.description),
    FieldName(.item, "categories"): .texts(.categories),
    FieldName(.item, "price"): .number(.price),
    FieldName(.item, "currency"): .text(.currency),
    FieldName(.item, "stock"): .number(.stock),
    FieldName(.item, "created"): .number(.created),
    FieldName(.item, "age"): .age,
    FieldName(.item, "available_from"): .number(.availableFrom),
    FieldName(.item, "available_until"): .number(.availableUntil),
    FieldName(.item, "location"): .point(.item),
    FieldName(.item, "owner"): .text(.owner),
    FieldName(.item, "is_bundle"): .flag(.isBundle),
    FieldName(.user, "id"): .text(.userIdentifier),
    FieldName(.context, "time"): .number(.time),
    FieldName(.context, "location"): .point(.context),
  ]
}
