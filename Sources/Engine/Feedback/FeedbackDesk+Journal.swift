import Ingestion
import Storage
import Vocabulary

/// The counts over restarts: entries go to a journal as they are applied, and what a crash kept from it is in the event log.
extension FeedbackDesk {
  /// Journal entries behind the last mark cost a look at the log again; so one is set at least this often.
  private static let markMicroseconds: Int64 = 5_000_000

  /// Makes the ledger what it was: the journal's checkpoint, its entries, and then the events of the log that the journal
  /// does not know of. Joining an event twice counts it once, so nothing depends on where exactly it ends.
  func recover(_ state: inout State) {
    do throws(StorageFault) {
      let (journal, found) = try FeedbackJournal.open(directory)
      state.journal = journal
      for path in found.setAside {
        logger.warning(
          "The counts of feedback could not be read; the file was set aside and they begin anew.",
          metadata: ["event": "feedback_set_aside", "file": "\(path)"])
      }
      if found.blocks.isEmpty {
        // Nothing before now can be joined: no list is known.
        state.ledger.apply(.mark(ingestor.applied), remembering: state.settings.lists)
        return
      }
      do throws(MalformedBytes) {
        state.ledger = try FeedbackLedger(found.blocks, remembering: state.settings.lists)
      } catch {
        let path = try journal.reject() ?? ""
        logger.warning(
          "The counts of feedback could not be read (\(error.what) at byte \(error.offset)); the file was set aside and they begin anew.",
          metadata: ["event": "feedback_set_aside", "file": "\(path)"])
        state.ledger = FeedbackLedger()
        state.ledger.apply(.mark(ingestor.applied), remembering: state.settings.lists)
        return
      }
      try joinMissing(&state)
      try journal.begin(state.ledger.checkpoint)
      state.marked = .now
      logger.info(
        "The counts of feedback are as they were.",
        metadata: [
          "event": "feedback_restored", "lists": "\(state.ledger.lists.count)",
          "torn_bytes": "\(found.tornBytes)",
        ])
    } catch {
      giveUp(&state, error)
    }
  }

  /// Joins the events of the log that the journal has no word of.
  private func joinMissing(_ state: inout State) throws(StorageFault) {
    let through = ingestor.applied
    guard state.ledger.through < through else {
      // A directory that was restored to an earlier moment brings no journal; an older log than the counts is none of ours.
      return
    }
    var reader = try LogReader(
      path: directory.logPath, from: Position(state.ledger.through.value &+ 1), through: through,
      on: directory.disk)
    while let record = try reader.next() {
      for (offset, entry) in record.entries.enumerated() {
        let position = Position(record.firstPosition.value &+ UInt64(offset))
        guard position > state.ledger.through, case .event(let event) = entry.change,
          let attributed = AttributedEvent(event, of: entry.tenant, at: position),
          let named = NamedEvent(attributed, record.ingestTime)
        else { continue }
        state.ledger.apply(.event(named), remembering: state.settings.lists)
      }
    }
    state.ledger.apply(.mark(through), remembering: state.settings.lists)
  }

  /// Writes what the journal lacks, with how far events were looked at; in a new file where the old one is large.
  func writeJournal(_ state: inout State, _ now: Timestamp, isLast: Bool = false) {
    defer { state.unwritten.removeAll() }
    guard !state.hasJournalFailed, let journal = state.journal, !state.ledger.isEmpty else { return }
    let isDue = now.microseconds &- state.marked.microseconds >= Self.markMicroseconds
    guard !state.unwritten.bytes.isEmpty || isDue || isLast else { return }
    do throws(StorageFault) {
      if journal.bytes == 0 || journal.bytes >= Limits.feedbackFileBytes + state.checkpointBytes {
        let checkpoint = state.ledger.checkpoint
        try journal.begin(checkpoint)
        state.checkpointBytes = UInt64(checkpoint.count)
      } else {
        FeedbackEntry.mark(state.ledger.through).write(into: &state.unwritten)
        try journal.append(state.unwritten.bytes)
      }
      state.marked = now
    } catch {
      giveUp(&state, error)
    }
  }

  private func giveUp(_ state: inout State, _ error: StorageFault) {
    // Once is enough: counting goes on in memory.
    state.hasJournalFailed = true
    logger.error(
      "The counts of feedback cannot be kept and will begin anew at the next start: \(error).",
      metadata: ["event": "feedback_journal_failed"])
  }
}
