import Glibc
import Vocabulary

extension Interactions {
  /// Days from the oldest event to the newest; 0 without events.
  package var spanDays: Double {
    guard let oldest = eventTime.min(), newestTime >= oldest else { return 0 }
    return (Double(newestTime) - Double(oldest)) / 86_400e6
  }

  /// `pairs`, each confidence times 2^(−age / half-life). The age of a pair is that of its newest positive event,
  /// counted from the newest event of all: what everybody did lately says more about what goes with what now
  /// (Ding and Li, "Time weight collaborative filtering", CIKM 2005). O(events · log).
  ///
  /// REQUIRES: pairs of these interactions, users as rows; halfLifeDays above zero.
  package func agedByCalendar(_ pairs: PairMatrix, halfLifeDays: Double) -> PairMatrix {
    aged(pairs, halfLifeDays: halfLifeDays) { _ in newestTime }
  }

  /// The same with ages counted from each user's own newest positive event, as the read path counts them: so a
  /// user who was away keeps their taste, and the same state always gives the same vector.
  package func agedByUser(_ pairs: PairMatrix, halfLifeDays: Double) -> PairMatrix {
    aged(pairs, halfLifeDays: halfLifeDays) { $0.max() ?? newestTime }
  }

  /// - Parameter now: the moment ages of a row are counted from, given the newest times of its pairs.
  private func aged(_ pairs: PairMatrix, halfLifeDays: Double, now: (ArraySlice<Int64>) -> Int64)
    -> PairMatrix
  {
    let times = newestTimes(pairs)
    var confidences = pairs.confidences
    for row in 0..<pairs.rowCount {
      let range = pairs.pairs(of: row)
      let moment = now(times[range])
      for pair in range {
        let days = max(0, (Double(moment) - Double(times[pair])) / 86_400e6)
        confidences[pair] *= max(Float(exp2(-days / halfLifeDays)), Confidence.fadingMin)
      }
    }
    return PairMatrix(
      rowStart: pairs.rowStart, columns: pairs.columns, confidences: confidences,
      columnCount: pairs.columnCount)
  }

  /// The time of each pair's newest positive event, in the order of the pairs. O(events · log).
  func newestTimes(_ pairs: PairMatrix) -> [Int64] {
    var times = [Int64](repeating: .min, count: pairs.pairCount)
    for user in 0..<pairs.rowCount {
      let range = pairs.pairs(of: user)
      for event in events(of: user) where eventWeight[event] > 0 {
        guard let place = pairs.place(of: eventItem[event], in: range) else { continue }
        times[place] = max(times[place], eventTime[event])
      }
    }
    return times
  }
}

extension PairMatrix {
  /// Where a column lies in a row's range, nil if it is not there. O(log).
  package func place(of column: UInt32, in range: Range<Int>) -> Int? {
    var (low, high) = (range.lowerBound, range.upperBound)
    while low < high {
      let middle = (low + high) / 2
      if columns[middle] < column { low = middle + 1 } else { high = middle }
    }
    return low < range.upperBound && columns[low] == column ? low : nil
  }
}
