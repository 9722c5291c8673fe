import Locking
import Vocabulary

/// An answer, once it is there.
final class Answer: Sendable {
  private let outcome = Locked<Outcome?>(nil)

  var value: Outcome? { outcome.withLock { $0 } }
  func set(_ outcome: Outcome) { self.outcome.withLock { $0 = outcome } }
}
