import Foundation
import Glibc
import Ingestion
import LiveState
import Logging
import Storage
import Vocabulary

/// A data directory of its own with a running write path, for one test.
final class Rig {
  let root: String
  private(set) var directory: DataDirectory
  private(set) var live: LiveState
  private(set) var ingestor: Ingestor

  /// - Parameter interval: long, so that only `stop` stores, unless a test wants otherwise.
  init(
    tenants: [TenantName] = [.default], interval: Int64 = 3_600_000, limits: IngestionLimits = .standard
  ) throws {
    root = NSTemporaryDirectory() + "magpie-ingestion-" + UUID().uuidString
    try DataDirectory.initialize(at: root)
    (directory, live, ingestor) = try Self.open(root, tenants, interval, limits)
  }

  deinit {
    ingestor.abandon()
    directory.close()
    try? FileManager.default.removeItem(atPath: root)
  }

  private static func open(
    _ root: String, _ tenants: [TenantName], _ interval: Int64, _ limits: IngestionLimits
  ) throws -> (DataDirectory, LiveState, Ingestor) {
    var settings = Settings()
    settings.storeIntervalMilliseconds = interval
    let directory = try DataDirectory.open(at: root)
    settings.tenants = tenants
    do {
      let ingestor = try Ingestor.start(directory, settings: settings, logger: quietLogger, limits: limits)
      return (directory, ingestor.live, ingestor)
    } catch {
      directory.close()
      throw error
    }
  }

  static var quietLogger: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }

  enum Ending {
    /// Everything is stored.
    case stop
    /// Nothing more is stored: the next start replays.
    case crash
  }

  /// Ends the write path and starts another one on the same directory.
  /// - Parameter between: what happens to the directory meanwhile.
  func restart(
    _ ending: Ending, tenants: [TenantName] = [.default], interval: Int64 = 3_600_000,
    limits: IngestionLimits = .standard, between: (String) throws -> Void = { _ in }
  ) throws {
    switch ending {
    case .stop: ingestor.stop()
    case .crash: ingestor.abandon()
    }
    directory.close()
    try between(root)
    (directory, live, ingestor) = try Self.open(root, tenants, interval, limits)
  }

  struct Missing: Error {}

  func tenant(_ name: TenantName = .default) throws -> LiveTenant {
    guard let tenant = live.tenant(name) else { throw Missing() }
    return tenant
  }

  // MARK: Requests

  func ingest(
    _ events: [EventDraft], tenant: TenantName = .default, deadline: UInt64 = .max
  ) async -> Outcome {
    var request = IngestEventsRequest()
    request.events = events
    return await withCheckedContinuation { continuation in
      ingestor.ingest(request, tenant: tenant, deadline: deadline) { continuation.resume(returning: $0) }
    }
  }

  func put(items: [ItemDraft]) async -> Outcome {
    var request = PutItemsRequest()
    request.items = items
    return await withCheckedContinuation { continuation in
      ingestor.put(request, tenant: .default) { continuation.resume(returning: $0) }
    }
  }

  func put(users: [UserDraft]) async -> Outcome {
    var request = PutUsersRequest()
    request.users = users
    return await withCheckedContinuation { continuation in
      ingestor.put(request, tenant: .default) { continuation.resume(returning: $0) }
    }
  }

  func delete(items: [String]) async -> Outcome {
    var request = DeleteItemsRequest()
    request.items = items.map { Array($0.utf8) }
    return await withCheckedContinuation { continuation in
      ingestor.delete(request, tenant: .default) { continuation.resume(returning: $0) }
    }
  }

  func seal() async -> Result<Position, Fault> {
    await withCheckedContinuation { continuation in
      ingestor.seal { continuation.resume(returning: $0) }
    }
  }
}

/// A purchase a little before now, unless told otherwise.
func event(
  _ id: String, user: String = "u", item: String = "i", type: EventType = .purchase,
  time: Int64 = 1_780_000_000_000_000, value: Double? = nil
) -> EventDraft {
  var draft = EventDraft()
  draft.id = Array(id.utf8)
  draft.type = Int32(type.rawValue)
  draft.user = Array(user.utf8)
  draft.item = Array(item.utf8)
  draft.timeMicroseconds = time
  draft.value = value
  return draft
}

func item(_ id: String, title: String = "") -> ItemDraft {
  var draft = ItemDraft()
  draft.id = Array(id.utf8)
  draft.title = Array(title.utf8)
  return draft
}

extension Outcome {
  /// The verdicts of a reply to any of the batch methods; nil for a fault.
  var batch: VerdictsReply? {
    switch self {
    case .success(.ingestEvents(let reply)), .success(.putItems(let reply)), .success(.putUsers(let reply)),
      .success(.deleteItems(let reply)):
      reply
    default: nil
    }
  }

  var reason: FaultReason? {
    if case .failure(let fault) = self { return fault.reason }
    return nil
  }
}

extension Verdict {
  /// Short notation for comparisons: `+7` accepted there, `=7` duplicate of it, `-reason` rejected.
  var shown: String {
    switch self {
    case .accepted(let position): "+\(position.value)"
    case .duplicate(let position): "=\(position.value)"
    case .rejected(let fault): "-\(fault.reason.rawValue)"
    }
  }
}

extension Outcome {
  var shown: [String] { batch?.verdicts.map(\.shown) ?? ["fault \(reason?.rawValue ?? "?")"] }
}
