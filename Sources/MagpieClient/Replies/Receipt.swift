/// What an acknowledgement means.
public enum Durability: String, Sendable, Hashable, CaseIterable {
  /// On stable storage and applied.
  case committed
  /// Handed to the operating system.
  case written
  /// In memory.
  case accepted
}

/// What became of one thing in a batch.
public enum Verdict: Sendable, Hashable {
  /// Durable at this position and applied.
  case accepted(position: UInt64)
  /// Accepted before, at this position. Success.
  case duplicate(position: UInt64)
  /// Not applied, and why.
  case rejected(MagpieError)
}

/// What became of a batch.
public struct Receipt: Sendable, Hashable {
  /// One for each thing sent, in the order sent.
  public var verdicts: [Verdict] = []
  /// What the accepted ones were given.
  public var durability: Durability = .committed
  /// Highest position among the verdicts, for `RecommendQuery.minPosition`; 0 if nothing was accepted.
  public var position: UInt64 = 0

  /// An empty receipt.
  public init() {}

  /// How many were new. O(verdicts).
  public var acceptedCount: Int {
    verdicts.count { if case .accepted = $0 { true } else { false } }
  }
  /// How many had been accepted before. O(verdicts).
  public var duplicateCount: Int {
    verdicts.count { if case .duplicate = $0 { true } else { false } }
  }
  /// Those refused, with their place in the batch. O(verdicts).
  public var rejections: [(index: Int, error: MagpieError)] {
    verdicts.enumerated().compactMap { index, verdict in
      if case .rejected(let error) = verdict { (index, error) } else { nil }
    }
  }
}
