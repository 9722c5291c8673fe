/// What lists did within one window.
public struct FeedbackCounts: Sendable, Hashable {
  /// Lists given out.
  public var lists: UInt64 = 0
  /// Items in them.
  public var shown: UInt64 = 0
  /// Lists with at least one click.
  public var clickedLists: UInt64 = 0
  /// Items clicked.
  public var clicks: UInt64 = 0
  /// Lists with at least one purchase.
  public var convertedLists: UInt64 = 0
  /// Items bought.
  public var conversions: UInt64 = 0
  /// Different items shown, estimated to about 2 %.
  public var distinctItems: UInt64 = 0
  /// Mean of −log₂ of the shown items' share of all events; nil where none was looked at.
  public var noveltyBits: Double?

  /// Zeros.
  public init() {}
}

/// What lists of one kind led to.
public struct FeedbackRow: Sendable, Hashable {
  /// Whose.
  public var tenant: String
  /// Where they were shown.
  public var scenario: String
  /// The generation that made them.
  public var generation: UInt64
  /// `NAME/ARM`, or empty.
  public var experiment: String
  /// Since the first list.
  public var total = FeedbackCounts()
  /// Within the last hour.
  public var hour = FeedbackCounts()
  /// Within the last five to ten minutes.
  public var minutes = FeedbackCounts()
  /// Items that may be shown.
  public var catalogue: UInt64 = 0

  /// Makes a row.
  public init(tenant: String, scenario: String, generation: UInt64, experiment: String) {
    self.tenant = tenant
    self.scenario = scenario
    self.generation = generation
    self.experiment = experiment
  }
}

/// How the joining of lists and events goes.
public struct FeedbackDesk: Sendable, Hashable {
  /// Lists taken over from the read path.
  public var taken: UInt64 = 0
  /// Lists lost because the way was full.
  public var dropped: UInt64 = 0
  /// Lists remembered now.
  public var remembered: UInt64 = 0
  /// Events joined with the list they name.
  public var joined: UInt64 = 0
  /// Events whose list is not remembered or did not hold their item.
  public var unknown: UInt64 = 0
  /// Lists written to the exposure log.
  public var logged: UInt64 = 0
  /// Bytes of that log.
  public var logBytes: UInt64 = 0

  /// Zeros.
  public init() {}
}

/// One arm of an experiment.
public struct ArmReport: Sendable, Hashable {
  /// Its name.
  public var name: String
  /// Its share of the requests.
  public var share = 0.0
  /// The scenario it answers with, or empty.
  public var scenario = ""
  /// The generation it answers with, or 0.
  public var generation: UInt64 = 0
  /// Of all lists it ever gave.
  public var counts = FeedbackCounts()
  /// Share of lists with a click.
  public var rate = 0.0
  /// The confidence sequence around it, from below.
  public var low = 0.0
  /// And from above.
  public var high = 1.0
  /// The rate it would have had with all remembered lists of the experiment, weighted by how likely each was (SNIPS); nil
  /// where `refusal` says why.
  public var estimate: Double?
  /// Its standard error.
  public var standardError: Double?
  /// The number of lists it amounts to.
  public var effectiveCount: Double?
  /// The same rate, doubly robust: with a model of what lists of other arms would have led to.
  public var robust: Double?
  /// Its standard error.
  public var robustError: Double?
  /// Why there is no estimate, a stable word of docs/off-policy.md; empty where there is one.
  public var refusal = ""
  /// Why something is missing, or empty.
  public var note = ""

  /// Makes an arm.
  public init(name: String) { self.name = name }
}

/// One arm against the first.
public struct ArmComparison: Sendable, Hashable {
  /// Which arm.
  public var arm: String
  /// Against which.
  public var against: String
  /// Difference of the rates.
  public var difference = 0.0
  /// The confidence sequence around it, from below.
  public var low = -1.0
  /// And from above.
  public var high = 1.0
  /// Whether it has left zero behind.
  public var isDecided: Bool { low > 0 || high < 0 }

  /// Makes a comparison.
  public init(arm: String, against: String) {
    self.arm = arm
    self.against = against
  }
}

/// How an experiment goes.
public struct ExperimentReport: Sendable, Hashable {
  /// Its name.
  public var name: String
  /// Whose requests take part.
  public var scenario = ""
  /// What requests are assigned by.
  public var unit = ""
  /// The first is what others are compared with.
  public var arms: [ArmReport] = []
  /// All others against the first.
  public var comparisons: [ArmComparison] = []

  /// Makes a report.
  public init(name: String) { self.name = name }
}

/// How an item does at places where chance put it.
public struct ItemEstimate: Sendable, Hashable {
  /// The item.
  public var item: String
  /// The scenario whose lists explored it.
  public var scenario = ""
  /// Remembered lists in which it was explored.
  public var shown: UInt64 = 0
  /// Those of them in which it was clicked.
  public var clicked: UInt64 = 0
  /// The share of lists in which it would be clicked if it always stood there (SNIPS); nil where `refusal` says why.
  public var estimate: Double?
  /// Its standard error.
  public var standardError: Double?
  /// The number of lists it amounts to.
  public var effectiveCount: Double?
  /// Why there is no estimate, a stable word of docs/off-policy.md; empty where there is one.
  public var refusal = ""

  /// Makes an estimate.
  public init(item: String) { self.item = item }
}

/// Experiments, and what exploration learned.
public struct ExperimentsReport: Sendable, Hashable {
  /// In the order of the configuration.
  public var experiments: [ExperimentReport] = []
  /// Items that exploration showed, those shown most first.
  public var items: [ItemEstimate] = []
  /// Lists that estimates rest on: those the daemon remembers.
  public var remembered: UInt64 = 0

  /// An empty one.
  public init() {}
}
