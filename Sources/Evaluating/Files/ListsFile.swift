/// Lists made elsewhere: `user item item …` a line, best first; names are parted by tabs where the line has one, else by blanks.
struct ListsFile {
  /// Items of each user's list, best first; none for users without a list.
  let items: [[UInt32]]
  /// Lists of users that the data do not have.
  private(set) var strangers = 0
  /// Items that the data do not have; they are passed over.
  private(set) var unknownItems = 0

  /// No number of an item: what a list shows that the data do not know.
  static let unknown = UInt32.max

  /// O(bytes).
  /// - Throws: `file` if it cannot be read; `bad_data` for a second list of a user, or an item twice in one list.
  init(_ path: String, users: NameTable, items names: NameTable) throws(EvaluationFault) {
    var items = [[UInt32]](repeating: [], count: users.count)
    var seen = Set<UInt32>()
    var (strangers, unknownItems) = (0, 0)
    try TextFile(path: path).forEachLine { (number, line) throws(EvaluationFault) in
      let words = line.contains(9) ? line.split(separator: 9) : Fields.words(line)
      guard let first = words.first else { return }
      guard let user = users.existing(first) else {
        strangers += 1
        return
      }
      guard seen.insert(user).inserted else {
        throw EvaluationFault(
          file: path, line: number, "\(users.text(user)) has a list already; give each user one line.")
      }
      var taken = Set<UInt32>()
      for word in words.dropFirst() {
        let item = names.existing(word) ?? Self.unknown
        if item == Self.unknown {
          unknownItems += 1
        } else if !taken.insert(item).inserted {
          throw EvaluationFault(file: path, line: number, "\(names.text(item)) stands in the list twice.")
        }
        items[Int(user)].append(item)
      }
    }
    self.items = items
    (self.strangers, self.unknownItems) = (strangers, unknownItems)
  }
}
