/// Tokens that failures spend and successes earn; an empty purse stops retries, so that many clients do not
/// drown a daemon that struggles. The rule is gRPC's (proposal A6, "throttling").
package struct RetryBudget: Sendable {
  private var tokens: Double
  private let tokensMax: Double
  private let refill: Double

  package init(_ policy: RetryPolicy) {
    tokensMax = policy.budget
    tokens = policy.budget
    refill = policy.budgetRefill
  }

  /// A call was answered.
  package mutating func succeeded() { tokens = min(tokensMax, tokens + refill) }

  /// A call failed in a way that might be retried. Returns whether it may be.
  package mutating func failed() -> Bool {
    tokens = max(0, tokens - 1)
    return tokens > tokensMax / 2
  }
}
