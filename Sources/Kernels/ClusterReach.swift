import CKernels

/// Which clusters a scan reads. The score of a row is that of its cluster's centre and a rest; what rests are like in the
/// direction of a vector is seen from the samples. A cluster is read unless a rest of `reach` standard deviations would
/// not lift a row above the threshold: no bound, but nearly always one. Most promising clusters first, for a high
/// threshold at once.
///
/// Memory of one thread. Not sendable.
final class ClusterReach {
  private let clusters: Int
  private let width: Int
  private let reach: Float
  private let bounds: UnsafeMutableBufferPointer<Float>
  private let numbers: UnsafeMutableBufferPointer<UInt32>
  private let rests: UnsafeMutableBufferPointer<Float>
  private let firstNumbers: UnsafeMutableBufferPointer<UInt32>
  private let firstBounds: UnsafeMutableBufferPointer<Float>

  /// Standard deviations. Were rests normal, the largest of the 250 of a cluster would be 2.8 of them away; those of items
  /// that are popular and not in one cluster are further. docs/performance.md has what is lost.
  static let usual: Float = 6
  /// Clusters that are read in their order.
  private static let firstMax = 64

  init(_ clusters: RowClusters, reach: Float) {
    (self.clusters, width, self.reach) = (clusters.count, clusters.width, reach)
    bounds = .allocate(capacity: clusters.count)
    bounds.initialize(repeating: 0)
    numbers = .allocate(capacity: clusters.count)
    for number in 0..<clusters.count {
      numbers.initializeElement(at: number, to: UInt32(truncatingIfNeeded: number))
    }
    rests = .allocate(capacity: clusters.sampleCount)
    rests.initialize(repeating: 0)
    firstNumbers = .allocate(capacity: Self.firstMax)
    firstNumbers.initialize(repeating: 0)
    firstBounds = .allocate(capacity: Self.firstMax)
    firstBounds.initialize(repeating: 0)
  }

  deinit {
    bounds.deallocate()
    numbers.deallocate()
    rests.deallocate()
    firstNumbers.deallocate()
    firstBounds.deallocate()
  }

  func fits(_ clusters: RowClusters) -> Bool {
    self.clusters == clusters.count && width == clusters.width && rests.count == clusters.sampleCount
  }

  /// Calls `scan` with the first block and the number of blocks of each cluster to be read; it returns the threshold as
  /// it is then. Returns the slots that were read. O(clusters · width).
  func visit(
    _ clusters: RowClusters, _ vector: UnsafeBufferPointer<Float>, _ scan: (Int, Int) -> Float
  ) -> Int {
    Scoring.scoreRows(UnsafeBufferPointer(clusters.centres), vector, into: bounds)
    Scoring.scoreRows(UnsafeBufferPointer(clusters.samples), vector, into: rests)
    let squared = rests.reduce(Float(0)) { $0 + $1 * $1 } / Float(max(1, rests.count))
    let lift = reach * squared.squareRoot()
    for cluster in 0..<self.clusters { bounds[cluster] += lift * clusters.spreads[cluster] }
    let first = magpie_best(
      bounds.baseAddress, numbers.baseAddress, self.clusters, Self.firstMax, firstNumbers.baseAddress,
      firstBounds.baseAddress)
    var (threshold, read) = (-Float.infinity, 0)
    for place in 0..<first where firstBounds[place] >= threshold {
      let cluster = Int(firstNumbers[place])
      bounds[cluster] = -.infinity
      threshold = visit(cluster, clusters, scan, &read)
    }
    for cluster in 0..<self.clusters where bounds[cluster] >= threshold && bounds[cluster] > -.infinity {
      threshold = visit(cluster, clusters, scan, &read)
    }
    return read
  }

  @inline(__always)
  private func visit(
    _ cluster: Int, _ clusters: RowClusters, _ scan: (Int, Int) -> Float, _ read: inout Int
  ) -> Float {
    let first = Int(clusters.firstBlocks[cluster])
    let blocks = Int(clusters.firstBlocks[cluster + 1]) - first
    read += blocks * Int(magpie_scan_rows)
    return scan(first, blocks)
  }
}
