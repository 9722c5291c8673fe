/// What the source `near` takes for near.
package struct NearSettings: Sendable, Hashable {
  /// What is further away is not near, kilometres.
  package var kilometres = 10.0
  /// Distance at which nearness counts half, kilometres.
  package var halfKilometres = 1.0
  package init() {}

  package var proximity: Proximity {
    Proximity(kilometresMax: kilometres, halfKilometres: halfKilometres)
  }
}
