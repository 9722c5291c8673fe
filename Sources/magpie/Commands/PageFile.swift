import MagpieClient
import Reading

/// The file of `magpie page`: a list a line, each a JSON object.
enum PageFile {
  /// One list and what to call it.
  struct List {
    var name: String
    var query: RecommendQuery
  }

  /// - Throws: what is wrong, with the line.
  static func read(_ path: String, explain: ExplainLevel, isJSON: Bool) throws(CommandFailure) -> [List] {
    var lists: [List] = []
    var complaint: String?
    do throws(FileFault) {
      var reader = LineReader(try ByteSource(path: path))
      while complaint == nil, let line = try reader.next() {
        var list = List(name: "List \(lists.count + 1)", query: RecommendQuery(user: nil))
        list.query.explain = explain
        list.query.includeTitles = true
        complaint = line.problem?.message
        for field in line.fields where complaint == nil { complaint = set(field, in: &list) }
        complaint = complaint.map { "\(path), line \(line.line): \($0)" }
        lists.append(list)
      }
    } catch {
      throw CommandFailure(.failed, reason: "file", error.message, isJSON: isJSON)
    }
    if lists.isEmpty { complaint = "\(path) holds no list; write one a line." }
    if let complaint { throw CommandFailure(.badData, reason: "bad_data", complaint, isJSON: isJSON) }
    return lists
  }

  /// Nil, or what is wrong with a field.
  private static func set(_ field: JSONField, in list: inout List) -> String? {
    switch (field.name, field.value) {
    case ("name", .text(let name)): list.name = name
    case ("user", let value):
      guard let user = word(value) else { return "user must be a text." }
      list.query.user = user
    case ("session", .list(let values)), ("exclude", .list(let values)):
      let words = values.compactMap(word)
      guard words.count == values.count else { return "\(field.name) must be a list of items." }
      if field.name == "session" { list.query.sessionItems = words } else { list.query.exclude = words }
    case ("scenario", .text(let name)): list.query.scenario = name
    case ("distinct", .text(let name)): list.query.distinct = name
    case ("k", .number(let digits)):
      guard let k = Int(digits), (1...1000).contains(k) else {
        return "k must be 1 to 1000; it is \(digits)."
      }
      list.query.k = k
    case ("seed", .number(let digits)):
      guard let seed = UInt64(digits) else { return "seed must be a whole number; it is \(digits)." }
      list.query.seed = seed
    case ("seen", .text("hide")): list.query.seen = .hide
    case ("seen", .text("allow")): list.query.seen = .allow
    case ("name", _), ("session", _), ("exclude", _), ("scenario", _), ("distinct", _), ("k", _), ("seed", _),
      ("seen", _):
      return "\(field.name) has a value of the wrong kind; see magpie page --help."
    default:
      return
        "\(field.name) is no name of a list's; there are name, user, session, scenario, k, exclude, seen, seed, distinct."
    }
    return nil
  }

  /// Identifiers are often written as numbers.
  private static func word(_ value: JSONValue) -> String? {
    switch value {
    case .text(let text): text
    case .number(let digits): digits
    default: nil
    }
  }
}
