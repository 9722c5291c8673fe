/// What a list of parts adds up to. Raw values travel on the wire: never reuse one.
package enum ContributionKind: UInt8, Sendable, Hashable, CaseIterable {
  /// Shares of the sources in the fused score, one part for each source that named the item.
  case fusion = 1
  /// Shares of the features in the log odds of the trees; the score is 1 / (1 + e^−total).
  case blend = 2
  /// Shares of items of the history, the basket or the item asked about in one source's own score.
  case source = 3
  /// What the score of `fusion` or `blend` was multiplied with afterwards: boost, fatigue, objectives. The parts multiply,
  /// and so does the total. Missing where nothing did.
  case factors = 4
  /// What showing the item is worth by the scenario's objectives, one part for each: V(i) of docs/read-path.md.
  case worth = 5

  package var name: String {
    switch self {
    case .fusion: "fusion"
    case .blend: "blend"
    case .source: "source"
    case .factors: "factors"
    case .worth: "worth"
    }
  }
}

/// One term of a sum.
package struct ContributionPart: Sendable, Hashable {
  /// The item of the history, the basket or the request that adds it; nil where no item does.
  package var item: ItemIdentifier?
  /// What adds it where no item does: a source, a feature, a segment, `base`, or `rest` for all that are not listed.
  package var name: String
  package var value: Double

  package init(item: ItemIdentifier? = nil, name: String = "", value: Double) {
    self.item = item
    self.name = name
    self.value = value
  }
}

/// One number of a reply taken apart: the parts add up to `total`, but for rounding of single-precision sums. Those of
/// kind `factors` multiply.
package struct Contribution: Sendable, Hashable {
  package var kind: ContributionKind
  /// Whose score, for kind `source`.
  package var source: SourceKind?
  package var total: Double
  /// The largest in size first; at most `Limits.contributionPartsMax` and one called `rest`.
  package var parts: [ContributionPart]

  package init(_ kind: ContributionKind, source: SourceKind? = nil, total: Double, parts: [ContributionPart])
  {
    self.kind = kind
    self.source = source
    self.total = total
    self.parts = parts
  }
}
