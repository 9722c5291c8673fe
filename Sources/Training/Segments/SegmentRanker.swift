import Models

/// Ranks by popularity within the query's segments, as the read path mixes them (`SegmentMix`). What no list of the
/// mix holds comes behind, by popularity among all, as the read path fills up.
package struct SegmentRanker: Ranker {
  private let table: SegmentTable
  private let membership: SegmentMembership
  /// Place in `table` of each segment of `membership`; nil for those left out.
  private let places: [Int?]
  /// All items' popularity, small enough to stand behind every list.
  private let rest: [Float]

  /// - Parameter popularity: of every item row among all users.
  package init(_ table: SegmentTable, membership: SegmentMembership, popularity: [Float]) {
    self.table = table
    self.membership = membership
    let stored = Dictionary(uniqueKeysWithValues: table.names.enumerated().map { ($1, $0) })
    places = membership.names.map { stored[$0] }
    let best = popularity.max() ?? 0
    rest = popularity.map { best > 0 ? $0 / best * 1e-9 : 0 }
  }

  package var itemCount: Int { rest.count }
  package func makeScratch() {}

  package func score(_ queries: [Query], into output: UnsafeMutablePointer<Float>, scratch: Void) {
    var mix = SegmentMix()
    for (index, query) in queries.enumerated() {
      let scores = output + index * itemCount
      rest.withUnsafeBufferPointer { rest in
        if let source = rest.baseAddress { scores.update(from: source, count: rest.count) }
      }
      fill(&mix, query)
      for part in mix.parts {
        let list = table.places(of: part.segment)
        let weight = part.weight / table.scores[list.lowerBound]
        for place in list { scores[Int(table.rows[place])] += weight * table.scores[place] }
      }
    }
  }

  private func fill(_ mix: inout SegmentMix, _ query: Query) {
    mix.begin()
    if let user = query.user {
      for segment in membership.segments(ofUser: user) {
        if let place = places[Int(segment)] { mix.add(attribute: place) }
      }
    }
    var seen: [UInt32] = []
    for item in query.history.reversed() where !seen.contains(item) {
      let categories = membership.segments(ofItem: Int(item))
      for category in categories {
        guard let place = places[Int(category)] else { continue }
        mix.touch(category: place, age: seen.count, count: categories.count)
      }
      seen.append(item)
      if seen.count == SegmentMix.historyItems { break }
    }
    mix.settle()
  }
}
