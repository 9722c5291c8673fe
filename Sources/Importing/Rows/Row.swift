import Reading

/// One row, whatever the format: the fields that have a value, and the attributes.
package struct Row: Sendable, Hashable {
  /// Where it begins, from 1.
  package var line: Int
  package var fields: [ImportField: JSONValue] = [:]
  package var attributes: [Attribute] = []

  /// A value kept under its own name.
  package struct Attribute: Sendable, Hashable {
    package var name: String
    package var value: JSONValue
    package var type: ColumnMap.AttributeType?
  }

  package init(line: Int) { self.line = line }

  /// Sorts the cells of a CSV record into fields. Empty cells are absent.
  package init(_ record: CSVRecord, targets: [ColumnMap.Target]) throws(Problem) {
    line = record.line
    if let problem = record.problem { throw problem }
    guard record.cells.count == targets.count else {
      throw Problem(
        "columns_differ",
        "The line has \(record.cells.count) cells and the header \(targets.count); quote cells that hold the delimiter."
      )
    }
    for (cell, target) in zip(record.cells, targets) where !cell.isEmpty {
      switch target.field {
      case .ignore: break
      case .attribute:
        attributes.append(Attribute(name: target.attribute, value: .text(cell), type: target.attributeType))
      default: fields[target.field] = .text(cell)
      }
    }
  }

  /// Sorts the names of a JSON object into fields. `null` is absent.
  package init(_ object: JSONLine, map: ColumnMap) throws(Problem) {
    line = object.line
    if let problem = object.problem { throw problem }
    for field in object.fields where field.value != .null {
      if field.name == "attributes", map.kind != .events, case .object(let inner) = field.value {
        attributes += inner.map { Attribute(name: $0.name, value: $0.value, type: nil) }
        continue
      }
      let target = map.target(of: field.name)
      switch target.field {
      case .ignore: break
      case .attribute: attributes.append(Attribute(name: field.name, value: field.value, type: nil))
      default:
        if fields.updateValue(field.value, forKey: target.field) != nil {
          throw Problem(
            "duplicate_name",
            "Two names of the object mean \(target.field.rawValue); say which with --map NAME=\(target.field.rawValue)."
          )
        }
      }
    }
  }
}
