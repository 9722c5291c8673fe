import Foundation
import Loading
import Locking
import MagpieClient

/// What goes on beside the writers: readers, and now and then snapshots, trainings, promotions or dead letters. Each goes
/// on until its task is cancelled or the daemon is gone.
struct Company: Sendable {
  let client: MagpieClient
  let seed: UInt64
  let counts: Locked<Counts>

  struct Counts: Sendable {
    var snapshots = 0
    var switches = 0
    var complaints: [String] = []
  }

  private func complain(_ what: String, _ error: MagpieError) {
    // What a daemon may say that is full, stopping, busy or gone.
    let isExpected: [MagpieError.Code] = [
      .unavailable, .resourceExhausted, .failedPrecondition, .cancelled, .deadlineExceeded,
    ]
    guard !isExpected.contains(error.code) else { return }
    counts.withLock { if $0.complaints.count < 10 { $0.complaints.append("\(what): \(error)") } }
  }

  /// Asks as a shop does. Any error but "not now" is a problem: a disk in trouble is none of a reader's.
  func read() async {
    var numbers = SplitMix(seed: seed, stream: 0x4ead)
    while !Task.isCancelled {
      do throws(MagpieError) {
        let user = "user-\(numbers.next() % 3)-\(numbers.next() % 20)"
        _ = try await client.recommend(RecommendQuery(user: user, k: 10), timeout: .seconds(10))
        _ = try await client.similar(
          SimilarQuery(item: "item-\(numbers.next() % UInt64(Script.items))"), timeout: .seconds(10))
      } catch {
        if error.reason == "connection_lost" { return }
        if error.code != .notFound { complain("read", error) }
      }
      try? await Task.sleep(for: .milliseconds(5))
    }
  }

  func act(_ activity: Round.Activity) async {
    while !Task.isCancelled {
      do throws(MagpieError) {
        switch activity {
        case .none: return
        case .snapshots, .pruning: try await snapshot()
        case .trainings: try await train()
        case .promotions: try await promote()
        case .deadLetters: try await refuse()
        }
      } catch {
        if error.reason == "connection_lost" { return }
        // A snapshot or a generation that cannot be made for lack of space says so as an internal error.
        if error.code != .internal { complain("\(activity)", error) }
        try? await Task.sleep(for: .milliseconds(50))
      }
    }
  }

  private func snapshot() async throws(MagpieError) {
    var status = try await client.createSnapshot().status
    while status.state == .creating {
      try? await Task.sleep(for: .milliseconds(10))
      if Task.isCancelled { return }
      status = try await client.snapshots().status
    }
    if status.state == .succeeded { counts.withLock { $0.snapshots += 1 } }
    try? await Task.sleep(for: .milliseconds(20))
  }

  private func train() async throws(MagpieError) {
    _ = try await client.train()
    var state = TrainingState.running
    while state == .running {
      try? await Task.sleep(for: .milliseconds(20))
      if Task.isCancelled { return }
      state = try await client.status().tenants.first?.training.state ?? .idle
    }
    if state == .succeeded { counts.withLock { $0.switches += 1 } }
  }

  /// To and fro between the newest two; trains where there are not so many.
  private func promote() async throws(MagpieError) {
    let numbers = try await client.generations().map(\.number)
    guard numbers.count > 1 else { return try await train() }
    for number in numbers.prefix(2).reversed() {
      _ = try await client.promote(generation: number, force: true)
      counts.withLock { $0.switches += 1 }
    }
  }

  /// Uses the identifier of an event for another one, which is refused and kept, and then forgets what is kept.
  private func refuse() async throws(MagpieError) {
    let known = Event(
      .view, user: "stranger", item: "item-1", timeMicroseconds: 1_700_000_000_000_000, id: "w0-0")
    let receipt = try await client.ingest([known])
    if case .accepted? = receipt.verdicts.first {
      counts.withLock {
        $0.complaints.append("the identifier w0-0 was free, though an event was acknowledged under it")
      }
    }
    _ = try await client.dropDeadLetters(.oldest)
    try? await Task.sleep(for: .milliseconds(20))
  }
}
