import Training

/// What is measured.
package enum EvaluationTask: String, Sendable, Hashable, CaseIterable {
  /// Lists of items for users or open sessions.
  case ranking
  /// Lists of items for a user's next basket; items of old baskets compete as well.
  case basket
  /// Ratings.
  case rating
}

/// How a file that is not split gets split.
package enum SplitRule: String, Sendable, Hashable, CaseIterable {
  /// The last item (or basket) of each user is asked, the one before it is for validation.
  case lastItem = "last-item"
  /// The newest share of the events, by time, over all users.
  case temporal
  /// A share drawn by hash: of each user's items; of all ratings for `EvaluationTask.rating`.
  case random
}

/// Over what NDCG is divided.
package enum IdealRule: String, Sendable, Hashable, CaseIterable {
  /// The gain of min(k, right items) right items on top.
  case list
  /// The gain of all right items, though a list of k cannot hold them.
  case all
}

/// What hits are divided by for precision.
package enum PrecisionRule: String, Sendable, Hashable, CaseIterable {
  /// k, the length of the list.
  case list
  /// min(k, right items), as papers on sessions count their P@k: with one target, whether it was hit (Wu et al., SR-GNN,
  /// AAAI 2019).
  case possible
}

/// What becomes of right items that the user already had, if those are no candidates.
package enum RepeatRule: String, Sendable, Hashable, CaseIterable {
  /// They stay right, and nobody can hit them.
  case miss
  /// They are not asked for.
  case drop
}

/// Which items compete.
package enum CandidateRule: String, Sendable, Hashable, CaseIterable {
  /// All items of training.
  case known
  /// The items that are right for anybody, known in training or not: how cold items are ranked.
  case asked
}

/// Everything that says how to measure, but not which models.
package struct EvaluationOptions: Sendable {
  package var train: String?
  package var valid: String?
  package var test: String?
  /// A single file that is split here.
  package var data: String?
  package var negatives: String?
  /// A file of what is known of the items.
  package var items: String?
  package var candidates = CandidateRule.known
  /// Lines `bundle member`: the items of the data are bundles of these.
  package var members: String?
  /// Lines `user member`: what users did with members.
  package var memberEvents: String?
  /// Lists made elsewhere, by the name they are reported under.
  package var lists: [(name: String, path: String)] = []
  package var format: DataFormat?
  package var columns = EventColumns()
  package var minimumRating: Double?
  package var task: EvaluationTask?
  package var split: SplitRule?
  /// Share of the events that is asked.
  package var testShare = 0.2
  /// Share of the rest that is for validation, where there is none.
  package var validShare = 0.1
  package var seed: UInt64 = 1
  package var seen: SeenRule?
  package var repeats: RepeatRule?
  package var ideal = IdealRule.list
  /// Lengths of lists, ascending.
  package var lengths = [10, 20]
  /// Users without history are left out.
  package var dropsColdUsers = false
  package var resamples = 1000
  package var threads = 1
  package var memoryLimitBytes: UInt64 = 4 << 30

  package init() {}
}
