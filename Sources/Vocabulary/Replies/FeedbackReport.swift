/// What lists of one kind did within one window of time.
package struct FeedbackCounts: Sendable, Hashable {
  /// Lists given out, and items in them.
  package var lists: UInt64 = 0
  package var shown: UInt64 = 0
  /// Lists with at least one click, and items clicked.
  package var clickedLists: UInt64 = 0
  package var clicks: UInt64 = 0
  /// Lists with at least one purchase, and items bought.
  package var convertedLists: UInt64 = 0
  package var conversions: UInt64 = 0
  /// Different items shown, estimated to about 2 %.
  package var distinctItems: UInt64 = 0
  /// Sum and count of −log₂ of the shown items' share of all events, over a sample of lists.
  package var noveltyBits = 0.0
  package var noveltyItems: UInt64 = 0

  package init() {}
}

/// Which lists are counted together.
package struct FeedbackKey: Sendable, Hashable {
  package var tenant: TenantName
  /// As asked for; `default` where none was.
  package var scenario: String
  package var generation: GenerationNumber
  /// `NAME/ARM`, or empty.
  package var experiment: String

  package init(tenant: TenantName, scenario: String, generation: GenerationNumber, experiment: String) {
    self.tenant = tenant
    self.scenario = scenario
    self.generation = generation
    self.experiment = experiment
  }
}

/// One row of `Status.feedback`.
package struct FeedbackReport: Sendable, Hashable {
  package var key: FeedbackKey
  /// Since the first list, in the last hour, in the last five minutes.
  package var total = FeedbackCounts()
  package var hour = FeedbackCounts()
  package var minutes = FeedbackCounts()
  /// Items of the catalogue that may be shown: what coverage is a share of.
  package var catalogue: UInt64 = 0

  package init(_ key: FeedbackKey) { self.key = key }
}

/// How the joining of lists and events goes.
package struct FeedbackDeskReport: Sendable, Hashable {
  /// Lists taken over from the read path, and those lost because the way was full.
  package var taken: UInt64 = 0
  package var dropped: UInt64 = 0
  /// Lists remembered now.
  package var remembered: UInt64 = 0
  /// Events that named a list, and those whose list is not remembered or did not hold their item.
  package var joined: UInt64 = 0
  package var unknown: UInt64 = 0
  /// Lists written to the exposure log, and its bytes on disk.
  package var logged: UInt64 = 0
  package var logBytes: UInt64 = 0

  package init() {}
}

/// One arm of an experiment.
package struct ArmReport: Sendable, Hashable {
  package var name: String
  package var share = 0.0
  package var scenario = ""
  package var generation: GenerationNumber = .none
  /// Of all lists that this arm of this experiment ever gave.
  package var counts = FeedbackCounts()
  /// Share of lists with a click, and the confidence sequence around it; NaN-free: 0 to 1 where nothing is known.
  package var rate = 0.0
  package var low = 0.0
  package var high = 1.0
  /// The rate this arm would have had with all lists of the experiment that are remembered, from those it gave and how
  /// likely each was (SNIPS). Absent where `refusal` says why.
  package var estimate: WeightedRate?
  /// The same, doubly robust: with a model of rewards for the lists that other arms gave.
  package var robust: WeightedRate?
  /// Why there is no estimate, a stable word of docs/off-policy.md; empty where there is one.
  package var refusal = ""
  /// Why something is missing, or empty.
  package var note = ""

  package init(name: String) { self.name = name }
}

/// How an item does at places where chance put it.
package struct ItemEstimate: Sendable, Hashable {
  package var item: [UInt8]
  /// The scenario whose lists explored it.
  package var scenario = ""
  /// Remembered lists in which it was explored, and those in which it was clicked.
  package var shown: UInt64 = 0
  package var clicked: UInt64 = 0
  /// The share of lists in which it would be clicked if it always stood there, weighted by how likely it was each time
  /// (SNIPS). Absent where `refusal` says why.
  package var estimate: WeightedRate?
  /// A stable word of docs/off-policy.md, or empty.
  package var refusal = ""

  package init(item: [UInt8]) { self.item = item }
}

/// An estimate from weighted observations, and the number of equal ones that would tell as much.
package struct WeightedRate: Sendable, Hashable {
  package var value: Double
  package var standardError: Double
  package var effectiveCount: Double

  package init(value: Double, standardError: Double, effectiveCount: Double) {
    self.value = value
    self.standardError = standardError
    self.effectiveCount = effectiveCount
  }
}

/// One arm against the first.
package struct ArmComparison: Sendable, Hashable {
  package var arm: String
  package var against: String
  /// Difference of the rates and the confidence sequence around it.
  package var difference = 0.0
  package var low = -1.0
  package var high = 1.0
  /// Whether the sequence has left zero behind: it may be looked at as often as one likes.
  package var isDecided: Bool { low > 0 || high < 0 }

  package init(arm: String, against: String) {
    self.arm = arm
    self.against = against
  }
}

package struct ExperimentReport: Sendable, Hashable {
  package var name: String
  package var scenario = ""
  package var unit = ExperimentSettings.Unit.user
  package var arms: [ArmReport] = []
  package var comparisons: [ArmComparison] = []

  package init(name: String) { self.name = name }
}

package struct ExperimentsReply: Sendable, Hashable {
  package var experiments: [ExperimentReport] = []
  /// The error all confidence sequences of one experiment keep together.
  package var alpha = 0.05
  /// Items that exploration showed, those shown most first; at most `Limits.itemEstimatesMax`.
  package var items: [ItemEstimate] = []
  /// Lists that estimates rest on: those remembered of this tenant.
  package var remembered: UInt64 = 0
  package init() {}
}
