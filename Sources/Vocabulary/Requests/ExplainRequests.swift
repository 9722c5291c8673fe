/// `Explain`: why the items of a list, or any others, are where they are.
package struct ExplainRequest: Sendable, Hashable {
  /// The question whose answer is to be explained.
  package var request = RecommendRequest()
  /// At most `Limits.explainedItemsMax`; none means the items of the list, as many of them.
  package var items: [[UInt8]] = []
  package init() {}
}

/// `WhyNot`: which step kept one item out of a list, or the place it has.
package struct WhyNotRequest: Sendable, Hashable {
  package var request = RecommendRequest()
  package var item: [UInt8] = []
  package init() {}
}

/// `Replay`: the list that a token names, once more.
package struct ReplayRequest: Sendable, Hashable {
  /// As it came in `Slate.token`.
  package var token: [UInt8] = []
  /// What the token says; filled when the request is decoded. docs/protocol.md has the token's bytes.
  package var plan: ReplayPlan?
  package init() {}
}

/// What a token remembers of a request and its answer.
package struct ReplayPlan: Sendable, Hashable {
  /// The request as it was sent. Boxed: it travels with every list, and most do without.
  package indirect enum Question: Sendable, Hashable {
    case recommend(RecommendRequest)
    case similar(SimilarRequest)
    case complete(CompleteRequest)
    case rank(RankRequest)
  }

  package var question: Question
  package var provenance: Provenance
  package var position: Position
  package var generation: GenerationNumber
  package var configurationHash: UInt64
  /// Of the reply's bytes without times, cursor and token: tells whether a replay is the same.
  package var digest: UInt64

  package init(
    _ question: Question, _ provenance: Provenance, position: Position, generation: GenerationNumber,
    configurationHash: UInt64, digest: UInt64
  ) {
    self.question = question
    self.provenance = provenance
    self.position = position
    self.generation = generation
    self.configurationHash = configurationHash
    self.digest = digest
  }
}

/// What an answer depends on besides request, position, generation and configuration.
package struct Provenance: Sendable, Hashable {
  /// The second in which it was made, since 1970: items have times at which they may be shown.
  package var second: Int64
  /// The quality factor in thousandths: how far load had narrowed the search.
  package var quality: UInt16
  /// The last position of which trends, counts and bundles were those it looked at: they may be a second behind.
  package var counted: Position
  /// Where it was cut from, if it is a later page of a list.
  package var page: PageOrigin?

  package init(second: Int64, quality: UInt16, counted: Position = .zero, page: PageOrigin? = nil) {
    self.second = second
    self.quality = quality
    self.counted = counted
    self.page = page
  }
}

/// What a later page depends on besides: `Provenance` is then that of the ranking, which the first page made.
package struct PageOrigin: Sendable, Hashable {
  /// The request of the first page.
  package var first: ReplayPlan.Question
  /// Entries of the ranking that were passed before this page.
  package var place: UInt32
  /// The second in which this page was cut.
  package var second: Int64

  package init(first: ReplayPlan.Question, place: UInt32, second: Int64) {
    self.first = first
    self.place = place
    self.second = second
  }
}

/// `Experiments`: how the arms of each experiment do.
package struct ExperimentsRequest: Sendable, Hashable {
  package init() {}
}
