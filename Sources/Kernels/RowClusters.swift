import CKernels

/// Which rows of a table lie near each other: what a scan needs to read only a part of a large table.
///
/// k-means in two levels (Lloyd 1982): √c coarse clusters, then each of those cut into clusters of about equal size, so a
/// row is compared with 2 √c centres and not with c. Nothing is random: the same rows give the same clusters.
///
/// Unchecked because the memory is written in `init` only.
package final class RowClusters: @unchecked Sendable {
  package let rowCount: Int
  package let width: Int
  /// Clusters; none is empty.
  package let count: Int
  /// The row in each slot, `magpie_no_row` where a cluster ends before its last block does.
  let order: UnsafeMutableBufferPointer<UInt32>
  /// The first block of each cluster, and the end.
  let firstBlocks: [UInt32]
  /// The mean of each cluster's rows, one after the other.
  let centres: UnsafeMutableBufferPointer<Float>
  /// The root of the mean squared distance of each cluster's rows to its centre.
  let spreads: [Float]
  /// Distances of some rows to their centres, each divided by the spread of its cluster: they show how rows spread in the
  /// direction of a vector.
  let samples: UnsafeMutableBufferPointer<Float>
  let sampleCount: Int

  private static let iterations = 5
  /// Rows that a centre is learned from, at most.
  private static let learnedFrom = 32
  private static let samplesMax = 256

  /// Bytes for each row of so many columns, with so many rows: its slot's number, and its part in the centres.
  package static func bytesPerRow(width: Int, rows: Int) -> Double {
    let share = Double(clusterCount(rows: rows)) / Double(max(1, rows))
    // A cluster ends half a block early on average: codes, scales and slot numbers of no row.
    return 4 + share * (Double(4 * width + 8) + 7.5 * Double(width + 12))
  }

  /// 4 √rows: then centres and what is read of the clusters grow alike.
  static func clusterCount(rows: Int) -> Int { max(1, Int(4 * Double(rows).squareRoot())) }

  /// O(rows · width · √(4 √rows)).
  /// REQUIRES: 1 <= width, rows.count a multiple of width and less than 2^32 - 1 rows.
  package init(_ rows: UnsafeBufferPointer<Float>, width: Int) {
    precondition(width >= 1 && rows.count % width == 0, "rows that are no table")
    (rowCount, self.width) = (rows.count / width, width)
    let wanted = Self.clusterCount(rows: rowCount)
    let all = (0..<rowCount).map { UInt32(truncatingIfNeeded: $0) }
    var groups: [[UInt32]] = []
    for part in Self.split(all, of: rows, width: width, into: Int(Double(wanted).squareRoot())) {
      let share = Int((Double(part.count) * Double(wanted) / Double(max(1, rowCount))).rounded())
      groups += Self.split(part, of: rows, width: width, into: share)
    }
    count = groups.count
    let block = Int(magpie_scan_rows)
    var firstBlocks: [UInt32] = [0]
    firstBlocks.reserveCapacity(count + 1)
    for group in groups {
      firstBlocks.append((firstBlocks.last ?? 0) + UInt32((group.count + block - 1) / block))
    }
    self.firstBlocks = firstBlocks
    order = .allocate(capacity: Int(firstBlocks.last ?? 0) * block)
    order.initialize(repeating: magpie_no_row)
    centres = .allocate(capacity: count * width)
    centres.initialize(repeating: 0)
    var spreads = [Float](repeating: 0, count: count)
    for (cluster, group) in groups.enumerated() {
      let first = Int(firstBlocks[cluster]) * block
      for (place, row) in group.enumerated() { order[first + place] = row }
      Self.mean(
        of: group, rows, width,
        into: UnsafeMutableBufferPointer(rebasing: centres[cluster * width..<(cluster + 1) * width]))
      var squared = 0.0
      for row in group {
        for column in 0..<width {
          let rest = rows[Int(row) * width + column] - centres[cluster * width + column]
          squared += Double(rest * rest)
        }
      }
      spreads[cluster] = Float((squared / Double(max(1, group.count))).squareRoot())
    }
    self.spreads = spreads
    sampleCount = min(Self.samplesMax, count)
    samples = .allocate(capacity: sampleCount * width)
    samples.initialize(repeating: 0)
    for place in 0..<sampleCount {
      let cluster = place * count / max(1, sampleCount)
      let group = groups[cluster]
      guard spreads[cluster] > 0 else { continue }
      let row = Int(group[place * 7 % group.count])
      for column in 0..<width {
        samples[place * width + column] =
          (rows[row * width + column] - centres[cluster * width + column]) / spreads[cluster]
      }
    }
  }

  deinit {
    order.deallocate()
    centres.deallocate()
    samples.deallocate()
  }

  private static func mean(
    of group: [UInt32], _ rows: UnsafeBufferPointer<Float>, _ width: Int,
    into centre: UnsafeMutableBufferPointer<Float>
  ) {
    centre.update(repeating: 0)
    for row in group { for column in 0..<width { centre[column] += rows[Int(row) * width + column] } }
    let part = 1 / Float(max(1, group.count))
    for column in 0..<width { centre[column] *= part }
  }

  /// Parts of some rows that lie near each other, none empty, each in ascending order.
  private static func split(
    _ members: [UInt32], of rows: UnsafeBufferPointer<Float>, width: Int, into parts: Int
  ) -> [[UInt32]] {
    guard parts > 1, members.count > parts else { return members.isEmpty ? [] : [members] }
    let nearest = NearestCentre(count: parts, width: width)
    let step = max(1, members.count / (parts * learnedFrom))
    let lesson = stride(from: 0, to: members.count, by: step).map { members[$0] }
    for part in 0..<parts { nearest.set(part, to: [lesson[part * lesson.count / parts]], rows) }
    for _ in 0..<iterations {
      let groups = nearest.group(lesson, rows)
      // One that nobody is near to stays where it is.
      for (part, group) in groups.enumerated() where !group.isEmpty { nearest.set(part, to: group, rows) }
    }
    return nearest.group(members, rows).filter { !$0.isEmpty }
  }

  /// Centres, and which of them is the nearest to a row.
  private final class NearestCentre {
    private let count: Int
    private let width: Int
    private var centres: [Float]
    /// ‖c‖² / 2: ‖v − c‖² is least where v · c − ‖c‖² / 2 is largest.
    private var halves: [Float]
    private var scores: [Float]

    init(count: Int, width: Int) {
      (self.count, self.width) = (count, width)
      centres = [Float](repeating: 0, count: count * width)
      halves = [Float](repeating: 0, count: count)
      scores = halves
    }

    func set(_ part: Int, to group: [UInt32], _ rows: UnsafeBufferPointer<Float>) {
      centres.withUnsafeMutableBufferPointer { centres in
        let centre = UnsafeMutableBufferPointer(rebasing: centres[part * width..<(part + 1) * width])
        RowClusters.mean(of: group, rows, width, into: centre)
        halves[part] = centre.reduce(0) { $0 + $1 * $1 } / 2
      }
    }

    func group(_ members: [UInt32], _ rows: UnsafeBufferPointer<Float>) -> [[UInt32]] {
      var groups = [[UInt32]](repeating: [], count: count)
      centres.withUnsafeBufferPointer { centres in
        scores.withUnsafeMutableBufferPointer { scores in
          for row in members {
            let vector = UnsafeBufferPointer(rebasing: rows[Int(row) * width..<(Int(row) + 1) * width])
            Scoring.scoreRows(centres, vector, into: scores)
            var (best, largest) = (0, -Float.infinity)
            for part in 0..<count where scores[part] - halves[part] > largest {
              (best, largest) = (part, scores[part] - halves[part])
            }
            groups[best].append(row)
          }
        }
      }
      return groups
    }
  }
}
