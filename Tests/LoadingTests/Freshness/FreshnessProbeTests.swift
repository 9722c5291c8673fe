import Loading
import Testing
import Vocabulary

struct FreshnessProbeTests {
  private func measure(_ fault: LoadHandler.Misbehaviour, trials: Int) async throws -> FreshnessResult {
    try await LoadTarget.run(fault) { target in
      let plan = try target.plan(mix: "check", rate: 1, seconds: 1)
      return await FreshnessProbe(plan).measure(trials: trials, concurrency: 8)
    }
  }

  @Test func aDaemonThatKeepsItsWordIsBelieved() async throws {
    let result = try await measure(.none, trials: 300)
    #expect(result.trials == 300)
    #expect(result.fresh == 300)
    #expect(result.holds)
    #expect(result.acknowledgement.count == 300)
    #expect(result.list.count == 300)
    #expect(result.examples.isEmpty)
  }

  @Test func eachStaleListIsFoundOut() async throws {
    let result = try await measure(.forget(every: 10), trials: 300)
    #expect(result.stale == 30)
    #expect(result.fresh == 270)
    #expect(!result.holds)
    #expect(result.examples.count == 10)
    #expect(result.examples.allSatisfy { $0.contains("reaches position 0 only") })
  }

  @Test func whatIsNotAnsweredIsNotFresh() async throws {
    let result = try await measure(.fail(every: 100), trials: 100)
    // A trial whose event was refused asks for no list.
    #expect(result.failed >= 1)
    #expect(result.fresh + result.failed == 100)
    #expect(!result.holds)
  }

  @Test func nothingTriedIsNothingShown() async throws {
    #expect(!FreshnessResult().holds)
  }
}
