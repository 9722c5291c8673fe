import Glibc

/// Ranks the next item of a session by the sessions most like it (Ludewig and Jannach, "Evaluation of session-based
/// recommendation algorithms", UMUAI 2018; the position terms after Garg et al., "Sequence and time aware
/// neighborhood for session-based recommendations: STAN", SIGIR 2019).
///
/// The history is the open session. Its item at distance t from the end has weight exp(−t / prefixFade), times the
/// item's inverse frequency. Likeness of a past session is the sum of the weights of the items it shares, divided by
/// the root of its length. Of the k most alike, every item at distance g from the newest shared one scores
/// likeness · exp(−g / gapFade). Items of the open session are candidates too.
package struct SessionNeighbourRanker: Ranker {
  package struct Settings: Sendable, Hashable {
    /// k.
    package var neighbours = 500
    /// Newest sessions looked at for each item of the open one.
    package var sessionsPerItem = 1500
    /// Newest distinct items of the open session that are compared.
    package var recentItems = 20
    package var prefixFade = 2.0
    package var gapFade = 2.0
    /// Items before the shared one count this share of those after it.
    package var backwardWeight = 0.7
    /// Exponent of the inverse frequency in likeness; 0 switches it off.
    package var rarityExponent = 1.0
    /// Exponent of a past session's length.
    package var lengthExponent = 0.5
    package init() {}

    /// For sessions of minutes: the last click counts most, and order within a session little.
    package static let sessions: Settings = {
      var settings = Settings()
      (settings.neighbours, settings.prefixFade, settings.gapFade, settings.backwardWeight) = (200, 1, 4, 1)
      return settings
    }()

    /// For histories of months taken as one long session each: more of the past counts, and what came after far
    /// more than what came before.
    package static let histories: Settings = {
      var settings = Settings()
      (settings.prefixFade, settings.gapFade, settings.backwardWeight) = (4, 4, 0.3)
      return settings
    }()
  }

  private let settings: Settings
  private let sessions: SequenceStore
  private let itemStart: [Int]
  private let places: [UInt32]
  private let sessionOf: [UInt32]
  private let rarity: [Float]
  private let lengthWeight: [Float]
  private let gapWeight: [Float]

  /// - Parameter sessions: oldest first. O(places).
  package init(_ sessions: SequenceStore, settings: Settings) {
    self.settings = settings
    self.sessions = sessions
    let index = sessions.index()
    (itemStart, places, sessionOf) = (index.itemStart, index.places, index.sequenceOf)
    let total = Double(max(1, sessions.count))
    rarity = (0..<sessions.itemCount).map { item in
      let count = index.itemStart[item + 1] - index.itemStart[item]
      return count == 0 ? 0 : Float(pow(max(1e-3, log(1 + total / Double(count))), settings.rarityExponent))
    }
    lengthWeight = (0..<sessions.count).map {
      Float(pow(Double(max(1, sessions.places(of: $0).count)), -settings.lengthExponent))
    }
    gapWeight = (0..<256).map { Float(exp(-Double($0) / settings.gapFade)) }
  }

  package var itemCount: Int { sessions.itemCount }

  package struct Scratch: Sendable {
    let likeness: RowAccumulator
    let nearest: TopList
    let rows: SharedArray<UInt32>
    let scores: SharedArray<Float>
    /// Place of the newest shared item of each session touched.
    let anchor: SharedArray<UInt32>
  }

  package func makeScratch() -> Scratch {
    Scratch(
      likeness: RowAccumulator(count: sessions.count), nearest: TopList(width: settings.neighbours),
      rows: SharedArray(repeating: 0, count: settings.neighbours),
      scores: SharedArray(repeating: 0, count: settings.neighbours),
      anchor: SharedArray(repeating: 0, count: sessions.count))
  }

  /// O(recent items · sessions per item + k · session length) a query.
  package func score(_ queries: [Query], into output: UnsafeMutablePointer<Float>, scratch: Scratch) {
    let count = itemCount
    output.update(repeating: 0, count: queries.count * count)
    for (index, query) in queries.enumerated() {
      let found = nearest(query, scratch)
      let scores = output + index * count
      for place in 0..<found {
        let session = Int(scratch.rows[place])
        let anchor = Int(scratch.anchor[session])
        for other in sessions.places(of: session) where other != anchor {
          let gap = min(abs(other - anchor) - 1, gapWeight.count - 1)
          let side = other > anchor ? 1 : Float(settings.backwardWeight)
          scores[Int(sessions.items[other])] += scratch.scores[place] * gapWeight[gap] * side
        }
      }
    }
  }

  private func nearest(_ query: Query, _ scratch: Scratch) -> Int {
    var used: [UInt32] = []
    var distance = 0
    for item in query.history.reversed() {
      defer { distance += 1 }
      if used.contains(item) { continue }
      used.append(item)
      let weight = Double(rarity[Int(item)]) * exp(-Double(distance) / settings.prefixFade)
      let range = itemStart[Int(item)]..<itemStart[Int(item) + 1]
      var last = UInt32.max
      for entry in range.suffix(settings.sessionsPerItem).reversed() {
        let session = sessionOf[Int(places[entry])]
        // An item that stands twice in a session is shared once, at its newest place.
        if session == last { continue }
        last = session
        if scratch.likeness.value(of: session) == 0 { scratch.anchor[Int(session)] = places[entry] }
        scratch.likeness.add(session, weight)
      }
      if used.count == settings.recentItems { break }
    }
    for session in scratch.likeness.touched {
      scratch.nearest.offer(
        session, Float(scratch.likeness.value(of: session)) * lengthWeight[Int(session)])
    }
    scratch.likeness.clear()
    let found = scratch.nearest.count
    scratch.nearest.drain(rows: scratch.rows.pointer, scores: scratch.scores.pointer)
    return found
  }

  /// Bytes of the index and of the scratch of so many threads.
  package static func bytes(places: Int, sessions: Int, items: Int, threads: Int) -> UInt64 {
    let (p, s, n) = (UInt64(places), UInt64(sessions), UInt64(items))
    return 8 * p + 4 * s + 20 * n + UInt64(threads) * 17 * s
  }
}
