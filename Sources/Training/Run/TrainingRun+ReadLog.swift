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
  /// - Parameter isAgain: the progress was told of a first reading already.
  func readLog(through: Position, isAgain: Bool = false) throws(TrainingFault) -> Interactions {
    var builder = InteractionsBuilder(
      weights: settings.weights, segmentAttributes: settings.segmentAttributes)
    var share = 1.0
    if through > .zero {
      do throws(StorageFault) {
        var reader = try LogReader(path: logPath, from: Position(1), through: through)
        while let record = try reader.next() {
          for entry in record.entries where entry.tenant == tenant { builder.apply(entry.change) }
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
    return builder.finish(shards: settings.shards)
  }
}
