import Models
import Reading
import Training
import Vocabulary

/// What a file of items says of those the data set has: features of their content, and where they are.
package struct ItemEntries: Sendable {
  /// By item number.
  package private(set) var content = ContentFeatures()
  /// By item number; nil for an item without a place, and beyond the end.
  package private(set) var places: [GeoPoint?] = []

  /// Nothing is known.
  package init() {}

  package var hasPlaces: Bool { places.contains { $0 != nil } }

  /// A thing a column can hold.
  private enum Field: String, CaseIterable {
    case item, title, text, categories, price, currency, latitude, longitude

    var names: [String] {
      switch self {
      case .item:
        ["item", "itemid", "iid", "id", "movieid", "productid", "sku", "asin", "isbn", "stockcode"]
      case .title: ["title", "name"]
      case .text: ["text", "description", "plot", "overview", "summary"]
      case .categories: ["categories", "category", "genres", "genre"]
      case .price: ["price", "unitprice"]
      case .currency: ["currency"]
      case .latitude: ["latitude", "lat"]
      case .longitude: ["longitude", "lon", "lng", "long"]
      }
    }
  }

  /// Reads a table with a header, parted by tabs, commas or semicolons; or lines `item latitude longitude` without one.
  /// Categories are parted by `|`; columns without a known name become attributes. Items no other file has are passed over.
  /// - Parameters:
  ///   - items: the numbers of the data set.
  ///   - notes: is told how columns were read.
  /// - Throws: `file` or `bad_data`.
  init(_ path: String, items: NameTable, notes: inout [String]) throws(EvaluationFault) {
    let file = try TextFile(path: path)
    guard let first = file.firstLines(1).first else {
      throw EvaluationFault(.badData, "\(path) is empty; give a table of items.")
    }
    let fields = Fields.split(first)
    if fields.count == 3, Fields.number(fields[1]) != nil, Fields.number(fields[2]) != nil {
      try readPlaces(file, items)
    } else {
      try readTable(path, first, items, &notes)
    }
  }

  private mutating func readPlaces(_ file: TextFile, _ items: NameTable) throws(EvaluationFault) {
    var places = [GeoPoint?](repeating: nil, count: items.count)
    try file.forEachLine { (number, line) throws(EvaluationFault) in
      let fields = Fields.split(line)
      guard fields.count == 3, let place = Self.place(fields[1], fields[2]) else {
        throw EvaluationFault(file: file.path, line: number, "write item, latitude and longitude in degrees.")
      }
      if let item = items.existing(fields[0]) { places[Int(item)] = place }
    }
    self.places = places
  }

  private mutating func readTable(
    _ path: String, _ first: ArraySlice<UInt8>, _ items: NameTable, _ notes: inout [String]
  ) throws(EvaluationFault) {
    let delimiter =
      [UInt8(ascii: ","), 9, UInt8(ascii: ";")].max { a, b in
        first.count { $0 == a } < first.count { $0 == b }
      } ?? UInt8(ascii: ",")
    let source = try EvaluationFault.reading { () throws(FileFault) in
      let source = try ByteSource(path: path)
      try source.skipByteOrderMark()
      return source
    }
    var reader = CSVReader(source, delimiter: delimiter)
    var columns: [(name: String, field: Field?)]?
    var entries = [Item?](repeating: nil, count: items.count)
    var found = 0
    while let record = try EvaluationFault.reading({ () throws(FileFault) in try reader.next() }) {
      if let problem = record.problem {
        throw EvaluationFault(file: path, line: record.line, problem.message)
      }
      guard let columns else {
        let header = record.cells.map(Self.column)
        guard header.contains(where: { $0.field == .item }) else {
          throw EvaluationFault(
            .badData,
            "\(path) has no column of items; name one item, iid or id, or give item, latitude, longitude.")
        }
        columns = header
        let words = header.map { "\($0.name) as \($0.field?.rawValue ?? "an attribute")" }
        notes.append("\(path): read \(words.joined(separator: ", ")).")
        continue
      }
      guard let (number, entry) = try Self.entry(record, columns, items, path) else { continue }
      if entries[number] == nil { found += 1 }
      entries[number] = entry
    }
    notes.append("\(path): entries of \(found) of \(items.count) items.")
    content = ContentFeatures(rows: entries.map { $0.map { ContentText.features(of: $0) } ?? [] })
    places = entries.contains { $0?.location != nil } ? entries.map { $0?.location } : []
  }

  private static func column(_ name: String) -> (name: String, field: Field?) {
    let plain = name.lowercased().filter { $0.isLetter || $0.isNumber }
    return (name, Field.allCases.first { $0.names.contains(plain) })
  }

  /// Nil for an item that no other file has.
  private static func entry(
    _ record: CSVRecord, _ columns: [(name: String, field: Field?)], _ items: NameTable, _ path: String
  ) throws(EvaluationFault) -> (number: Int, entry: Item)? {
    var number: UInt32?
    var item: Item?
    for (place, column) in columns.enumerated() where column.field == .item && place < record.cells.count {
      let name = Fields.trimmed(Array(record.cells[place].utf8)[...])
      number = items.existing(name)
      item = ItemIdentifier(checked: Array(name)).map { Item(id: $0) }
    }
    guard let number, var item else { return nil }
    var (latitude, longitude): (ArraySlice<UInt8>?, ArraySlice<UInt8>?)
    for (place, column) in columns.enumerated() where place < record.cells.count {
      let cell = record.cells[place]
      if cell.isEmpty { continue }
      let bytes = Fields.trimmed(Array(cell.utf8)[...])
      switch column.field {
      case .item: break
      case .title: item.title = cell
      case .text: item.text = cell
      case .categories: item.categories = cell.split(separator: "|").map(String.init)
      case .price: item.price = Fields.number(bytes)
      case .currency: item.currency = cell
      case .latitude: latitude = bytes
      case .longitude: longitude = bytes
      case nil:
        item.attributes[column.name] = Fields.number(bytes).map { .number($0) } ?? .text(cell)
      }
    }
    if let latitude, let longitude {
      guard let place = Self.place(latitude, longitude) else {
        throw EvaluationFault(file: path, line: record.line, "latitude and longitude are degrees.")
      }
      item.location = place
    }
    return (Int(number), item)
  }

  private static func place(_ latitude: ArraySlice<UInt8>, _ longitude: ArraySlice<UInt8>) -> GeoPoint? {
    guard let latitude = Fields.number(latitude), let longitude = Fields.number(longitude),
      abs(latitude) <= 90, abs(longitude) <= 180
    else { return nil }
    return GeoPoint(latitude: latitude, longitude: longitude)
  }
}
