/// How long the steps of a read may take, and how much less is looked at when answers come late.
package struct PaceSettings: Sendable, Hashable {
  /// Microseconds each step may take before what it can do without is left out, by raw value of the step; 0 means as
  /// long as the request's own deadline allows.
  package var ceilingsMicroseconds = [UInt32](repeating: 0, count: 8)
  /// An answer is late when it takes longer than this from the arrival of its request; 0 keeps full quality always.
  package var targetMicroseconds: UInt32 = 0
  /// The share of `sourceWidth` below which lateness does not narrow the search.
  package var qualityFloor = 0.2

  package init() {}

  package subscript(step: StepKind) -> UInt32 {
    get { ceilingsMicroseconds[Int(step.rawValue)] }
    set { ceilingsMicroseconds[Int(step.rawValue)] = newValue }
  }
}

/// What is remembered and written down of the lists that were given out.
package struct FeedbackSettings: Sendable, Hashable {
  /// Share of lists written to the exposure log, chosen by their identifier; 0 writes none.
  package var exposureSample = 0.0
  /// Lists remembered in memory, so that events which name them count for them.
  package var lists = 50_000
  /// Bytes of exposure log kept on disk; the oldest files go first.
  package var exposureBytesMax: UInt64 = 256 << 20

  package init() {}
}

/// Requests divided into arms that are answered differently, to see which does better.
package struct ExperimentSettings: Sendable, Hashable {
  /// What a request is assigned by.
  package enum Unit: String, Sendable, Hashable, CaseIterable {
    /// The user; an anonymous request by the items of its session.
    case user
    /// The seed of the request: a new draw for each seed.
    case seed
  }

  package struct Arm: Sendable, Hashable {
    package var name: String
    /// Its part of all requests of the experiment, relative to the other arms'.
    package var share = 1.0
    /// The scenario that answers instead of the one asked for; empty leaves it.
    package var scenario = ""
    /// The generation that answers; 0 takes the one that serves.
    package var generation: UInt64 = 0

    package init(name: String) { self.name = name }
  }

  package var name: String
  /// The scenario whose requests take part; empty means the default one.
  package var scenario = ""
  package var unit = Unit.user
  /// Changing it assigns everybody anew.
  package var salt = ""
  /// In the order of the configuration; the first is what others are compared with.
  package var arms: [Arm] = []

  package init(name: String) { self.name = name }
}
