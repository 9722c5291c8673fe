import Engine
import Storage
import Vocabulary

extension FuzzTarget {
  /// What was counted of lists. The first byte says whether the checksums of blocks are made right first, without which
  /// nothing behind them would ever be read.
  static let feedbackJournal = FuzzTarget(
    name: "feedback-journal", about: "the journal of feedback: blocks, the checkpoint, changes",
    seeds: {
      for journal in FeedbackSeeds.journals {
        var blocks: [[UInt8]] = []
        let whole = FeedbackJournal.decode(journal, identity: StorageSeeds.identity, into: &blocks)
        try expect(whole > FeedbackSeeds.headerBytes, "a seed is no journal")
        _ = try FeedbackLedger(blocks, remembering: 4)
      }
      return FeedbackSeeds.journals.map { [1] + $0 }
    },
    make: {
      { input in
        guard let first = input.first else { return }
        var bytes = Array(input.dropFirst())
        if first & 1 == 1 { FeedbackSeeds.repair(&bytes) }
        var blocks: [[UInt8]] = []
        let whole = FeedbackJournal.decode(bytes, identity: StorageSeeds.identity, into: &blocks)
        let expected = blocks.reduce(FeedbackSeeds.headerBytes) { $0 + 8 + $1.count }
        try expect(whole == (blocks.isEmpty ? whole : expected), "blocks do not fill what was read")
        try expect(whole <= bytes.count, "more was read than there is")
        guard let ledger = try? FeedbackLedger(blocks, remembering: 4) else { return }
        _ = ledger.reports(Timestamp(microseconds: 1_700_000_000_000_000)) { _ in 3 }
        // What a start has read it writes down, and the next start must be able to read that.
        let checkpoint = ledger.checkpoint
        let again: FeedbackLedger
        do {
          again = try FeedbackLedger([checkpoint], remembering: 4)
        } catch {
          throw BrokenProperty("what was read of a journal cannot be written and read again: \(error)")
        }
        try expect(again.checkpoint == checkpoint, "a checkpoint changes when it is read")
      }
    })

  private static let cursorSecret = PageCursor.Secret(life: 9, key: Array(0..<64))

  /// The cursor of a page. The first byte says what the rest is: a text as somebody may send it, or the bytes before the
  /// code, which is then made right; with the daemon's own run in them, or another.
  static let cursor = FuzzTarget(
    name: "cursor", about: "cursors of pages, as they are and with the code made right",
    seeds: {
      let secret = Self.cursorSecret
      let whole = PageCursor(method: .similar, place: 20, life: 9, number: 4)
      let plain: [UInt8] = [1, 32, 0, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 1]
      return [[0] + whole.text(.default, secret), [1] + plain, [2] + plain]
    },
    make: {
      let other = try TenantName("other")
      let secret = Self.cursorSecret
      return { input in
        guard let first = input.first else { return }
        var text = Array(input.dropFirst())
        if first % 3 > 0 {
          var plain = Array(text.prefix(24))
          plain.append(contentsOf: repeatElement(0, count: 24 - plain.count))
          if first % 3 == 2 {
            for place in 0..<8 {
              plain[8 + place] = UInt8(truncatingIfNeeded: secret.life >> UInt64(56 - 8 * place))
            }
          }
          text = PageCursor.text(sealing: plain, .default, secret)
        }
        guard let cursor = try? PageCursor(text, .default, secret) else { return }
        try expect(cursor.text(.default, secret) == text, "a cursor has two texts")
        // Nobody else may use it, and no digit of it may be another.
        try expect(
          (try? PageCursor(text, other, secret)) == nil, "a cursor serves another tenant")
        let place = Int(first) % text.count
        text[place] = text[place] == UInt8(ascii: "0") ? UInt8(ascii: "1") : UInt8(ascii: "0")
        try expect(
          (try? PageCursor(text, .default, secret)) == nil,
          "a cursor with digit \(place) altered is taken")
      }
    })
}
