import Vocabulary

extension MagpieClient {
  /// Sends events. The receipt holds one verdict for each, in the order sent; a refused event does not stop the
  /// others. At most 10,000 events in one call.
  ///
  /// With `committed`, the default, an accepted event is on stable storage and the next `recommend` reflects it.
  public func ingest(
    _ events: [Event], durability: Durability = .committed, timeout: Duration? = nil
  ) async throws(MagpieError) -> Receipt {
    try await ingest(events, durability: durability, timeout: timeout, submitted: nil)
  }

  /// As the public form; `submitted` is called once, as soon as the batch's place among others on a client with
  /// one connection is settled. A caller that waits for it before the next batch keeps their order.
  package func ingest(
    _ events: [Event], durability: Durability = .committed, timeout: Duration?,
    submitted: (@Sendable () -> Void)?
  ) async throws(MagpieError) -> Receipt {
    var request = IngestEventsRequest()
    request.events = events.map { EventDraft($0) }
    request.durability = Vocabulary.Durability(durability)
    let reply = try await call(.ingestEvents(request), timeout: timeout, submitted: submitted)
    guard case .ingestEvents(let verdicts) = reply else { throw mismatch(.ingestEvents) }
    return Receipt(verdicts)
  }

  /// Puts items into the catalogue; each replaces the entry of the same identifier whole.
  public func putItems(_ items: [Item], timeout: Duration? = nil) async throws(MagpieError) -> Receipt {
    try await putItems(items, timeout: timeout, submitted: nil)
  }

  /// As the public form; `submitted` as for `ingest`.
  package func putItems(
    _ items: [Item], timeout: Duration?, submitted: (@Sendable () -> Void)?
  ) async throws(MagpieError) -> Receipt {
    var request = PutItemsRequest()
    request.items = items.map { ItemDraft($0) }
    let reply = try await call(.putItems(request), timeout: timeout, submitted: submitted)
    guard case .putItems(let verdicts) = reply else { throw mismatch(.putItems) }
    return Receipt(verdicts)
  }

  /// Puts user profiles; each replaces the profile of the same identifier whole. Behaviour is untouched.
  public func putUsers(_ users: [UserProfile], timeout: Duration? = nil) async throws(MagpieError) -> Receipt
  {
    try await putUsers(users, timeout: timeout, submitted: nil)
  }

  /// As the public form; `submitted` as for `ingest`.
  package func putUsers(
    _ users: [UserProfile], timeout: Duration?, submitted: (@Sendable () -> Void)?
  ) async throws(MagpieError) -> Receipt {
    var request = PutUsersRequest()
    request.users = users.map { UserDraft($0) }
    let reply = try await call(.putUsers(request), timeout: timeout, submitted: submitted)
    guard case .putUsers(let verdicts) = reply else { throw mismatch(.putUsers) }
    return Receipt(verdicts)
  }

  /// Takes items out of the catalogue; they are never shown again until they are put again.
  public func deleteItems(_ ids: [String], timeout: Duration? = nil) async throws(MagpieError) -> Receipt {
    var request = DeleteItemsRequest()
    request.items = ids.map { Array($0.utf8) }
    let reply = try await call(.deleteItems(request), timeout: timeout)
    guard case .deleteItems(let verdicts) = reply else { throw mismatch(.deleteItems) }
    return Receipt(verdicts)
  }
}
