import MagpieClient

/// Asks again what had no answer in time. A machine that stood still for a minute, as virtual ones do, is no fault of the
/// daemon, and everything an inspection asks may be asked twice: an event sent again is a duplicate at its position.
package enum Patience {
  private static let attempts = 4

  package static func ask<Reply: Sendable>(_ question: () async throws -> Reply) async throws -> Reply {
    for _ in 1..<attempts {
      do {
        return try await question()
      } catch let error as MagpieError where error.reason == "deadline_exceeded" {
        continue
      }
    }
    return try await question()
  }
}
