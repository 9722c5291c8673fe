import Expressions
import Storage
import Vocabulary

extension FuzzTarget {
  /// An expression that compiles gives the same answer each time, and a number only if it is finite; one that does not
  /// points into the text.
  static let expression = FuzzTarget(
    name: "expression", about: "filters and boosts",
    seeds: {
      [
        Array("item.price < 20 and \"books\" in item.categories and not item.adult".utf8),
        Array("if(item.age < 7d, 1.5, 1) * (item.margin ?? 1) % -3".utf8),
        Array("item.tags overlaps user.likes or item[\"a b\"] in [1, -2.5e3] || !has(item.owner)".utf8),
        Array("distance(item.location, point(48.8, 2.3)) < 5 and starts_with(item.title, 'T\\'')".utf8),
        Array("weekday(time(\"2026-01-31T12:00:00Z\")) != hour(context.time)".utf8), Array("((((((".utf8),
        Array("(item.price < 5 and \"books\" in item.categories):0.25".utf8), Array("brand=a:b:0.5".utf8),
      ]
    },
    make: {
      var item = Item(id: try ItemIdentifier("plates"))
      item.title = "Plates"
      item.price = 12.5
      item.categories = ["books", "kitchen"]
      item.created = Timestamp(microseconds: 1_600_000_000_000_000)
      item.location = GeoPoint(latitude: 48, longitude: 9)
      item.attributes = ["margin": .number(2), "adult": .flag(true), "tags": .texts(["a"])]
      var user = UserProfile(id: try UserIdentifier("anna"))
      user.attributes["likes"] = .texts(["a", "b"])
      let input = ExpressionInput(
        item: item, itemIdentifier: item.id, user: user, context: ExpressionContext(seconds: 1_700_000_000))
      return { bytes in
        guard let source = String(validating: bytes, as: UTF8.self) else { return }
        // A share is written as it reads, and its group, where it is an expression, goes the way of every other.
        if let share = ExposureShare(source) {
          try expect(ExposureShare(share.text) == share, "a share does not read back")
          if case .filter(let group) = share.group, let filter = try? Expression(group, purpose: .filter) {
            try expect(filter.passes(input) == filter.passes(input), "a share's group changes its mind")
          }
        }
        do throws(ExpressionFault) {
          let filter = try Expression(source, purpose: .filter)
          try Self.require(
            filter.passes(input) == filter.passes(input), "a filter changes its mind", at: source)
        } catch {
          try expect(
            (1...source.unicodeScalars.count + 1).contains(error.character),
            "a fault points outside: \(error)")
        }
        if let number = try? Expression(source, purpose: .number), let value = number.value(input) {
          try expect(value.isFinite, "a number is not finite")
        }
      }
    })

  /// Inside of typed throws: a broken property points nowhere.
  private static func require(_ holds: Bool, _ property: String, at source: String) throws(ExpressionFault) {
    if !holds { throw ExpressionFault(property, at: 0) }
  }

  /// Changes of a configuration that are accepted are written again as the same bytes.
  static let changes = FuzzTarget(
    name: "changes", about: "the file of changes at run time",
    seeds: {
      let entries = [
        ConfigurationEntry(path: "reading.hide_seen", value: .plain("false")),
        ConfigurationEntry(path: "reading.filter", value: .quoted("item.price < 20")),
        ConfigurationEntry(path: "training.segment_attributes", value: .list(["country", "age"])),
        ConfigurationEntry(path: "scenarios.home", value: .nothing),
      ]
      let first = ConfigurationRevision(
        number: 1, time: Timestamp(microseconds: 1_700_000_000_000_000), action: .set,
        configurationHash: 0x0123_4567_89ab_cdef, entries: [entries[0]])
      let second = ConfigurationRevision(
        number: 2, time: Timestamp(microseconds: 1_700_000_001_000_000), action: .apply,
        configurationHash: 7, entries: entries)
      return [ChangeFile.encode([]), ChangeFile.encode([first]), ChangeFile.encode([first, second])]
    },
    make: {
      { input in
        let bytes = Array(input)
        guard let revisions = try? ChangeFile.decode(bytes) else { return }
        try expect(ChangeFile.encode(revisions) == bytes, "changes do not come back as the same bytes")
      }
    })
}
