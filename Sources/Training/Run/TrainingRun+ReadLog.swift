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
  func readLog() throws(TrainingFault) -> Interactions {
    var builder = InteractionsBuilder(
      weights: settings.weights, segmentAttributes: settings.segmentAttributes)
    if through > .zero {
      do throws(StorageFault) {
        var reader = try LogReader(path: logPath, from: Position(1), through: through)
        while let record = try reader.next() {
          for entry in record.entries where entry.tenant == tenant { builder.apply(entry.change) }
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
    return builder.finish(shards: settings.shards)
  }
}
