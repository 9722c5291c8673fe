import LiveState
import Vocabulary

/// What one fdatasync makes durable: whole submissions, the entries they add to the log, and their outcomes.
///
/// Invariant: entry i has position first + i.
struct CommitGroup {
  private(set) var submissions: [Submission] = []
  private(set) var bytes = 0
  private var candidateCount = 0

  private(set) var first: UInt64 = 0
  private(set) var ingestTime = Timestamp.zero
  private(set) var entries: [LogEntry] = []
  /// The different tenants of the entries; few.
  private(set) var tenants: [LiveTenant] = []
  private(set) var outcomes: [Outcome] = []
  var unstored: [UnstoredEvents.Row] = []

  private var verdicts: [Verdict] = []
  private var highest = Position.zero

  var isEmpty: Bool { submissions.isEmpty }

  /// The position the next accepted entry gets.
  var next: Position { Position(first &+ UInt64(entries.count)) }
  /// REQUIRES: there are entries.
  var last: Position { Position(first &+ UInt64(entries.count) &- 1) }

  /// Whether a submission fits. One alone always does: requests are bounded below the group's limits.
  func hasRoom(for submission: Submission) -> Bool {
    bytes + submission.bytes <= Limits.commitGroupBytesMax
      && candidateCount + submission.entries <= Limits.commitGroupEntriesMax
  }

  mutating func add(_ submission: Submission) {
    submissions.append(submission)
    bytes += submission.bytes
    candidateCount += submission.entries
  }

  /// Starts deciding. Then, submission by submission: `note` or `accept` for each candidate and `close`, or
  /// `refuse` for the whole.
  mutating func begin(at first: UInt64, ingestTime: Timestamp) {
    self.first = first
    self.ingestTime = ingestTime
    entries.reserveCapacity(candidateCount)
    outcomes.reserveCapacity(submissions.count)
  }

  mutating func note(_ verdict: Verdict) {
    if case .duplicate(let position) = verdict { highest = max(highest, position) }
    verdicts.append(verdict)
  }

  mutating func accept(_ change: LogEntry.Change, of tenant: LiveTenant) {
    let position = next
    highest = max(highest, position)
    verdicts.append(.accepted(position))
    entries.append(LogEntry(tenant: tenant.name, change: change))
    if !tenants.contains(where: { $0 === tenant }) { tenants.append(tenant) }
  }

  mutating func close(_ index: Int) {
    var reply = VerdictsReply()
    swap(&reply.verdicts, &verdicts)
    reply.position = highest
    highest = .zero
    guard case .changes(_, _, let wrap) = submissions[index].work else { return }
    outcomes.append(.success(wrap(reply)))
  }

  mutating func refuse(_ index: Int, _ fault: Fault) { outcomes.append(.failure(fault)) }

  /// Empties the group; its storage is reused.
  mutating func removeAll() {
    submissions.removeAll(keepingCapacity: true)
    entries.removeAll(keepingCapacity: true)
    tenants.removeAll(keepingCapacity: true)
    outcomes.removeAll(keepingCapacity: true)
    unstored.removeAll(keepingCapacity: true)
    verdicts = []
    highest = .zero
    bytes = 0
    candidateCount = 0
  }
}
