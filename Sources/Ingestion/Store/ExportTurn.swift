import FaultPoints
import Locking
import Storage
import Vocabulary

/// How the committer, which holds still, has the store thread take hold of the state at exactly the last position.
///
///     committer                        store thread
///     want ─▶ ring, wait               round: LevelDB reaches the last position
///                          ◀─ take hold, give
///     go on
final class ExportTurn: Sendable {
  private enum Turn: Sendable {
    case idle
    case wanted
    case given(Result<StateExport, StorageFault>)
  }

  private let turn = Locked(Turn.idle)

  /// The committer: asks, and waits until the store thread has answered or the write path has ended.
  /// REQUIRES: nothing is committed meanwhile.
  func take(_ path: WritePath) -> Result<StateExport, StorageFault>? {
    turn.withLock { $0 = .wanted }
    while !path.isFenced, !path.isAbandoned {
      path.waitForStore(milliseconds: 20)
      let given: Result<StateExport, StorageFault>? = turn.withLock { turn in
        guard case .given(let result) = turn else { return nil }
        turn = .idle
        return result
      }
      if let given { return given }
    }
    turn.withLock { $0 = .idle }
    return nil
  }

  /// The store thread, after a round: takes hold of the state if that is wanted and it is where it must be.
  func serve(store: StateStore, path: WritePath) {
    guard !path.isFenced, path.stored == path.applied else { return }
    turn.withLock { turn in
      guard case .wanted = turn else { return }
      do throws(StorageFault) {
        turn = .given(.success(try store.beginExport()))
        FaultPoints.reach(.exportHeld)
      } catch {
        turn = .given(.failure(error))
      }
    }
  }
}
