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
