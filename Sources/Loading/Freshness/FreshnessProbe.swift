import MagpieClient
import enum Vocabulary.ContinuousNanoseconds

/// What trials of freshness found.
package struct FreshnessResult: Sendable {
  package var trials: UInt64 = 0
  /// The very next request, on another connection, saw the event.
  package var fresh: UInt64 = 0
  /// It did not.
  package var stale: UInt64 = 0
  /// No event was acknowledged, or no list was given.
  package var failed: UInt64 = 0
  /// Of sending an event until its acknowledgement, and of asking until the list.
  package var acknowledgement = Latencies()
  package var list = Latencies()
  /// Seconds of all.
  package var duration = 0.0
  /// Some of those that are not fresh, in words.
  package var examples: [String] = []

  package init() {}

  /// Every trial was answered, and every one saw its event.
  package var holds: Bool { fresh == trials && trials > 0 }

  mutating func add(_ other: FreshnessResult) {
    trials += other.trials
    fresh += other.fresh
    stale += other.stale
    failed += other.failed
    acknowledgement.add(other.acknowledgement)
    list.add(other.list)
    for text in other.examples { example(text) }
  }

  mutating func example(_ text: @autoclosure () -> String) {
    if examples.count < 10 { examples.append(text()) }
  }
}

/// Reads its own writes through another connection: sends the first event of a user nobody knows, waits for the
/// acknowledgement, and asks for this user's list on another connection at once. The list must know the user, reach the
/// event's position, and not show the item.
///
/// No request of a trial names a position to wait for, so what is measured is the daemon's own promise.
package struct FreshnessProbe: Sendable {
  private let clients: [MagpieClient]
  private let run: String
  private let items: Int
  private let itemPrefix: String

  /// - Parameter plan: names the daemon, its connections, and the items; the run makes users' names new.
  package init(_ plan: LoadPlan) {
    clients = (0..<max(2, plan.connections)).map { _ in
      var configuration = MagpieClient.Configuration(host: plan.host, port: plan.port, tenant: plan.tenant)
      configuration.poolSize = 1
      return MagpieClient(configuration: configuration)
    }
    run = String(plan.run, radix: 16)
    items = plan.items.count
    itemPrefix = plan.items.prefix
  }

  /// - Parameters:
  ///   - concurrency: trials under way at once.
  ///   - progress: called now and then with the trials that are over.
  package func measure(
    trials: Int, concurrency: Int, progress: @escaping @Sendable (UInt64) -> Void = { _ in }
  ) async -> FreshnessResult {
    let began = ContinuousNanoseconds.now
    let workers = max(1, min(concurrency, trials))
    var result = await withTaskGroup(of: FreshnessResult.self) { group in
      for worker in 0..<workers {
        group.addTask {
          var own = FreshnessResult()
          for number in stride(from: worker, to: trials, by: workers) {
            let outcome = await trial(number)
            note(outcome, number, in: &own)
            // All are about equally far.
            if worker == 0 { progress(own.trials * UInt64(workers)) }
          }
          return own
        }
      }
      var sum = FreshnessResult()
      for await own in group { sum.add(own) }
      return sum
    }
    result.duration = Double(ContinuousNanoseconds.now &- began) / 1e9
    for client in clients { await client.shutdown() }
    return result
  }

  private enum Outcome: Sendable {
    case asked(position: UInt64, Slate, item: String, acknowledged: UInt64, listed: UInt64)
    case failed(String)
  }

  private func trial(_ number: Int) async -> Outcome {
    let user = "fresh-\(run)-\(number)"
    let item = "\(itemPrefix)\(number % items + 1)"
    do throws(MagpieError) {
      let began = ContinuousNanoseconds.now
      let receipt = try await clients[number % clients.count].ingest([Event(.view, user: user, item: item)])
      let acknowledged = ContinuousNanoseconds.now
      guard receipt.acceptedCount == 1 else { return .failed("the event was not accepted") }
      var query = RecommendQuery(user: user)
      query.k = 20
      query.seen = .hide
      let slate = try await clients[(number + 1) % clients.count].recommend(query)
      return .asked(
        position: receipt.position, slate, item: item, acknowledged: acknowledged &- began,
        listed: ContinuousNanoseconds.now &- acknowledged)
    } catch {
      return .failed("\(error)")
    }
  }

  private func note(_ outcome: Outcome, _ number: Int, in result: inout FreshnessResult) {
    result.trials += 1
    switch outcome {
    case .failed(let why):
      result.failed += 1
      result.example("trial \(number): \(why)")
    case .asked(let position, let slate, let item, let acknowledged, let listed):
      result.acknowledgement.record(acknowledged)
      result.list.record(listed)
      if let problem = Self.problem(slate, position: position, item: item) {
        result.stale += 1
        result.example("trial \(number), position \(position): \(problem)")
      } else {
        result.fresh += 1
      }
    }
  }

  /// Why a list was made without the event, or nil.
  static func problem(_ slate: Slate, position: UInt64, item: String) -> String? {
    if slate.fallbacks.contains(.unknownUser) { return "the list says that the user is unknown" }
    if slate.position < position { return "the list reaches position \(slate.position) only" }
    if slate.items.contains(where: { $0.item == item }) { return "the list shows what the user has seen" }
    return nil
  }
}
