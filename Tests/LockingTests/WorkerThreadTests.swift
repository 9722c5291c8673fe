import Locking
import Testing

struct WorkerThreadTests {
  @Test func joiningWaitsForTheEnd() throws {
    let done = Locked(false)
    let release = Bell()
    let thread = try #require(
      WorkerThread("a name longer than the kernel keeps") {
        release.wait(milliseconds: 30_000)
        done.withLock { $0 = true }
      })
    #expect(!done.withLock { $0 })
    release.ring()
    thread.join()
    #expect(done.withLock { $0 })
    thread.join()
  }

  @Test func aRingIsKeptUntilSomebodyWaitsAndThenTaken() {
    let bell = Bell()
    bell.ring()
    bell.ring()
    #expect(bell.wait(milliseconds: 30_000))
    #expect(!bell.wait(milliseconds: 0), "several rings are one")
    let clock = ContinuousClock.now
    #expect(!bell.wait(milliseconds: 20))
    #expect(ContinuousClock.now - clock >= .milliseconds(20))
  }
}
