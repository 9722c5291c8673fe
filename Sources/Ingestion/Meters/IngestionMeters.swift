import Metering
import Vocabulary

/// What the write path counts about itself. Every field is one addition for whoever counts; times are nanoseconds.
package final class IngestionMeters: Sendable {
  /// From being queued to being looked at by the committer.
  package let queueWait = Histogram()
  /// One commit group: from the first decision to the last answer.
  package let commit = Histogram()
  /// fdatasync of the log, one for each group.
  package let logSync = Histogram()
  /// fdatasync of the superblock, before each round of storing that has something new.
  package let superblockSync = Histogram()
  /// From a batch's arrival to the moment from which every read sees it. It is answered after that.
  package let receivedToVisible = Histogram()
  /// From being durable to the same moment, one for each group.
  package let durableToVisible = Histogram()
  /// Events that name a list and found no room on the way to the feedback desk.
  package let unattributed = Counter()
  /// One batch into LevelDB.
  package let stateWrite = Histogram()
  /// One round of storing.
  package let storeRound = Histogram()
  /// Sealing a segment: write, fdatasync, a new file, and its directory.
  package let seal = Histogram()
  /// Log entries in a commit group.
  package let groupEntries = Histogram()

  /// Entries made durable, by kind.
  package let accepted = CounterTable<AcceptedKind>()
  package let duplicates = Counter()
  /// Batches refused because they waited too long for the committer.
  package let overloaded = Counter()
  /// Verdicts "rejected", by reason.
  package let rejected = CounterTable<FaultReason>()
  /// 1 while ingest is refused because the disk is nearly full.
  package let diskLow = Gauge()

  package enum AcceptedKind: String, Sendable, Hashable, CaseIterable {
    case event
    case item
    case itemDeletion = "item_deletion"
    case user
  }

  /// Runs `body` and records what it took, also where it throws.
  func timed<Value, Failure: Error>(
    _ histogram: Histogram, _ body: () throws(Failure) -> Value
  ) throws(Failure) -> Value {
    let began = ContinuousNanoseconds.now
    defer { histogram.record(ContinuousNanoseconds.now &- began) }
    return try body()
  }

  /// Counts what a group made durable.
  func count(_ entries: [LogEntry]) {
    var counts: (events: UInt64, items: UInt64, deletions: UInt64, users: UInt64) = (0, 0, 0, 0)
    for entry in entries {
      switch entry.change {
      case .event: counts.events += 1
      case .putItem: counts.items += 1
      case .deleteItem: counts.deletions += 1
      case .putUser: counts.users += 1
      }
    }
    groupEntries.record(UInt64(entries.count))
    accepted.add(.event, counts.events)
    accepted.add(.item, counts.items)
    accepted.add(.itemDeletion, counts.deletions)
    accepted.add(.user, counts.users)
  }
}
