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

  /// Reads the tenant's changes up to a position. Refuses as soon as what was read would not fit any more.
  /// - Parameters:
  ///   - servedTo: the last position the serving generation was trained on.
  ///   - isAgain: the progress was told of a first reading already.
  /// - Returns: also the newest time among the events it learned from, `Int64.min` without any: an event of a later time
  ///   is certainly unknown to it, wherever it stands in the log.
  func readLog(through: Position, servedTo: Position, isAgain: Bool = false) throws(TrainingFault) -> (
    data: Interactions, servedUntil: Int64
  ) {
    var servedUntil = Int64.min
    var builder = InteractionsBuilder(
      weights: settings.weights, segmentAttributes: settings.segmentAttributes,
      contentBytesMax: settings.content ? settings.memoryLimitBytes / 8 : 0)
    var share = 1.0
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
          share = min(1, Double(reader.bytesRead) / Double(max(1, reader.bytesTotal)))
          if builder.bytes > settings.memoryLimitBytes { break }
          if !isAgain { report(.read, share) }
        }
      } catch {
        throw TrainingFault(error)
      }
    }
    if builder.bytes > settings.memoryLimitBytes {
      throw TrainingFault(
        .memoryLimit,
        """
        Reading \(builder.eventCount) events, \(Int(share * 100)) % of the log, needs up to \(builder.bytes) bytes; \
        memory-limit is \(settings.memoryLimitBytes). Reading the whole log needs about \
        \(builder.projectedBytes(share: share)), training on it more: raise memory-limit, or give types of events \
        that say little the weight 0.
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
