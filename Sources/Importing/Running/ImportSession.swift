import Glibc
import MagpieClient

/// What an import knows of itself while it runs: counts, what is acknowledged, why it has to stop.
struct ImportSession {
  private let plan: ImportPlan
  private var state: ImportState
  private var prefix: AcknowledgedPrefix
  private var lastSave = ContinuousClock.now
  private var saveProblem: String?
  /// Rows that end at or before this were acknowledged to an earlier run.
  let resumedAt: UInt64
  /// What to tell at the start.
  private(set) var notes: [String] = []
  private(set) var fault: ImportFault?
  var progress = ImportProgress()
  var nextBatch = 0

  /// Looks for the state of an earlier run, and whether it still fits.
  init(_ plan: ImportPlan, directory: String, tenant: String, rows: RowStream) throws(ImportFault) {
    self.plan = plan
    let fresh = ImportState(
      directory: directory, tenant: tenant, kind: plan.kind.rawValue, options: Self.options(plan), offset: 0,
      checksum: 0, head: "")
    state = fresh
    var start = AcknowledgedPrefix.Mark(offset: 0, checksum: 0)
    if let path = plan.statePath, plan.isResuming, let found = ImportState.load(path) {
      var comparable = found
      (comparable.offset, comparable.checksum, comparable.head) = (0, 0, "")
      if comparable != fresh {
        notes.append("The state file \(path) belongs to another import; starting from the beginning.")
      } else if try !found.matches(file: plan.path) {
        notes.append(
          "The file has changed before the place reached; starting from the beginning. Nothing counts twice.")
      } else {
        state = found
        start = AcknowledgedPrefix.Mark(offset: found.offset, checksum: found.checksum)
        notes.append("Going on after \(found.offset) bytes that were imported before.")
      }
    }
    resumedAt = start.offset
    prefix = AcknowledgedPrefix(start)
    progress.bytesTotal = rows.sizeBytes
    progress.bytes = start.offset
  }

  private static func options(_ plan: ImportPlan) -> String {
    let columns = plan.columns.map { "\($0.column)=\($0.field)" }.sorted().joined(separator: ",")
    let type = plan.defaultType?.rawValue ?? ""
    let unit = plan.timeUnit?.rawValue ?? ""
    return
      "format=\(plan.format) map=\(columns) type=\(type) unit=\(unit) time=\(plan.fixedTime.map(String.init) ?? "")"
  }

  /// Counts a bad line. Returns whether the import may go on.
  mutating func tolerates(_ bad: BadLine, _ listener: some ImportListener) -> Bool {
    progress.errors += 1
    listener.complained(bad)
    if progress.errors <= plan.errorsMax { return true }
    stop(
      ImportFault(
        .badData,
        plan.errorsMax == 0
          ? "Stopped at line \(bad.line). Correct it and run the same command again, or skip bad lines with --max-errors."
          : "Stopped at line \(bad.line): more than \(plan.errorsMax) lines are bad. Correct them, or raise --max-errors, and run the same command again."
      ))
    return false
  }

  /// Takes note of the first reason to stop.
  mutating func stop(_ fault: ImportFault) { if self.fault == nil { self.fault = fault } }

  /// Takes the verdicts of a batch.
  mutating func absorb(_ receipt: Receipt, of batch: ImportBatch, _ listener: some ImportListener) {
    guard receipt.verdicts.count == batch.lines.count else {
      let message = "The daemon answered \(batch.lines.count) rows with \(receipt.verdicts.count) verdicts."
      return stop(
        ImportFault(
          .daemon(MagpieError(code: .internal, reason: "internal_error", message: message)), message))
    }
    var isTolerable = true
    for (line, verdict) in zip(batch.lines, receipt.verdicts) {
      switch verdict {
      case .accepted: progress.accepted += 1
      case .duplicate: progress.duplicates += 1
      case .rejected(let error):
        let bad = BadLine(line: line, reason: error.reason, message: error.message)
        if !tolerates(bad, listener) { isTolerable = false }
      }
    }
    progress.position = max(progress.position, receipt.position)
    // A batch with one refusal too many is sent again by the next run: it must not count as done.
    if isTolerable, prefix.acknowledge(batch.number, end: batch.end) {
      progress.bytes = prefix.mark.offset
      if ContinuousClock.now - lastSave > .seconds(1) { save() }
    }
    listener.progressed(progress)
  }

  /// Ends the import: forgets the state after success, keeps it for the next run otherwise.
  mutating func finish() throws(ImportFault) {
    if var fault {
      save()
      if let saveProblem {
        fault.message +=
          " How far it came could not be kept (\(saveProblem)), so the next run starts over; nothing counts twice."
      }
      throw fault
    }
    progress.bytes = progress.bytesTotal ?? prefix.mark.offset
    if let path = plan.statePath { unlink(path) }
  }

  /// Where the state cannot be kept, for instance beside a file in a read-only place, the import works all the same.
  private mutating func save() {
    guard let path = plan.statePath, prefix.mark.offset > 0 else { return }
    lastSave = .now
    do throws(ImportFault) {
      let known = try ImportState.prefix(
        of: plan.path, bytes: min(prefix.mark.offset, ImportState.headBytesMax))
      state.offset = prefix.mark.offset
      state.checksum = prefix.mark.checksum
      state.head = known.head
      try state.save(path)
      saveProblem = nil
    } catch {
      saveProblem = error.message
    }
  }
}
