import Synchronization
import Vocabulary

/// The state as it was at one position: LevelDB's files, held so that what is written afterwards does not show.
///
/// Unchecked because what holds the files is LevelDB's: one thread at a time uses it, the one that made it and then the one
/// that writes it out. LevelDB's own snapshots are not used: they bring out a bug in compaction that an iterator
/// alone does not.
package final class StateExport: @unchecked Sendable {
  package let position: Position
  private let store: StateStore
  private let held: any StateFiles
  private let isLetGo = Atomic<Bool>(false)

  fileprivate init(_ store: StateStore, _ held: any StateFiles, _ position: Position) {
    self.store = store
    self.held = held
    self.position = position
    store.hold()
  }

  deinit { letGo() }

  /// Ends the hold, after which nothing can be written out: LevelDB may then remove tables that only this kept.
  /// Idempotent. What forgets to say so ends it when the last reference goes.
  package func letGo() {
    if !isLetGo.exchange(true, ordering: .acquiringAndReleasing) { store.release(held.close) }
  }

  /// How many bytes will be written, but for what stands around them.
  package var bytes: UInt64 { held.files.reduce(0) { $0 &+ $1.bytes } }

  /// Writes the files out, reads them back, and checks them as a reader would. O(state), at about the speed of the disk.
  func write(to writer: FilesExportWriter) throws(StorageFault) -> FilesExportWriter.Written {
    guard !isLetGo.load(ordering: .acquiring) else {
      throw StorageFault(.stopped, file: store.path, "The export was let go already.")
    }
    return try writer.write(held)
  }
}

extension StateStore {
  /// Holds the state as it is now, for a snapshot.
  /// REQUIRES: the writing thread, between two batches. A store that is closed meanwhile keeps its files until the
  /// export is let go, which can then no longer be written out.
  package func beginExport() throws(StorageFault) -> StateExport {
    try requireUsable()
    return StateExport(self, try database.holdFiles(), Position(appliedValue.load(ordering: .relaxed)))
  }
}
