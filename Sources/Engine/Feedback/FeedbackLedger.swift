import Storage
import Vocabulary

/// What lists led to: counts by kind of list, and the newest lists, which events may still name. A value made of nothing but
/// the entries applied to it, in their order; so whoever applies them again has the same.
package struct FeedbackLedger: Sendable {
  private(set) var rows: [FeedbackKey: FeedbackRow] = [:]
  /// Lists by identifier, and in the order of their coming; the ring forgets the oldest.
  private(set) var lists: [ListIdentifier: RememberedList] = [:]
  private var ring: [ListIdentifier] = []
  private var ringStart = 0
  /// All events of the log up to here were looked at.
  private(set) var through = Position.zero

  /// One list that events may name.
  struct RememberedList: Sendable, Hashable {
    var key: FeedbackKey
    /// Hashes of its items, the first ones.
    var items: [UInt64]
    var clicked: Set<UInt64> = []
    var bought: Set<UInt64> = []
    var propensity: Double
    var visitor: Visitor
    var explored: [ExploredItem]
  }

  /// What became of an entry.
  enum Outcome {
    case counted
    /// A list that is remembered already, or an event that said nothing new.
    case repeated
    /// An event whose list is not remembered, is another tenant's, or did not hold its item.
    case unknown
  }

  var isEmpty: Bool { rows.isEmpty }

  /// What each kind of list did, in the order of their keys.
  /// - Parameter catalogue: items of a tenant's catalogue.
  package func reports(_ now: Timestamp, catalogue: (TenantName) -> UInt64) -> [FeedbackReport] {
    rows.sorted { $0.key < $1.key }.map { $1.report($0, now: now, catalogue: catalogue($0.tenant)) }
  }

  /// The remembered lists, oldest first.
  var remembered: some Sequence<RememberedList> { ring[ringStart...].lazy.compactMap { lists[$0] } }

  /// - Parameter limit: lists to remember.
  @discardableResult
  mutating func apply(_ entry: FeedbackEntry, remembering limit: Int) -> Outcome {
    switch entry {
    case .list(let list): return take(list, remembering: limit)
    case .event(let event): return join(event)
    case .mark(let position):
      through = max(through, position)
      return .counted
    }
  }

  private mutating func take(_ list: GivenList, remembering limit: Int) -> Outcome {
    // The same question on the same state has the same name: the same list seen again is one list.
    if lists[list.id] != nil { return .repeated }
    var key = list.key
    if rows[key] == nil, rows.count >= Limits.feedbackRowsMax {
      key = FeedbackKey(tenant: key.tenant, scenario: "others", generation: .none, experiment: "")
    }
    var row = rows.removeValue(forKey: key) ?? FeedbackRow()
    row.add(list.time) { counts in
      counts.lists &+= 1
      counts.shown &+= UInt64(list.shown)
      counts.addNovelty(list.noveltyBits, ofItems: UInt64(list.noveltyItems))
    }
    for hash in list.items { row.show(hash, list.time) }
    rows[key] = row
    forgetOldest(limit)
    lists[list.id] = RememberedList(
      key: key, items: list.items, propensity: list.propensity, visitor: list.visitor, explored: list.explored
    )
    ring.append(list.id)
    return .counted
  }

  private mutating func forgetOldest(_ limit: Int) {
    while ring.count - ringStart >= max(1, limit) {
      lists[ring[ringStart]] = nil
      ringStart += 1
    }
    // Moved to the front when half of it is gone, so each list is moved once.
    if ringStart > 1_024, ringStart * 2 > ring.count {
      ring.removeFirst(ringStart)
      ringStart = 0
    }
  }

  private mutating func join(_ event: NamedEvent) -> Outcome {
    guard var list = lists[event.id], list.key.tenant == event.tenant, list.items.contains(event.item),
      var row = rows[list.key]
    else { return .unknown }
    switch event.type {
    case .click, .view, .play, .addToCart:
      guard list.clicked.insert(event.item).inserted else { return .repeated }
      let isFirst = list.clicked.count == 1
      row.add(event.time) { counts in
        counts.clicks &+= 1
        if isFirst { counts.clickedLists &+= 1 }
      }
    case .purchase:
      guard list.bought.insert(event.item).inserted else { return .repeated }
      let isFirst = list.bought.count == 1
      row.add(event.time) { counts in
        counts.conversions &+= 1
        if isFirst { counts.convertedLists &+= 1 }
      }
    default: return .repeated
    }
    rows[list.key] = row
    lists[event.id] = list
    return .counted
  }
}

// MARK: Bytes

extension FeedbackLedger {
  /// All of it. O(lists + rows).
  package var checkpoint: [UInt8] {
    var writer = ByteWriter(capacity: 256 * lists.count)
    writer.append(varint: through.value)
    writer.append(count: rows.count)
    for (key, row) in rows.sorted(by: { $0.key < $1.key }) {
      key.write(into: &writer)
      row.write(into: &writer)
    }
    writer.append(count: lists.count)
    for id in ring[ringStart...] {
      guard let list = lists[id] else { continue }
      id.write(into: &writer)
      list.key.write(into: &writer)
      writer.append(hashes: list.items)
      writer.append(hashes: list.clicked.sorted())
      writer.append(hashes: list.bought.sorted())
      writer.append(double: list.propensity)
      writer.append(byte: list.visitor.rawValue)
      writer.append(explored: list.explored)
    }
    return writer.bytes
  }

  /// From a checkpoint and the blocks of changes behind it.
  /// - Parameter limit: lists to remember of the changes.
  /// - Throws: where a block holds what no daemon of this version wrote.
  package init(_ blocks: [[UInt8]], remembering limit: Int) throws(MalformedBytes) {
    for (place, block) in blocks.enumerated() {
      try block.withUnsafeBytes { bytes in
        Result { () throws(MalformedBytes) in
          var reader = ByteReader(bytes)
          if place == 0 { self = try FeedbackLedger(checkpoint: &reader) }
          while reader.remaining > 0, place > 0 {
            apply(try FeedbackEntry(&reader), remembering: limit)
          }
          try reader.finish()
        }
      }.get()
    }
  }

  private init(checkpoint reader: inout ByteReader) throws(MalformedBytes) {
    through = Position(try reader.varint())
    for _ in 0..<(try reader.count(least: 8)) {
      let key = try FeedbackKey(&reader)
      rows[key] = try FeedbackRow(&reader)
    }
    for _ in 0..<(try reader.count(least: 16)) {
      let id = try ListIdentifier(&reader)
      let list = RememberedList(
        key: try FeedbackKey(&reader), items: try reader.hashes(), clicked: Set(try reader.hashes()),
        bought: Set(try reader.hashes()), propensity: try reader.propensity(), visitor: try reader.visitor(),
        explored: try reader.explored())
      guard lists.updateValue(list, forKey: id) == nil else {
        throw MalformedBytes("a list is there twice", at: reader.offset)
      }
      ring.append(id)
    }
  }
}
