import Locking
import Logging
import Storage
import Vocabulary

/// The write path without its threads: whoever owns it takes the steps of committer and store thread, in any order.
/// So a schedule can be repeated from a seed. It is the same code that the threads run.
///
/// Not sendable: one thread takes all steps.
package final class SteppedIngestor {
  /// What callers have: batches, positions. Its blocking calls are here instead.
  package let ingestor: Ingestor
  private let committer: Committer
  private let behind: WriteBehind
  private var isOver = false

  /// As `Ingestor.start`, without the threads.
  package init(
    _ directory: DataDirectory, settings: Settings, logger: Logger, limits: IngestionLimits = .standard
  ) throws(StorageFault) {
    let recovered = try Ingestor.recover(directory, settings, logger, limits, isThreaded: false)
    let queue = SubmissionQueue(bytesMax: limits.queueBytesMax)
    behind = recovered.behind
    committer = Committer(recovered, queue: queue, limits: limits)
    ingestor = Ingestor(
      live: recovered.live, path: recovered.path, store: recovered.behind.store, queue: queue, committer: nil,
      storeThread: nil)
    let behind = behind
    recovered.path.storeTurn.withLock { $0 = { behind.turn() } }
  }

  /// The committer's turn: everything that waits.
  package func commit() {
    guard ingestor.queue.count > 0 else { return }
    var batch: [Submission] = []
    if ingestor.queue.take(into: &batch) { committer.work(through: batch) }
  }

  /// The store thread's turn.
  package func store() { behind.turn() }

  /// As `Ingestor.seal`.
  package func seal() -> Result<Position, Fault> {
    run(.seal) { if case .sealed(let result) = $0 { result } else { nil } }
  }

  /// As `Ingestor.export`.
  package func export() -> Result<ExportPoint, Fault> {
    run(.export) { if case .exported(let result) = $0 { result } else { nil } }
  }

  /// As `Ingestor.pruneLog`.
  package func pruneLog(through position: Position, takenInBy time: Timestamp) -> Result<Int, Fault> {
    run(.prune(through: position, by: time)) { if case .pruned(let result) = $0 { result } else { nil } }
  }

  private func run<Value: Sendable>(
    _ work: Submission.Work, _ value: @escaping @Sendable (Submission.Answer) -> Result<Value, Fault>?
  ) -> Result<Value, Fault> {
    let answer = Locked<Result<Value, Fault>?>(nil)
    let submission = Submission(
      work: work, bytes: 0, deadline: .max, complete: { given in answer.withLock { $0 = value(given) } })
    if let fault = ingestor.queue.put(submission) { return .failure(fault) }
    commit()
    return answer.withLock { $0 } ?? .failure(Fault(.internalError, "The step gave no answer."))
  }

  /// As `Ingestor.stop`.
  package func stop() {
    guard !isOver else { return }
    isOver = true
    commit()
    ingestor.path.storeTurn.withLock { $0 = nil }
    ingestor.stop()
    committer.close()
    behind.run()
  }

  /// As `Ingestor.abandon`: what the death of the process leaves.
  package func abandon() {
    guard !isOver else { return }
    isOver = true
    ingestor.path.storeTurn.withLock { $0 = nil }
    ingestor.abandon()
    commit()
    committer.close()
    behind.run()
  }
}
