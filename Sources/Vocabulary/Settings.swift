/// The daemon's configuration, checked. Parsing lives in `Configuration`; defaults live here.
package struct Settings: Sendable, Hashable {
  /// Interface and port to listen on; port 0 takes a free one.
  package var host = "127.0.0.1"
  package var port: UInt16 = 7700
  /// Event loops; 0 means one for each core, at most 8.
  package var eventLoops = 0
  package var connectionsMax = Limits.connectionsMax
  package var idleSeconds = Limits.idleSecondsDefault
  /// Longest wait for requests in flight after SIGTERM.
  package var drainSeconds: Int64 = 25
  package var dataDirectory = ""
  package var tenants: [TenantName] = [.default]
  /// Most often LevelDB is brought up to date with memory.
  package var storeIntervalMilliseconds: Int64 = 200
  /// Ingest is refused while the data directory's disk has less than this left.
  package var diskFreeBytesMin = Limits.diskFreeBytesMin
  /// Messages below this level are not logged.
  package var logLevel = LogLevel.info
  package var metrics = MetricsSettings()
  package var overload = OverloadSettings()
  package var snapshots = SnapshotSettings()
  package var scrub = ScrubSettings()
  package var training = TrainingSettings()
  package var reading = ReadingSettings()
  /// `reading` with what each scenario says differently. The default scenario is `reading` itself.
  package var scenarios: [ScenarioName: ReadingSettings] = [:]
  package var feedback = FeedbackSettings()
  package var experiments: [ExperimentSettings] = []
  package init() {}
}

/// Where metrics and health are served over HTTP, for those who do not speak the protocol.
package struct MetricsSettings: Sendable, Hashable {
  package var isEnabled = false
  package var host = "127.0.0.1"
  /// 0 takes a free one.
  package var port: UInt16 = 7701
  package init() {}
}

/// How much is logged, least first. The names are those of the configuration and of the log's `level` field.
package enum LogLevel: String, Sendable, Hashable, CaseIterable {
  case trace
  case debug
  case info
  case notice
  case warning
  case error
  case critical
}

/// Where snapshots lie, when they are made, and what they allow to be removed.
package struct SnapshotSettings: Sendable, Hashable {
  /// Empty means `snapshots` in the data directory.
  package var directory = ""
  /// Make one when this long has passed and the log has grown; 0 means only on demand.
  package var everySeconds: Int64 = 0
  /// Newest ones kept when one was made.
  package var keep = 7
  /// Remove log segments that the oldest snapshot kept contains once they are this old; 0 means never.
  package var pruneLogAfterDays: Int64 = 0
  package init() {}

  /// The directory in force. - Parameter standard: the one in the data directory.
  package func path(in standard: String) -> String { directory.isEmpty ? standard : directory }
}

/// How often all that is stored is read again and checked.
package struct ScrubSettings: Sendable, Hashable {
  /// Time from the end of one to the next, and from the first start on a directory to its first; 0 means only on demand.
  package var everySeconds: Int64 = 604_800
  /// Bytes read in a second at most, so that nobody notices.
  package var bytesPerSecond: UInt64 = 32 << 20
  package init() {}
}

/// What the trainer does with the log.
package struct TrainingSettings: Sendable, Hashable {
  /// Path of `magpie-train`; empty means beside the daemon's own binary.
  package var program = ""
  /// Retrain when this long has passed and events have arrived; 0 means only on demand.
  package var everySeconds: Int64 = 0
  package var memoryLimitBytes: UInt64 = 8 << 30
  /// A trainer that says nothing for this long hangs, and is killed: it reports a thousand times during a run.
  package var silenceSeconds: Int64 = 1_800
  package var threads = 2
  package var seed: UInt64 = 1
  package var keepGenerations = 5
  package var weights = EventWeights.standard
  /// Share of the newest events held out for the metrics in the manifest.
  package var holdOutShare = 0.1
  package var popularityWindowDays = 30.0
  package var popularityHalfLifeDays = 7.0
  /// Attributes of users by whose values popularity is split, beside the categories of items.
  package var segmentAttributes = ["country"]
  /// Steps looked back from each event for transitions.
  package var transitionWindow = 10
  package var transitionShrinkage = 5.0
  /// What a step back counts where one ahead counts 1.
  package var transitionBackward = 0.5
  /// Age at which a transition counts half; 0 means that all ages count alike.
  package var transitionHalfLifeDays = 0.0
  package var cooccurrenceShrinkage = 10.0
  /// Baskets that must hold both of a pair.
  package var cooccurrencePairsMin = 2.0
  package var neighbours = 100
  /// Neighbours of one table where it differs; 0 means `neighbours`.
  package var transitionNeighbours = 0
  package var cooccurrenceNeighbours = 0
  /// Latent dimensions of iALS; nil takes them from the data's size.
  package var factors: Int?
  package var iterations = 12
  package var regularisation = 0.003
  /// Weight of everything unobserved in iALS; nil takes it from the data's density.
  package var unobservedWeight: Double?
  /// How the regularisation of a row grows with its length.
  package var regularisationExponent = 1.0
  /// Age, counted from the user's own newest event, at which a pair of user and item counts half as much for iALS
  /// and for user neighbours; nil lets pairs of all ages count alike.
  package var confidenceHalfLifeDays: Double?
  /// Age at which a pair counts half for item-kNN; nil takes half of the time the events span.
  package var itemHalfLifeDays: Double?
  /// Whether a linear item model is made, where the data and the memory limit allow one.
  package var linear = true
  /// Neighbours it keeps for each item.
  package var linearNeighbours = 200
  /// Whether an index of like users is made, where the memory limit allows it.
  package var userNeighbours = true
  /// Whether what items say of themselves is learned, where the memory limit allows it.
  package var content = true
  package var shards = 8
  /// Whether trees are trained that order the candidates of all sources; they serve only where they win.
  package var blend = true
  /// Trees at most; training stops earlier when users held back no longer gain.
  package var blendRounds = 100
  package var blendDepth = 5
  /// Share of what is left that each tree takes away.
  package var blendRate = 0.1
  /// Minutes that the daemon's trainings search for settings when a search is due; 0 means never.
  package var tuneMinutes = 0
  /// Settings that somebody chose: neither a search nor what one found changes them.
  package var given: Set<TunableSetting> = []
  /// What becomes of a generation that loses against popularity, item-kNN or the one that serves.
  package var gate = GateMode.on
  /// Share of the other's value by which a new generation may fall behind and still serve.
  package var gateMargin = 0.02
  package init() {}

  /// Whether a user attribute of this name can split popularity: names travel in a list separated by commas.
  package static func isSegmentAttribute(_ name: String) -> Bool {
    (1...Limits.attributeBytesMax).contains(name.utf8.count)
      && name.utf8.allSatisfy { $0 >= 32 && $0 != 127 && $0 != UInt8(ascii: ",") }
  }
}

/// What the gate does with a generation that lost.
package enum GateMode: String, Sendable, Hashable, CaseIterable {
  /// It is kept from serving.
  case on
  /// It serves, and the log says what it lost.
  case warn
  /// Nothing is compared.
  case off
}

/// What the read path does.
package struct ReadingSettings: Sendable, Hashable {
  /// Candidates taken from each source.
  package var sourceWidth = 200
  /// Newest items of the history that item-to-item sources start from, and the decay from one to the next.
  package var recentItems = 20
  package var recentDecay = 0.8
  /// The constant of reciprocal-rank fusion.
  package var fusionConstant = 60.0
  /// Whether the generation's trees put the best of fusion in their order, where they learned to.
  package var blend = true
  /// Weight of each source in fusion; zero switches it off.
  package var sourceWeights: [SourceKind: Double] = [
    .popular: 0.1, .trending: 0.1, .transitions: 1, .cooccurrence: 1, .ials: 1, .repeats: 1, .newest: 0.05,
    .linear: 1, .similarUsers: 1,
    .segmentPopular: 0.2, .segmentTrending: 0.1, .content: 0.3, .near: 0.3, .members: 1,
    .memberTaste: 1,
  ]
  /// What single sources do otherwise.
  package var sourceLimits = SourceLimits()
  package var near = NearSettings()
  /// Whether `Recommend` hides what the user already has, unless the request says otherwise.
  package var hideSeen = true
  package var spread = SpreadSettings()
  package var exploration = ExplorationSettings()
  package var objectives = ObjectiveSettings()
  package var rules = RuleSettings()
  package var seen = SeenSettings()
  package var fatigue = FatigueSettings()
  /// How much each type of event says about taste, in this scenario.
  package var weights = EventWeights.standard
  package var paging = PagingSettings()
  /// What a user's taste weighs in a `Similar` that names one, against the weight of the sources themselves.
  package var similarTaste = 0.5
  /// How long steps may take, and what gives way under load.
  package var pace = PaceSettings()
  package init() {}
}
