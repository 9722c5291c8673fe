import Vocabulary

/// Every key there is. docs/configuration.md lists the same ones; a test compares.
extension ConfigurationKey {
  package static let all: [ConfigurationKey] =
    daemon + metrics + snapshots + scrub + training + reading + rules + sources + slates + spread
    + sourceWeights + pace + feedback
    + eventWeights

  private static let daemon: [ConfigurationKey] = [
    .text("host", \.host, bytes: 1...255, "Interface to listen on, as a name or an address."),
    .integer("port", \.port, in: 0...65535, "Port to listen on; 0 takes a free one."),
    .integer("event_loops", \.eventLoops, in: 0...64, "Event loops; 0 means one for each core, at most 8."),
    .integer(
      "connections_max", \.connectionsMax, in: 1...Limits.connectionsMax,
      "Connections served at once; further ones are refused."),
    .integer(
      "idle_seconds", \.idleSeconds, in: 1...86_400, "A connection without traffic is closed after this long."
    ),
    .integer(
      "drain_seconds", \.drainSeconds, in: 0...3_600, "Longest wait for requests in flight after SIGTERM."),
    .text("data", \.dataDirectory, bytes: 0...4_096, "The data directory."),
    tenants,
    .integer(
      "store_interval_milliseconds", \.storeIntervalMilliseconds, in: 10...60_000,
      "Time between two rounds that bring LevelDB up to date with memory."),
    .integer(
      "disk_free_bytes_min", \.diskFreeBytesMin, in: 0...(1 << 50),
      "Ingest is refused while the data directory's disk has less than this left."),
    .choice("log_level", \.logLevel, "Messages below this level are not logged."),
    .integer(
      "overload.target_ms", \.overload.targetMilliseconds, in: 0...10_000,
      "Reads are refused while all of them wait longer than this; ingest 5, admin 10, bulk 25 times this. 0 never refuses."
    ),
    .integer(
      "overload.interval_ms", \.overload.intervalMilliseconds, in: 10...60_000,
      "How long that must last before who waits twice the target is refused; no read waits longer than this, ingest 5, admin 10, bulk 25 times this."
    ),
    memoryLimit,
  ]

  private static let memoryLimit = ConfigurationKey(
    path: "memory_limit_bytes",
    about:
      "Memory the daemon may hold; 0 takes three quarters of what the machine or its control group grants.",
    accepted: "0, or a whole number from \(Limits.memoryLimitBytesMin) to \(UInt64(1) << 44)",
    shapesAnswers: false,
    read: { String($0.overload.memoryLimitBytes) },
    write: { settings, value in
      guard let integer = value.integer, let bytes = UInt64(exactly: integer),
        bytes == 0 || (Limits.memoryLimitBytesMin...(1 << 44)).contains(bytes)
      else { return false }
      settings.overload.memoryLimitBytes = bytes
      return true
    })

  private static let metrics: [ConfigurationKey] = [
    .flag(
      "metrics.enabled", \.metrics.isEnabled,
      "Whether metrics and health are served over HTTP: /metrics, /livez and /readyz."),
    .text("metrics.host", \.metrics.host, bytes: 1...255, "Interface for them, as a name or an address."),
    .integer("metrics.port", \.metrics.port, in: 0...65535, "Port for them; 0 takes a free one."),
  ]

  private static let tenants = ConfigurationKey(
    path: "tenants", about: "Names of the tenants served.",
    accepted:
      "a list of 1 to \(Limits.tenantsMax) different names out of a-z, 0-9, _ and -, each at most \(Limits.nameBytesMax) characters, starting with a letter or digit",
    shapesAnswers: false,
    read: { "[\($0.tenants.map(\.text).joined(separator: ", "))]" },
    write: { settings, value in
      guard let texts = value.texts, (1...Limits.tenantsMax).contains(texts.count) else { return false }
      var names: [TenantName] = []
      for text in texts {
        guard let name = try? TenantName(text), !names.contains(name) else { return false }
        names.append(name)
      }
      settings.tenants = names
      return true
    })

  private static let snapshots: [ConfigurationKey] = [
    .text(
      "snapshots.directory", \.snapshots.directory, bytes: 0...4_096,
      "Where snapshots lie; empty means snapshots in the data directory."),
    .integer(
      "snapshots.every_seconds", \.snapshots.everySeconds, in: 0...31_536_000,
      "Make a snapshot when this long has passed and the log has grown; 0 means only on demand."),
    .integer(
      "snapshots.keep", \.snapshots.keep, in: 1...1_000, "Newest snapshots kept when one was made."),
    .integer(
      "snapshots.prune_log_after_days", \.snapshots.pruneLogAfterDays, in: 0...36_500,
      "Remove log segments that the oldest snapshot kept contains once they are this old; 0 means never."),
  ]

  private static let scrub: [ConfigurationKey] = [
    .integer(
      "scrub.every_seconds", \.scrub.everySeconds, in: 0...31_536_000,
      "Read everything stored again and check it when this long has passed since the last time, also over restarts; 0 means only on demand."
    ),
    .integer(
      "scrub.bytes_per_second", \.scrub.bytesPerSecond, in: 1_048_576...10_737_418_240,
      "Bytes a scrub reads in a second at most."),
  ]

  private static let training: [ConfigurationKey] = [
    .text(
      "training.program", \.training.program, bytes: 0...4_096,
      "Path of magpie-train; empty means beside the daemon's own binary."),
    .integer(
      "training.every_seconds", \.training.everySeconds, in: 0...31_536_000,
      "Retrain when this long has passed and events have arrived; 0 means only on demand."),
    .integer(
      "training.memory_limit_bytes", \.training.memoryLimitBytes, in: (64 << 20)...(1 << 44),
      "Memory the trainer may use."),
    .integer(
      "training.silence_seconds", \.training.silenceSeconds, in: 1...86_400,
      "A trainer that says nothing for this long hangs and is killed."),
    .integer("training.threads", \.training.threads, in: 1...256, "Threads of the trainer."),
    .integer(
      "training.seed", \.training.seed, in: 0...UInt64(Int64.max), "Seed of everything random in training."),
    .integer(
      "training.keep_generations", \.training.keepGenerations, in: 1...1_000,
      "Generations kept on disk for rollback; the serving one is never removed."),
    .number(
      "training.hold_out_share", \.training.holdOutShare, in: 0...0.5,
      "Share of the newest events held out for the metrics in the manifest."),
    .number(
      "training.popularity_window_days", \.training.popularityWindowDays, in: 0...36_500, above: true,
      "Only events of this many newest days count for popularity."
    ).choosing(.popularityWindow),
    .number(
      "training.popularity_half_life_days", \.training.popularityHalfLifeDays, in: 0...36_500, above: true,
      "An event of this age counts half for popularity."
    ).choosing(.popularityHalfLife),
    segmentAttributes,
    .integer(
      "training.transition_window", \.training.transitionWindow, in: 1...Limits.historyEventsMax,
      "Steps looked back from each event for transitions."
    ).choosing(.transitionWindow),
    .integer(
      "training.transition_neighbours", \.training.transitionNeighbours, in: 0...Limits.neighboursMax,
      "Transitions stored for each item; 0 means as training.neighbours."
    ).choosing(.transitionNeighbours),
    .number(
      "training.transition_shrinkage", \.training.transitionShrinkage, in: 0...1_000_000,
      "Added to the sums that transitions are divided by; larger trusts rare items less."
    ).choosing(.transitionShrinkage),
    .number(
      "training.transition_backward", \.training.transitionBackward, in: 0...1_000,
      "What a step back counts where one ahead counts 1."
    ).choosing(.transitionBackward),
    .number(
      "training.transition_half_life_days", \.training.transitionHalfLifeDays, in: 0...36_500,
      "A transition of this age counts half; 0 means that all ages count alike."
    ).choosing(.transitionHalfLife),
    .integer(
      "training.cooccurrence_neighbours", \.training.cooccurrenceNeighbours, in: 0...Limits.neighboursMax,
      "Items of the same baskets stored for each item; 0 means as training.neighbours."
    ).choosing(.cooccurrenceNeighbours),
    .number(
      "training.cooccurrence_shrinkage", \.training.cooccurrenceShrinkage, in: 0...1_000_000,
      "Added to the counts that co-occurrence is divided by; larger trusts rare items less."
    ).choosing(.cooccurrenceShrinkage),
    .number(
      "training.cooccurrence_pairs_min", \.training.cooccurrencePairsMin, in: 1...1_000_000,
      "Baskets that must hold both of a pair."
    ).choosing(.cooccurrencePairsMin),
    .integer(
      "training.neighbours", \.training.neighbours, in: 1...Limits.neighboursMax,
      "Neighbours stored for each item."),
    .integer(
      "training.factors", \.training.factors, in: 1...Limits.factorDimensionsMax, or: "auto",
      "Latent dimensions of iALS; auto takes them from the data's size."
    ).choosing(.factors),
    .integer("training.iterations", \.training.iterations, in: 1...1_000, "Sweeps of iALS."),
    .number(
      "training.regularisation", \.training.regularisation, in: 0...1_000, above: true,
      "L2 regularisation of iALS."
    ).choosing(.regularisation),
    .number(
      "training.unobserved_weight", \.training.unobservedWeight, in: 0...1_000, or: "auto",
      "Weight of everything unobserved in iALS; auto takes ten times the density of the data."
    ).choosing(.unobservedWeight),
    .number(
      "training.regularisation_exponent", \.training.regularisationExponent, in: 0...2,
      "How the regularisation of iALS grows with the length of a row."
    ).choosing(.regularisationExponent),
    .integer(
      "training.tune_minutes", \.training.tuneMinutes, in: 0...Limits.tuneMinutesMax,
      "Minutes that a training searches for settings first, if a search is due; 0 means never."),
    .number(
      "training.confidence_half_life_days", \.training.confidenceHalfLifeDays, in: 0...36_500, or: "off",
      "Age before the user's newest event at which a pair counts half for iALS and for like users."),
    .number(
      "training.item_half_life_days", \.training.itemHalfLifeDays, in: 0...36_500, or: "auto",
      "Age at which a pair counts half for item-kNN; auto takes half of the time the events span."),
    .either(
      "training.linear", \.training.linear, yes: "auto", no: "off",
      "The linear item model: made where the memory limit allows, or not at all."),
    .integer(
      "training.linear_neighbours", \.training.linearNeighbours, in: 1...Limits.neighboursMax,
      "Neighbours the linear item model keeps for each item."),
    .either(
      "training.user_neighbours", \.training.userNeighbours, yes: "auto", no: "off",
      "The index of like users: made where the memory limit allows, or not at all."),
    .either(
      "training.content", \.training.content, yes: "auto", no: "off",
      "What items say of themselves: learned where the memory limit allows, or not at all."),
    .integer(
      "training.shards", \.training.shards, in: 1...4_096, "Hash partitions of the users in training."),
    .flag(
      "training.blend", \.training.blend,
      "Whether trees compete with fusion for the order of candidates; they serve where they win."),
    .integer(
      "training.blend_rounds", \.training.blendRounds, in: 1...Limits.blendTreesMax,
      "Trees of the blend at most."),
    .integer(
      "training.blend_depth", \.training.blendDepth, in: 1...Limits.blendDepthMax, "Depth of a tree."),
    .number(
      "training.blend_rate", \.training.blendRate, in: 0...1, above: true,
      "Share of what is left that each tree takes away."),
    gate,
    .number(
      "training.gate_margin", \.training.gateMargin, in: 0...1,
      "Share of the other's NDCG@10 by which a new generation may fall behind and still serve."),
  ]

  private static let segmentAttributes = ConfigurationKey(
    path: "training.segment_attributes",
    about: "User attributes by whose values popularity is split, beside the categories of items.",
    accepted:
      "a list of at most \(Limits.segmentAttributesMax) different names of 1 to \(Limits.attributeBytesMax) bytes without commas and control characters",
    shapesAnswers: false,
    read: { "[\($0.training.segmentAttributes.joined(separator: ", "))]" },
    write: { settings, value in
      guard let names = value.texts, names.count <= Limits.segmentAttributesMax,
        Set(names).count == names.count,
        names.allSatisfy({ TrainingSettings.isSegmentAttribute($0) })
      else { return false }
      settings.training.segmentAttributes = names
      return true
    })

  private static let gate = ConfigurationKey(
    path: "training.gate",
    about: "Whether a new generation that loses on the hold-out is kept from serving, or only reported.",
    accepted: "on, warn or off", shapesAnswers: false,
    read: { $0.training.gate.rawValue },
    write: { settings, value in
      guard let text = value.text, let mode = GateMode(rawValue: text) else { return false }
      settings.training.gate = mode
      return true
    })

  private static let reading: [ConfigurationKey] = [
    .integer(
      "reading.source_width", \.reading.sourceWidth, in: 1...10_000, shapesAnswers: true,
      "Candidates taken from each source."),
    .integer(
      "reading.recent_items", \.reading.recentItems, in: 1...Limits.historyEventsMax, shapesAnswers: true,
      "Newest items of the history that item-to-item sources start from."),
    .number(
      "reading.recent_decay", \.reading.recentDecay, in: 0...1, above: true, shapesAnswers: true,
      "How much less each older item of the history weighs than the one after it."),
    .number(
      "reading.fusion_constant", \.reading.fusionConstant, in: 0...10_000, shapesAnswers: true,
      "The constant of reciprocal-rank fusion; larger flattens the difference between ranks."),
    .flag(
      "reading.blend", \.reading.blend, shapesAnswers: true,
      "Whether the generation's trees order what they learned to order; else fusion does."),
    .flag(
      "reading.hide_seen", \.reading.hideSeen, shapesAnswers: true,
      "Whether Recommend hides what the user already has, unless the request says otherwise."),
  ]

  private static let rules: [ConfigurationKey] = [
    .expression(
      "reading.filter", \.reading.rules.filter, .filter,
      "Only items for which this expression is true are shown; empty lets all pass."),
    .expression(
      "reading.boost", \.reading.rules.boost, .number,
      "An expression that scores are multiplied with; empty is one everywhere."),
    .number(
      "reading.seen.hide_days", \.reading.seen.hideDays, in: 0...36_500, shapesAnswers: true,
      "Days for which hide_seen hides what was seen; 0 means for ever."),
    .expression(
      "reading.seen.repeatable", \.reading.seen.repeatable, .filter,
      "Items for which this expression is true are shown although they were seen; empty means none."),
    .integer(
      "reading.fatigue.impressions", \.reading.fatigue.impressions, in: 0...1_000, shapesAnswers: true,
      "Impressions without a positive event after which an item tires; 0 means never."),
    .number(
      "reading.fatigue.days", \.reading.fatigue.days, in: 0...36_500, above: true, shapesAnswers: true,
      "Days for which an impression counts for that."),
    .number(
      "reading.fatigue.factor", \.reading.fatigue.factor, in: 0...1, shapesAnswers: true,
      "What the score of a tired item is multiplied with; 0 leaves it out."),
  ]

  private static let slates: [ConfigurationKey] = [
    .integer(
      "reading.paging.depth", \.reading.paging.depth, in: 1...Limits.pagedItemsMax, shapesAnswers: true,
      "Items of a paged list, all its pages together."),
    .integer(
      "reading.paging.seconds", \.reading.paging.seconds, in: 1...86_400, shapesAnswers: false,
      "How long a paged list is kept after somebody asked for a page of it, seconds."),
    .number(
      "reading.similar_taste", \.reading.similarTaste, in: 0...1_000, shapesAnswers: true,
      "What the user's taste weighs in Similar when the request names a user; 0 leaves it out."),
  ]

  private static let sourceWeights: [ConfigurationKey] = SourceKind.allCases.map { source in
    .number(
      "reading.source_weights.\(source.name)", in: 0...1_000, shapesAnswers: true,
      "Weight of the source \(source.name) in fusion; 0 switches it off.",
      get: { $0.reading.sourceWeights[source] ?? 0 }, set: { $0.reading.sourceWeights[source] = $1 })
  }

  /// One set of weights for both paths: what training learns from and what reading reacts to must agree.
  private static let eventWeights: [ConfigurationKey] = EventType.allCases.map { type in
    .number(
      "weights.\(type.name)", in: -1_000...1_000, shapesAnswers: true,
      "How much one \(type.name) says about taste; 0 or less is not a positive signal.",
      // By way of its shortest notation, so that 0.1 is shown as it was written.
      get: { Double("\($0.reading.weights[type])") ?? 0 },
      set: { settings, weight in
        settings.reading.weights[type] = Float(weight)
        settings.training.weights[type] = Float(weight)
      })
  }
}
