import Vocabulary

/// The candidates of one request and what each source says of them: parallel arrays, and a table from item to
/// candidate so that an item is in it once.
package final class CandidateSet {
  /// One source's opinion; rank 0 means that the source did not name the item.
  package struct Opinion: Hashable {
    package var rank: UInt32 = 0
    package var score: Float = 0

    package init() {}

    package init(rank: UInt32, score: Float) {
      self.rank = rank
      self.score = score
    }
  }

  /// Opinions are laid out by the source's raw value, from 1.
  static let opinionStride = 1 + SourceKind.allCases.reduce(0) { max($0, Int($1.rawValue)) }

  /// In order of first offer; a candidate's number is its place here.
  package private(set) var items: [ItemIndex] = []
  private(set) var opinions: [Opinion] = []
  /// Nil while the candidate is allowed. Written by the drop step only.
  package var verdicts: [DropReason?] = []
  /// Written by the score step only.
  package var scores: [Double] = []
  /// Candidates from here on were taken to fill the list, in this order, and are not ranked by score.
  package var fillStart = Int.max
  /// Candidates that a source personal to the request named.
  package private(set) var personalCount = 0

  private var numbers: [UInt32] = []
  private var stamps: [UInt32] = []
  private var epoch: UInt32 = 0

  /// Empty until `begin`.
  package init() {}

  package var count: Int { items.count }

  /// Forgets everything. O(1), but O(items) when the catalogue grew.
  package func begin(_ itemCount: Int) {
    items.removeAll(keepingCapacity: true)
    opinions.removeAll(keepingCapacity: true)
    verdicts.removeAll(keepingCapacity: true)
    scores.removeAll(keepingCapacity: true)
    fillStart = .max
    personalCount = 0
    if epoch == .max {
      for index in stamps.indices { stamps[index] = 0 }
      epoch = 0
    }
    epoch += 1
    if stamps.count < itemCount {
      stamps.append(contentsOf: repeatElement(0, count: itemCount - stamps.count))
      numbers.append(contentsOf: repeatElement(0, count: itemCount - numbers.count))
    }
  }

  /// Whether an item of this request's catalogue is a candidate.
  package func contains(_ item: ItemIndex) -> Bool { stamps[Int(item.value)] == epoch }

  /// The candidate that an item of this request's catalogue is, nil if it is none. O(1).
  package func number(of item: ItemIndex) -> Int? {
    contains(item) ? Int(numbers[Int(item.value)]) : nil
  }

  /// Adds an item, or a source's opinion of it if it is there. Of two opinions of one source the first stays.
  /// REQUIRES: `item` lies in this request's catalogue; `rank` counts from 1.
  package func offer(_ item: ItemIndex, _ source: SourceKind, rank: Int, score: Float) {
    let number = add(item)
    if source.isPersonal, !isPersonal(number) { personalCount += 1 }
    let slot = number * Self.opinionStride + Int(source.rawValue)
    guard opinions[slot].rank == 0 else { return }
    opinions[slot] = Opinion(rank: UInt32(clamping: rank), score: score)
  }

  /// Adds an item of which no source said anything yet, unless it is there. Returns its number.
  /// REQUIRES: `item` lies in this request's catalogue.
  @discardableResult
  func add(_ item: ItemIndex) -> Int {
    let place = Int(item.value)
    if stamps[place] != epoch {
      stamps[place] = epoch
      numbers[place] = UInt32(truncatingIfNeeded: items.count)
      items.append(item)
      opinions.append(contentsOf: repeatElement(Opinion(), count: Self.opinionStride))
      verdicts.append(nil)
      scores.append(0)
    }
    return Int(numbers[place])
  }

  /// What a source says of a candidate.
  package func opinion(_ number: Int, _ source: SourceKind) -> Opinion {
    opinions[number * Self.opinionStride + Int(source.rawValue)]
  }

  /// Scores the candidates before `end`: the sum over all sources of weight / (constant + rank).
  /// REQUIRES: `weights` by the source's raw value, as many as `opinionStride`.
  func fuse(_ weights: [Double], constant: Double, end: Int) {
    for number in 0..<end {
      var score = 0.0
      for source in 1..<Self.opinionStride {
        let rank = opinions[number * Self.opinionStride + source].rank
        if rank > 0 { score += weights[source] / (constant + Double(rank)) }
      }
      scores[number] = score
    }
  }

  /// Whether a personal source named the candidate.
  package func isPersonal(_ number: Int) -> Bool {
    let first = number * Self.opinionStride
    for source in Self.personalSources where opinions[first + source].rank > 0 { return true }
    return false
  }

  private static let personalSources = SourceKind.allCases.filter(\.isPersonal).map { Int($0.rawValue) }
}

extension SourceKind {
  /// Whether the source depends on who asks, or on the item or basket asked about.
  var isPersonal: Bool {
    switch self {
    case .transitions, .cooccurrence, .ials, .repeats, .linear, .similarUsers: true
    case .popular, .trending, .newest, .segmentPopular, .segmentTrending: false
    }
  }
}
