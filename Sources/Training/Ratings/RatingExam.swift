import Models
import Vocabulary

/// Held-out ratings: for each user asked, what they had rated before and what they rated then.
struct RatingExam: Sendable {
  private let users: [Asked]
  /// Ratings asked about.
  let count: Int

  private struct Asked: Sendable {
    var rated: [UInt32]
    var values: [Float]
    var items: [Int]
    var truth: [Float]
  }

  /// The ratings from `boundary` on of at most `TemporalSplit.queriesMax` users, drawn by hash. A user without earlier
  /// ratings is asked as well, and an item that nobody had rated asked about. O(events · log).
  init(_ data: Interactions, train: Interactions, boundary: Int64, seed: UInt64) {
    var isRated = [Bool](repeating: false, count: data.itemCount)
    for event in 0..<train.eventCount where train.eventType[event] == .rate {
      isRated[Int(train.eventItem[event])] = true
    }
    var asked = (0..<data.userCount).filter { user in
      data.events(of: user).contains { data.eventType[$0] == .rate && data.eventTime[$0] >= boundary }
    }
    if asked.count > TemporalSplit.queriesMax {
      let order = asked.map { (hash: StableHash.of(data.users[$0].bytes, seed: seed), user: $0) }
        .sorted { ($0.hash, $0.user) < ($1.hash, $1.user) }
      asked = order.prefix(TemporalSplit.queriesMax).map(\.user).sorted()
    }
    users = asked.map { user in
      let before = RatingLesson.newest(train, user: user)
      let then = RatingLesson.newest(data, user: user, from: boundary)
      return Asked(
        rated: before.map(\.item), values: before.map(\.value),
        items: then.map { isRated[Int($0.item)] ? Int($0.item) : data.itemCount }, truth: then.map(\.value))
    }
    count = users.reduce(0) { $0 + $1.items.count }
  }

  /// Root of the mean squared error, and mean absolute error.
  struct Errors: Sendable, Hashable {
    var rmse: Double
    var mae: Double
    var metrics: [String: Double] { ["RMSE": rmse, "MAE": mae] }
  }

  /// Sums user by user, in order, whatever the threads.
  func errors(of table: RatingTable, pool: ThreadPool) -> Errors {
    let sums = SharedArray<Double>(repeating: 0, count: 2 * users.count)
    let chunk = 32
    pool.run(tasks: ShardPass.chunks(of: users.count, size: chunk)) { _, task in
      for place in (task * chunk)..<min(users.count, (task + 1) * chunk) {
        let asked = users[place]
        let predicted = table.predict(rated: asked.rated, values: asked.values, asked: asked.items)
        for (rating, truth) in zip(predicted, asked.truth) {
          let error = rating - Double(truth)
          sums[2 * place] += error * error
          sums[2 * place + 1] += abs(error)
        }
      }
    }
    var (squares, sizes) = (0.0, 0.0)
    for place in users.indices {
      squares += sums[2 * place]
      sizes += sums[2 * place + 1]
    }
    let count = Double(max(1, count))
    return Errors(rmse: (squares / count).squareRoot(), mae: sizes / count)
  }
}
