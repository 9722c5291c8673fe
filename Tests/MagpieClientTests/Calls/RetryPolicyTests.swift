import MagpieClient
import Testing

import struct Vocabulary.Fault

@Suite struct RetryPolicyTests {
  @Test func waitsGrowUpToTheirCap() {
    var policy = RetryPolicy()
    policy.firstBackoff = .milliseconds(10)
    policy.backoffMax = .milliseconds(65)
    let fault = Fault(.draining, "")
    let upper = (1...6).map { policy.backoff(after: $0, fault: fault, random: 1) }
    #expect(upper == [10, 20, 40, 65, 65, 65].map { .milliseconds($0) })
    #expect(policy.backoff(after: 1_000_000, fault: fault, random: 1) == .milliseconds(65))
    #expect(policy.backoff(after: 4, fault: fault, random: 0) == .zero)
  }

  @Test func addsWhatTheDaemonAsksFor() {
    var policy = RetryPolicy()
    policy.firstBackoff = .milliseconds(10)
    let fault = Fault(.queueFull, "", retryAfterMilliseconds: 200)
    #expect(policy.backoff(after: 1, fault: fault, random: 0) == .milliseconds(200))
    #expect(policy.backoff(after: 1, fault: fault, random: 1) == .milliseconds(210))
  }

  @Test func whatWasNeverSentMayAlwaysGoOut() {
    let policy = RetryPolicy()
    let lost = Fault(.connectionLost, "")
    #expect(policy.mayRetry(CallFailure(lost, wasSent: false), isSafe: false))
    #expect(!policy.mayRetry(CallFailure(lost, wasSent: true), isSafe: false))
    #expect(policy.mayRetry(CallFailure(lost, wasSent: true), isSafe: true))
    #expect(!policy.mayRetry(CallFailure(Fault(.deadlineExceeded, ""), wasSent: false), isSafe: true))
  }

  @Test func aBudgetRecoversSlowly() {
    var policy = RetryPolicy()
    policy.budget = 4
    policy.budgetRefill = 0.5
    var budget = RetryBudget(policy)
    // 4 tokens: the first failure leaves 3, more than half; the next ones do not.
    #expect((0..<3).map { _ in budget.failed() } == [true, false, false])
    for _ in 0..<4 { budget.succeeded() }
    // 1 + 2 = 3 tokens; this failure leaves 2, which is not more than half.
    #expect((0..<1).map { _ in budget.failed() } == [false])
    for _ in 0..<100 { budget.succeeded() }
    #expect((0..<1).map { _ in budget.failed() } == [true])
  }

  @Test func durationsNeverTrap() {
    #expect(Duration.seconds(-5).nanosecondsClamped == 0)
    #expect(Duration.seconds(Int64.max).nanosecondsClamped == UInt64(Int64.max))
    #expect(Duration.milliseconds(3).nanosecondsClamped == 3_000_000)
  }
}
