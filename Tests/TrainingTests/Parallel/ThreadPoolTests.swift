import Synchronization
import Testing
import Training

@Suite struct ThreadPoolTests {
  @Test(arguments: [1, 2, 5]) func runsEveryTaskOnceRunAfterRun(threads: Int) {
    let pool = ThreadPool(threads: threads)
    for tasks in [0, 1, 3, 1000] {
      let counts = SharedArray<Int>(repeating: 0, count: tasks)
      let workerIsValid = Atomic<Bool>(true)
      pool.run(tasks: tasks) { worker, task in
        counts[task] += 1
        if worker < 0 || worker >= threads { workerIsValid.store(false, ordering: .relaxed) }
      }
      #expect(counts.array() == [Int](repeating: 1, count: tasks))
      let valid = workerIsValid.load(ordering: .relaxed)
      #expect(valid)
    }
  }

  @Test func neverGivesOneWorkerToTwoTasksAtOnce() {
    let pool = ThreadPool(threads: 4)
    let busy = (0..<4).map { _ in AtomicFlag() }
    let clashes = Atomic<Int>(0)
    pool.run(tasks: 2000) { worker, _ in
      if busy[worker].value.exchange(true, ordering: .acquiring) { clashes.add(1, ordering: .relaxed) }
      busy[worker].value.store(false, ordering: .releasing)
    }
    let count = clashes.load(ordering: .relaxed)
    #expect(count == 0)
  }

  private final class AtomicFlag: Sendable {
    let value = Atomic<Bool>(false)
  }

  @Test func shardSumsDoNotDependOnThreads() {
    func sums(_ threads: Int) -> [Double] {
      ShardPass.sums(shards: 9, count: 3, pool: ThreadPool(threads: threads)) { shard, sums in
        for index in 0..<3 { sums[index] = 1 / Double(3 * shard + index + 1) }
      }
    }
    #expect(sums(1) == sums(4))
    var expected = 0.0
    for shard in 0..<9 { expected += 1 / Double(3 * shard + 1) }
    #expect(abs(sums(1)[0] - expected) < 1e-12)
  }
}
