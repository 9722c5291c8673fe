import Storage
import Vocabulary

extension TrainingRun {
  /// Makes sure that there is a log before anything is made beside it: a wrong path must stay untouched.
  func checkLog() throws(TrainingFault) {
    do throws(StorageFault) {
      _ = try LogReader(path: logPath, from: Position(1), through: through)
    } catch {
      throw TrainingFault(error)
    }
  }

  /// Reads the tenant's changes up to `through`. Refuses as soon as what was read would not fit any more.
  /// - Parameter servedTo: the last position the serving generation was trained on.
  /// - Returns: also the newest time among the events it learned from, `Int64.min` without any: an event of a later time
  ///   is certainly unknown to it, wherever it stands in the log.
  func readLog(servedTo: Position) throws(TrainingFault) -> (data: Interactions, servedUntil: Int64) {
    var servedUntil = Int64.min
    var builder = InteractionsBuilder(
      weights: settings.weights, segmentAttributes: settings.segmentAttributes)
    if through > .zero {
      do throws(StorageFault) {
        var reader = try LogReader(path: logPath, from: Position(1), through: through)
        while let record = try reader.next() {
          for (place, entry) in record.entries.enumerated() where entry.tenant == tenant {
            builder.apply(entry.change)
            if record.firstPosition.value + UInt64(place) <= servedTo.value, let time = learned(entry.change)
            {
              servedUntil = max(servedUntil, time)
            }
          }
          if builder.bytes > settings.memoryLimitBytes { break }
          report(.read, Double(reader.bytesRead) / Double(max(1, reader.bytesTotal)))
        }
      } catch {
        throw TrainingFault(error)
      }
    }
    if builder.bytes > settings.memoryLimitBytes {
      throw TrainingFault(
        .memoryLimit,
        """
        Reading \(builder.eventCount) events so far needs up to \(builder.bytes) bytes; memory-limit is \
        \(settings.memoryLimitBytes). Raise it.
        """)
    }
    return (builder.finish(shards: settings.shards), servedUntil)
  }

  /// The time of an event that models learn from, nil for anything else.
  private func learned(_ change: LogEntry.Change) -> Int64? {
    guard case .event(let event) = change, settings.weights[event.type] != 0, event.item != nil else {
      return nil
    }
    return event.time.microseconds
  }
}
