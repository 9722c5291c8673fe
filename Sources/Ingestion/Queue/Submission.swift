import LiveState
import Vocabulary

/// One request on its way to the committer.
struct Submission: Sendable {
  /// One thing of a batch after validation, in the order sent.
  enum Candidate: Sendable {
    case change(LogEntry.Change)
    case rejected(Fault)
  }

  enum Work: Sendable {
    case changes([Candidate], of: LiveTenant, wrap: @Sendable (VerdictsReply) -> Reply)
    case seal
    /// Hold the state at the position everything before leads up to.
    case export
    /// Remove segments that lie up to `through` and were taken in by `by`.
    case prune(through: Position, by: Timestamp)
  }

  /// What became of it.
  enum Answer: Sendable {
    case reply(Outcome)
    /// Last position in sealed segments.
    case sealed(Result<Position, Fault>)
    case exported(Result<ExportPoint, Fault>)
    /// Segments removed.
    case pruned(Result<Int, Fault>)
  }

  var work: Work
  /// About as many bytes as the log record will have.
  var bytes: Int
  /// Monotonic nanoseconds after which nobody waits: what was not begun by then is not done.
  var deadline: UInt64
  /// Whether events that the committer refuses become dead letters.
  var keepsRefused = false
  /// Monotonic nanoseconds at which it was made.
  let queued = ContinuousNanoseconds.now
  /// Monotonic nanoseconds at which the request's last byte arrived.
  var received = ContinuousNanoseconds.now
  /// Called exactly once, on the committer's thread.
  var complete: @Sendable (Answer) -> Void

  func fail(_ fault: Fault) {
    switch work {
    case .changes: complete(.reply(.failure(fault)))
    case .seal: complete(.sealed(.failure(fault)))
    case .export: complete(.exported(.failure(fault)))
    case .prune: complete(.pruned(.failure(fault)))
    }
  }

  /// How many entries it may add to the log.
  var entries: Int {
    if case .changes(let candidates, _, _) = work { return candidates.count }
    return 0
  }
}

extension LogEntry.Change {
  /// About how many bytes the entry takes in the log. Never much less: queue and group limits rest on it.
  var approximateBytes: Int {
    switch self {
    case .event(let event):
      64 + event.id.bytes.count + event.user.bytes.count + (event.item?.bytes.count ?? 0)
        + (event.session?.bytes.count ?? 0) + (event.recommendation?.bytes.count ?? 0)
        + event.query.utf8.count
    case .putItem(let item):
      128 + item.id.bytes.count + item.title.utf8.count + item.text.utf8.count
        + item.categories.reduce(0) { $0 + 8 + $1.utf8.count } + (item.owner?.bytes.count ?? 0)
        + Self.bytes(item.attributes, item.vectors) + item.members.reduce(0) { $0 + 8 + $1.bytes.count }
    case .deleteItem(let id): 32 + id.bytes.count
    case .putUser(let profile): 64 + profile.id.bytes.count + Self.bytes(profile.attributes, profile.vectors)
    }
  }

  private static func bytes(_ attributes: [String: AttributeValue], _ vectors: [NamedVector]) -> Int {
    var sum = 0
    for (name, value) in attributes {
      sum += 24 + name.utf8.count
      switch value {
      case .text(let text): sum += text.utf8.count
      case .texts(let texts): sum += texts.reduce(0) { $0 + 8 + $1.utf8.count }
      case .number, .flag: break
      }
    }
    for vector in vectors { sum += 24 + vector.name.utf8.count + 4 * vector.values.count }
    return sum
  }
}
