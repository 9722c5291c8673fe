package enum TrainingState: UInt8, Sendable, Hashable {
  case idle = 0
  case running = 1
  case succeeded = 2
  case failed = 3

  package var name: String {
    switch self {
    case .idle: "idle"
    case .running: "running"
    case .succeeded: "succeeded"
    case .failed: "failed"
    }
  }
}

/// How a tenant's last or current training goes.
package struct TrainingStatus: Sendable, Hashable {
  package var state: TrainingState = .idle
  /// The trainer's current stage, such as `read` or `ials`.
  package var stage = ""
  /// 0 to 1 over the whole run.
  package var fraction: Float = 0
  package var started: Timestamp = .zero
  package var finished: Timestamp = .zero
  /// Number of the generation being made, or made.
  package var generation: GenerationNumber = .none
  /// Why it failed, or why what was made does not serve, with what to do.
  package var message = ""
  package init() {}
}

package struct TenantStatus: Sendable, Hashable {
  package var tenant: TenantName
  package var users: UInt64 = 0
  package var items: UInt64 = 0
  package var events: UInt64 = 0
  package var generation: GenerationNumber = .none
  /// Position the serving generation was trained to.
  package var trainedTo: Position = .zero
  package var training = TrainingStatus()
  package init(tenant: TenantName) { self.tenant = tenant }
}

/// Count and latency of one method or step since start.
package struct LatencyReport: Sendable, Hashable {
  package var name: String
  package var count: UInt64 = 0
  package var errors: UInt64 = 0
  /// Microseconds.
  package var p50: Float = 0
  package var p99: Float = 0
  package var max: Float = 0
  package init(name: String) { self.name = name }
}

package struct StatusReport: Sendable, Hashable {
  package var version = ""
  package var directory: [UInt8] = []
  package var state: ServingState = .starting
  package var started: Timestamp = .zero
  package var now: Timestamp = .zero
  /// Last position that is durable.
  package var committed: Position = .zero
  /// Last position visible to reads.
  package var applied: Position = .zero
  /// Last position contained in LevelDB; replay after a crash starts behind it.
  package var stored: Position = .zero
  package var logBytes: UInt64 = 0
  package var logSegments: UInt64 = 0
  package var diskFreeBytes: UInt64 = 0
  package var residentBytes: UInt64 = 0
  package var connections: UInt64 = 0
  package var configurationHash: UInt64 = 0
  package var durability: Durability = .committed
  package var tenants: [TenantStatus] = []
  package var latencies: [LatencyReport] = []
  package var snapshot = SnapshotStatus()
  /// The last or current scrub; of what is damaged, the first alone.
  package var scrub = ScrubReply()
  /// What lists led to, by tenant, scenario, generation and arm.
  package var feedback: [FeedbackReport] = []
  package var feedbackDesk = FeedbackDeskReport()
  /// From a request's arrival, and from durability, to being visible to every read.
  package var freshness: [LatencyReport] = []
  /// The smallest quality factor of all event loops, in thousandths.
  package var quality: UInt32 = 1_000
  package init() {}
}

package struct TrainReply: Sendable, Hashable {
  /// The generation that will be made.
  package var generation: GenerationNumber
  package init(generation: GenerationNumber) { self.generation = generation }
}

package struct MetricValue: Sendable, Hashable {
  /// Such as `NDCG@20`.
  package var name: String
  package var value: Double
  package init(name: String, value: Double) {
    self.name = name
    self.value = value
  }
}

package struct ModelMetrics: Sendable, Hashable {
  /// Such as `popularity` or `ials`.
  package var model: String
  package var metrics: [MetricValue]
  package init(model: String, metrics: [MetricValue]) {
    self.model = model
    self.metrics = metrics
  }
}

package struct GenerationSummary: Sendable, Hashable {
  package var number: GenerationNumber
  package var isServing = false
  package var created: Timestamp = .zero
  package var trainedTo: Position = .zero
  package var users: UInt64 = 0
  package var items: UInt64 = 0
  package var events: UInt64 = 0
  package var bytes: UInt64 = 0
  package var trainingSeconds: Float = 0
  /// Temporal hold-out, one row for each model.
  package var metrics: [ModelMetrics] = []
  /// Why it cannot be served, or empty.
  package var problem = ""
  /// The search its settings come from, if there was one.
  package var tuning: TuningSummary?
  /// `blend` or `fusion`: what orders its candidates; empty if its trainer did not say.
  package var ranking = ""
  package var rankingReason = ""
  /// Nil if its trainer asked no gate.
  package var gate: GateVerdict?
  /// The trainer's settings as text, by name.
  package var settings: [TrainerSetting] = []
  package init(number: GenerationNumber) { self.number = number }
}

package struct GenerationsReply: Sendable, Hashable {
  /// Newest first.
  package var generations: [GenerationSummary] = []
  package init() {}
}

/// An event that was refused, kept so that an operator can see it and try it again.
package struct DeadLetter: Sendable, Hashable {
  /// Grows by one with each letter of a data directory.
  package var number: UInt64
  /// When it was refused.
  package var time: Timestamp = .zero
  package var tenant: TenantName = .default
  /// `FaultReason`, as text: a letter may be older than this release.
  package var reason = ""
  package var message = ""
  package var field = ""
  package var event = EventDraft()
  package init(number: UInt64) { self.number = number }
}

package struct DeadLettersReply: Sendable, Hashable {
  /// By rising number. Empty for `requeue` and `drop`.
  package var letters: [DeadLetter] = []
  /// Letters of the tenant that are kept now.
  package var total: UInt64 = 0
  /// Accepted by `requeue`, duplicates included.
  package var requeued: UInt64 = 0
  /// Refused again by `requeue`; they stay, with the new reason.
  package var refused: UInt64 = 0
  package var dropped: UInt64 = 0
  package init() {}
}

package struct DrainReply: Sendable, Hashable {
  /// Longest wait for requests in flight; then the daemon ends anyway.
  package var seconds: Int64 = 0
  package init(seconds: Int64) { self.seconds = seconds }
}

package struct ItemReport: Sendable, Hashable {
  /// As sent in the request.
  package var id: [UInt8]
  /// Nil if the item is not known at all.
  package var item: Item?
  /// Known from events only: no catalogue entry was ever put, or it was deleted.
  package var isDeleted = false
  package var events: UInt64 = 0
  package init(id: [UInt8]) { self.id = id }
}

package struct GetItemsReply: Sendable, Hashable {
  package var items: [ItemReport] = []
  package init() {}
}

package struct HistoryRow: Sendable, Hashable {
  package var type: EventType
  package var item: ItemIdentifier
  package var title = ""
  package var time: Timestamp
  package var value: Float
  package init(type: EventType, item: ItemIdentifier, time: Timestamp, value: Float) {
    self.type = type
    self.item = item
    self.time = time
    self.value = value
  }
}

package struct GetUserReply: Sendable, Hashable {
  package var profile: UserProfile
  /// Newest first, at most `Limits.historyEventsMax`.
  package var history: [HistoryRow] = []
  /// Distinct items remembered.
  package var items: UInt64 = 0
  package init(profile: UserProfile) { self.profile = profile }
}
