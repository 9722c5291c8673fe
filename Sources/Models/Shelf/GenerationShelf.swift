import Vocabulary

/// The generations of one tenant: `generations/TENANT/`. Holds no state but the path.
///
/// REQUIRES: one process changes the shelf at a time (the daemon; a trainer only makes its own directory).
package struct GenerationShelf: Sendable {
  package let path: String

  /// Does not touch the disk.
  package init(path: String) { self.path = path }

  /// Path of a generation's directory.
  package func path(of number: GenerationNumber) -> String { fatalError() }

  /// One directory on the shelf.
  package struct Entry: Sendable {
    package let number: GenerationNumber
    /// Nil if it cannot be read; then `problem` says why.
    package let manifest: Manifest?
    /// Why it cannot be served, or empty.
    package let problem: String

    /// For replies.
    package func summary(isServing: Bool) -> GenerationSummary { fatalError() }
  }

  /// Newest first. Reads manifests and file sizes, not contents: `Generation.open` verifies those.
  package func list() throws(ModelFault) -> [Entry] { fatalError() }

  /// The generation `current` points to, nil if there is no `current`.
  package func current() throws(ModelFault) -> GenerationNumber? { fatalError() }

  /// Points `current` at a generation, atomically and durably. The caller has opened it before.
  package func promote(_ number: GenerationNumber) throws(ModelFault) { fatalError() }

  /// Takes the next number: larger than every number taken before, also by generations that failed or were removed.
  /// Durable before it returns.
  package func nextNumber() throws(ModelFault) -> GenerationNumber { fatalError() }

  /// Removes all but the newest `count` and the current one. Returns what was removed.
  package func prune(keep count: Int) throws(ModelFault) -> [GenerationNumber] { fatalError() }

  /// Removes what an interrupted trainer, promotion or prune left behind.
  /// REQUIRES: no trainer of this tenant is running.
  package func sweepPartials() throws(ModelFault) { fatalError() }
}
