import Vocabulary

extension MagpieClient {
  /// How the daemon is.
  public func status(timeout: Duration? = nil) async throws(MagpieError) -> StatusReport {
    guard case .status(let report) = try await call(.status(StatusRequest()), timeout: timeout) else {
      throw mismatch(.status)
    }
    return StatusReport(report)
  }

  /// Starts making a generation from everything logged so far, and returns its number. `status` tells how it
  /// goes. Never retried after it was sent: a second training would start.
  /// - Parameter tuneMinutes: how long to search for settings before; 0 leaves it to the daemon's configuration.
  public func train(tuneMinutes: Int = 0, timeout: Duration? = nil) async throws(MagpieError) -> UInt64 {
    var request = TrainRequest()
    request.tuneMinutes = UInt32(clamping: tuneMinutes)
    guard case .train(let reply) = try await call(.train(request), timeout: timeout) else {
      throw mismatch(.train)
    }
    return reply.generation.value
  }

  /// Tells the daemon to end in order, as SIGTERM does, and returns how long it waits for requests in flight at most.
  public func drain(timeout: Duration? = nil) async throws(MagpieError) -> Duration {
    guard case .drain(let reply) = try await call(.drain(DrainRequest()), timeout: timeout) else {
      throw mismatch(.drain)
    }
    return .seconds(reply.seconds)
  }

  /// The tenant's generations, newest first.
  public func generations(timeout: Duration? = nil) async throws(MagpieError) -> [GenerationSummary] {
    try await generations(.list, 0, timeout)
  }

  /// Serves generation `number` from now on; returns all generations, newest first.
  /// - Parameter force: also one that the gate refused.
  /// - Throws: `generation_refused` if the gate refused it and nobody insists.
  public func promote(
    generation number: UInt64, force: Bool = false, timeout: Duration? = nil
  ) async throws(MagpieError) -> [GenerationSummary] {
    try await generations(.promote, number, force: force, timeout)
  }

  /// Serves the newest usable generation older than the serving one; returns all generations, newest first.
  public func rollback(timeout: Duration? = nil) async throws(MagpieError) -> [GenerationSummary] {
    try await generations(.rollback, 0, timeout)
  }

  private func generations(
    _ action: GenerationsRequest.Action, _ number: UInt64, force: Bool = false, _ timeout: Duration?
  ) async throws(MagpieError) -> [GenerationSummary] {
    var request = GenerationsRequest()
    request.action = action
    request.generation = number
    request.force = force
    guard case .generations(let reply) = try await call(.generations(request), timeout: timeout) else {
      throw mismatch(.generations)
    }
    return reply.generations.map { GenerationSummary($0) }
  }

  /// What the daemon knows of items: one report for each identifier, in the order asked.
  public func items(_ ids: [String], timeout: Duration? = nil) async throws(MagpieError) -> [ItemReport] {
    var request = GetItemsRequest()
    request.items = ids.map { Array($0.utf8) }
    guard case .getItems(let reply) = try await call(.getItems(request), timeout: timeout) else {
      throw mismatch(.getItems)
    }
    return reply.items.map { ItemReport($0) }
  }

  /// What the daemon knows of a user.
  /// - Throws: `user_unknown` if it has never heard of them.
  public func user(_ id: String, timeout: Duration? = nil) async throws(MagpieError) -> UserReport {
    var request = GetUserRequest()
    request.user = Array(id.utf8)
    guard case .getUser(let reply) = try await call(.getUser(request), timeout: timeout) else {
      throw mismatch(.getUser)
    }
    return UserReport(reply)
  }
}
