/// Sums that are built shard by shard.
///
/// Each shard has its own partial sums and the partials are added in shard order, so the result depends on
/// the shards and never on the threads. Another number of shards moves it by rounding only.
package enum ShardPass {
  /// Runs `body` for every shard with a zeroed array of `count` sums and returns the total.
  /// Memory: 8 · count · shards bytes.
  package static func sums(
    shards: Int, count: Int, pool: ThreadPool,
    _ body: @Sendable (_ shard: Int, _ sums: UnsafeMutablePointer<Double>) -> Void
  ) -> [Double] {
    let partials = SharedArray<Double>(repeating: 0, count: shards * count)
    pool.run(tasks: shards) { _, shard in body(shard, partials.pointer + shard * count) }
    var total = [Double](repeating: 0, count: count)
    for shard in 0..<shards {
      let partial = partials.pointer + shard * count
      for index in 0..<count { total[index] += partial[index] }
    }
    return total
  }

  /// `0..<count` cut into `chunks` of `size`: the tasks of a pass in which every row stands alone.
  package static func chunks(of count: Int, size: Int) -> Int { (count + size - 1) / size }
}
