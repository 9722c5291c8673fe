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

  /// Opinions are laid out by the source's raw value, from 1. Not computed from the sources: hot loops want a constant.
  package static var opinionStride: Int {
    @inline(__always) get { 16 }
  }

  /// Everything of one request in one place: reaching for a property of a class is checked at run time each time, and
  /// an offer would reach for ten.
  struct Table {
    fileprivate(set) var items: [ItemIndex] = []
    /// An opinion counts only if its source's bit is in `namings`: the others are of older requests.
    fileprivate var opinions: [Opinion] = []
    /// For each candidate a bit for each source that named it, by raw value.
    fileprivate(set) var namings: [UInt32] = []
    fileprivate(set) var verdicts: [DropReason?] = []
    fileprivate(set) var scores: [Double] = []
    /// By raw value of the source: the score of its first candidate.
    fileprivate(set) var bests = [Float](repeating: 0, count: opinionStride)
    private let personalSources = CandidateSet.personalSources
    fileprivate var personalCount = 0
    fileprivate var numbers: [UInt32] = []
    fileprivate var stamps: [UInt32] = []
    fileprivate var epoch: UInt32 = 0

    fileprivate mutating func begin(_ itemCount: Int) {
      items.removeAll(keepingCapacity: true)
      namings.removeAll(keepingCapacity: true)
      verdicts.removeAll(keepingCapacity: true)
      scores.removeAll(keepingCapacity: true)
      for source in bests.indices { bests[source] = 0 }
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

    /// See `CandidateSet.offer`.
    mutating func offer(_ item: ItemIndex, _ source: SourceKind, rank: Int, score: Float) {
      let number = add(item)
      let bit = UInt32(1) << UInt32(source.rawValue)
      let named = namings[number]
      guard named & bit == 0 else { return }
      if bit & personalSources != 0, named & personalSources == 0 { personalCount += 1 }
      namings[number] = named | bit
      if rank == 1 { bests[Int(source.rawValue)] = score }
      opinions[number * opinionStride + Int(source.rawValue)] = Opinion(
        rank: UInt32(clamping: rank), score: score)
    }

    /// Zero rank and score where the source did not name the candidate.
    func opinion(_ number: Int, _ source: SourceKind) -> Opinion {
      namings[number] & (1 << UInt32(source.rawValue)) == 0
        ? Opinion() : opinions[number * opinionStride + Int(source.rawValue)]
    }

    fileprivate mutating func add(_ item: ItemIndex) -> Int {
      let place = Int(item.value)
      if stamps[place] == epoch { return Int(numbers[place]) }
      let number = items.count
      stamps[place] = epoch
      numbers[place] = UInt32(truncatingIfNeeded: number)
      items.append(item)
      namings.append(0)
      verdicts.append(nil)
      scores.append(0)
      let start = number * opinionStride
      if opinions.count < start + opinionStride {
        opinions.append(contentsOf: repeatElement(Opinion(), count: opinionStride))
      }
      return number
    }

    fileprivate mutating func fuse(_ weights: [Double], constant: Double, end: Int) {
      opinions.withUnsafeBufferPointer { opinions in
        for number in 0..<end {
          var score = 0.0
          // Sources in the order of their raw values, so that the sum has the same bits every time.
          var named = namings[number]
          while named != 0 {
            let source = named.trailingZeroBitCount
            named &= named - 1
            score += weights[source] / (constant + Double(opinions[number * opinionStride + source].rank))
          }
          scores[number] = score
        }
      }
    }
  }

  private(set) var table = Table()
  /// Candidates from here on were taken to fill the list, in this order, and are not ranked by score.
  package var fillStart = Int.max

  /// In order of first offer; a candidate's number is its place here.
  package var items: [ItemIndex] {
    @inline(__always) _read { yield table.items }
  }
  /// Nil while the candidate is allowed. Written by the drop step only.
  package var verdicts: [DropReason?] {
    @inline(__always) _read { yield table.verdicts }
    @inline(__always) _modify { yield &table.verdicts }
  }
  /// Written by the score step only.
  package var scores: [Double] {
    @inline(__always) _read { yield table.scores }
    @inline(__always) _modify { yield &table.scores }
  }
  /// Candidates that a source personal to the request named.
  package var personalCount: Int { table.personalCount }

  /// Empty until `begin`.
  package init() {}

  package var count: Int { table.items.count }

  /// Forgets everything. O(1), but O(items) when the catalogue grew.
  package func begin(_ itemCount: Int) {
    table.begin(itemCount)
    fillStart = .max
  }

  /// Whether an item of this request's catalogue is a candidate.
  package func contains(_ item: ItemIndex) -> Bool { table.stamps[Int(item.value)] == table.epoch }

  /// A candidate's number, nil if the item is none. O(1).
  package func number(of item: ItemIndex) -> Int? {
    let place = Int(item.value)
    return place < table.stamps.count && table.stamps[place] == table.epoch
      ? Int(table.numbers[place]) : nil
  }

  /// Adds an item, or a source's opinion of it if it is there. Of two opinions of one source the first stays.
  /// REQUIRES: `item` lies in this request's catalogue; `rank` counts from 1.
  package func offer(_ item: ItemIndex, _ source: SourceKind, rank: Int, score: Float) {
    table.offer(item, source, rank: rank, score: score)
  }

  /// Many offers at once, under one reach for the set: it is checked at run time each time. `body` must not use the set
  /// otherwise.
  @inline(__always)
  func offerMany(_ body: (inout Table) -> Void) { body(&table) }

  /// Adds an item of which no source said anything yet, unless it is there. Returns its number.
  /// REQUIRES: `item` lies in this request's catalogue.
  @discardableResult
  func add(_ item: ItemIndex) -> Int { table.add(item) }

  /// What a source says of a candidate.
  package func opinion(_ number: Int, _ source: SourceKind) -> Opinion { table.opinion(number, source) }

  /// The sources that named a candidate, a bit for each by raw value.
  func namings(_ number: Int) -> UInt32 { table.namings[number] }

  /// The score of a source's first candidate, 0 if it has none.
  func best(_ source: SourceKind) -> Float { table.bests[Int(source.rawValue)] }

  /// Scores the candidates before `end`: the sum over all sources of weight / (constant + rank).
  /// REQUIRES: `weights` by the source's raw value, as many as `opinionStride`.
  func fuse(_ weights: [Double], constant: Double, end: Int) {
    table.fuse(weights, constant: constant, end: end)
  }

  /// Whether a personal source named the candidate.
  package func isPersonal(_ number: Int) -> Bool { table.namings[number] & Self.personalSources != 0 }

  private static let personalSources = bits(of: SourceKind.allCases.filter(\.isPersonal))

  /// A bit for each source, by raw value.
  static func bits(of sources: [SourceKind]) -> UInt32 {
    sources.reduce(0) { $0 | UInt32(1) << UInt32($1.rawValue) }
  }
}

extension SourceKind {
  /// Whether the source depends on who asks, or on the item or basket asked about.
  var isPersonal: Bool {
    switch self {
    case .transitions, .cooccurrence, .ials, .repeats, .linear, .similarUsers, .content, .near, .members,
      .memberTaste:
      true
    case .popular, .trending, .newest, .segmentPopular, .segmentTrending: false
    }
  }
}
