/// Rows in aligned columns. The last column may be as wide as it likes; on a terminal the widest others give way.
struct Table {
  enum Alignment { case left, right }

  private let titles: [String]
  private let alignments: [Alignment]
  private var rows: [[String]] = []

  init(_ columns: [(title: String, alignment: Alignment)]) {
    titles = columns.map(\.title)
    alignments = columns.map(\.alignment)
  }

  /// REQUIRES: one cell for each column.
  mutating func add(_ cells: [String]) { rows.append(cells.map(DisplayText.plain)) }

  /// The lines, header first; nothing if there are no rows.
  func lines(columns: Int? = Terminal.columns) -> [String] {
    if rows.isEmpty { return [] }
    var widths = titles.map(DisplayText.width)
    for row in rows {
      for (index, cell) in row.enumerated() where index < widths.count {
        widths[index] = max(widths[index], DisplayText.width(cell))
      }
    }
    if let columns { shrink(&widths, to: columns) }
    let header = Terminal.bold(line(titles, widths))
    return [header] + rows.map { line($0, widths) }
  }

  func print() {
    for line in lines() { Terminal.say(line) }
  }

  private func shrink(_ widths: inout [Int], to columns: Int) {
    while widths.reduce(0, +) + 2 * (widths.count - 1) > columns {
      guard let widest = widths.indices.max(by: { widths[$0] < widths[$1] }), widths[widest] > 12 else {
        return
      }
      widths[widest] -= 1
    }
  }

  private func line(_ cells: [String], _ widths: [Int]) -> String {
    var text = ""
    for (index, cell) in cells.enumerated() where index < widths.count {
      if index > 0 { text += "  " }
      let shown = DisplayText.clipped(cell, to: widths[index])
      let padding = String(repeating: " ", count: max(0, widths[index] - DisplayText.width(shown)))
      switch alignments[index] {
      case .right: text += padding + shown
      case .left: text += index == cells.count - 1 ? shown : shown + padding
      }
    }
    return text
  }
}

/// Text as a terminal shows it.
enum DisplayText {
  /// Without control characters: a title from a catalogue must not steer the terminal.
  static func plain(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { result.append(isControl(scalar) ? " " : scalar) }
    return String(result)
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
  }

  /// Cells taken: 2 for East Asian wide characters and pictographs, 0 for combining marks, else 1.
  static func width(_ text: String) -> Int { text.reduce(0) { $0 + width($1) } }

  private static func width(_ character: Character) -> Int {
    guard let first = character.unicodeScalars.first else { return 0 }
    switch first.value {
    case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
      0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1FAFF, 0x20000...0x3FFFD:
      return 2
    default: return 1
    }
  }

  /// At most `width` cells, with an ellipsis where something is left out.
  static func clipped(_ text: String, to width: Int) -> String {
    if self.width(text) <= width { return text }
    var result = ""
    var used = 0
    for character in text {
      let next = self.width(character)
      if used + next > width - 1 { break }
      result.append(character)
      used += next
    }
    return result + "…"
  }
}
