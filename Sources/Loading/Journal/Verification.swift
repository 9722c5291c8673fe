/// What asking for every event again has shown.
package struct Verification: Sendable, Hashable {
  /// Events the daemon acknowledged.
  package var acknowledged: UInt64 = 0
  /// Of those, answered `duplicate` at the position of the acknowledgement: there, once.
  package var present: UInt64 = 0
  /// Of those, taken as new: an acknowledged event was gone.
  package var lost: UInt64 = 0
  /// Of those, answered `duplicate` at another position.
  package var moved: UInt64 = 0
  /// Of those, refused: the identifier stands for something else now, or the daemon judges it anew.
  package var refused: UInt64 = 0
  /// Acknowledgements that name a position another one named before.
  package var repeated: UInt64 = 0
  /// Positions between the first and the last acknowledged one that no event of ours has: somebody else's, or an
  /// event that was stored twice. Nil if the span is too long to look.
  package var gaps: UInt64? = 0
  /// Events whose Ingest was never answered; any outcome is right, if it happened at most once.
  package var unknown: UInt64 = 0
  /// Of those, found present.
  package var unknownPresent: UInt64 = 0
  /// Whether others wrote at the same time, so that gaps say nothing.
  package var hasOtherWriters = false
  /// The first few events that were not as they should be.
  package var examples: [String] = []

  package init() {}

  /// Whether every acknowledged event is there exactly once.
  package var holds: Bool {
    lost == 0 && moved == 0 && refused == 0 && repeated == 0 && present == acknowledged
      && (hasOtherWriters || gaps == 0)
  }

  /// More would drown what matters.
  static let examplesMax = 10

  mutating func example(_ text: @autoclosure () -> String) {
    if examples.count < Self.examplesMax { examples.append(text()) }
  }
}
