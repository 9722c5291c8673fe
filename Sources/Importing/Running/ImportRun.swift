import FoundationEssentials
import Glibc
import MagpieClient
import Reading

/// One import from start to end: rows into batches, batches to the daemon in order and several at once, verdicts back
/// to lines, progress to the state file.
package struct ImportRun<Listener: ImportListener> {
  private let plan: ImportPlan
  private let client: MagpieClient
  private let listener: Listener

  /// - Parameter client: with a pool of one connection batches leave in the order of the file.
  package init(_ plan: ImportPlan, client: MagpieClient, listener: Listener) {
    self.plan = plan
    self.client = client
    self.listener = listener
  }

  private struct BatchEnd: Sendable {
    var batch: ImportBatch
    var result: Result<Receipt, MagpieError>
  }

  /// Runs to the end, to the first fault, or to one bad line too many. What was acknowledged stays so.
  package func run() async throws(ImportFault) -> ImportProgress {
    var rows = try RowStream(plan)
    let defaultType = plan.defaultType ?? (rows.hasRatings ? .rate : .purchase)
    let directory: String
    do throws(MagpieError) {
      directory = try await client.hello(client: "magpie import").directory
    } catch {
      throw ImportFault(.daemon(error), error.message)
    }
    var session = try ImportSession(
      plan, directory: directory, tenant: client.configuration.tenant, rows: rows)
    var notes = rows.notes
    if plan.kind == .events, !rows.hasTypes {
      notes.append("Events without a type are of type \(defaultType.rawValue).")
    }
    listener.started(notes + session.notes)
    var builder = ThingBuilder(plan, defaultType: defaultType)

    await withTaskGroup(of: BatchEnd.self) { group in
      var inFlight = 0
      let inFlightMax = plan.kind == .events ? max(1, plan.inFlightMax) : 1
      while let batch = nextBatch(&rows, &builder, &session) {
        await withCheckedContinuation { submitted in
          group.addTask {
            do throws(MagpieError) {
              let receipt = try await batch.send(client, timeout: plan.timeout) { submitted.resume() }
              return BatchEnd(batch: batch, result: .success(receipt))
            } catch {
              return BatchEnd(batch: batch, result: .failure(error))
            }
          }
        }
        inFlight += 1
        while inFlight >= inFlightMax, let end = await group.next() {
          inFlight -= 1
          absorb(end, &session)
        }
        if session.fault != nil { break }
      }
      while let end = await group.next() { absorb(end, &session) }
    }
    try session.finish()
    return session.progress
  }

  /// The next batch; nil at the end of the file, or once the import has to stop.
  private func nextBatch(
    _ rows: inout RowStream, _ builder: inout ThingBuilder, _ session: inout ImportSession
  ) -> ImportBatch? {
    if session.fault != nil { return nil }
    var batch: ImportBatch? = ImportBatch(number: session.nextBatch, kind: plan.kind, end: rows.mark)
    var bytes = 0
    do throws(ImportFault) {
      while bytes < plan.batchBytes, (batch?.lines.count ?? 0) < plan.batchRows {
        guard let row = try rows.next() else { break }
        let isKnown = rows.mark.offset <= session.resumedAt
        do throws(BadLine) {
          let row = try row.get()
          if isKnown {
            var nothing: ImportBatch?
            _ = try add(row, to: &nothing, &builder)
            session.progress.skipped += 1
          } else {
            bytes += try add(row, to: &batch, &builder)
          }
        } catch {
          // The earlier run has told of it already.
          if !isKnown, !session.tolerates(error, listener) { break }
        }
        batch?.end = rows.mark
      }
    } catch {
      session.stop(error)
    }
    guard let batch, !batch.lines.isEmpty else { return nil }
    session.nextBatch += 1
    return batch
  }

  private func add(
    _ row: Row, to batch: inout ImportBatch?, _ builder: inout ThingBuilder
  ) throws(BadLine) -> Int {
    do throws(Problem) {
      return try builder.add(row, to: &batch)
    } catch {
      throw BadLine(line: row.line, reason: error.reason, message: error.message)
    }
  }

  private func absorb(_ end: BatchEnd, _ session: inout ImportSession) {
    switch end.result {
    case .failure(let error):
      session.stop(ImportFault(.daemon(error), error.message))
    case .success(let receipt):
      session.absorb(receipt, of: end.batch, listener)
    }
  }
}
