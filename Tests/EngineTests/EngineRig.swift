import Engine
import Foundation
import Glibc
import Logging
import Models
import Storage
import Vocabulary

/// An engine on a data directory of its own, called as a transport would.
final class EngineRig {
  let root: String
  private(set) var engine: Engine
  private var scratch: EngineScratch
  var settings: Settings
  /// What the engine logged.
  let log: KeptLog

  init(_ change: (inout Settings) -> Void = { _ in }) throws {
    root = NSTemporaryDirectory() + "magpie-engine-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    var settings = Settings()
    settings.storeIntervalMilliseconds = 20
    settings.training.program = root + "/trainer"
    change(&settings)
    self.settings = settings
    log = KeptLog(settings.logLevel)
    try DataDirectory.initialize(at: root + "/data")
    engine = try Self.start(root, settings, log)
    scratch = engine.makeScratch()
  }

  deinit {
    engine.stop()
    try? FileManager.default.removeItem(atPath: root)
  }

  private static func start(_ root: String, _ settings: Settings, _ log: KeptLog) throws -> Engine {
    try Engine.start(
      try DataDirectory.open(at: root + "/data"), settings: settings, configurationHash: 7, version: "test",
      gauge: ConnectionGauge(), logger: Logger(label: "test") { _ in log })
  }

  func restart() throws { try whileStopped {} }

  /// Restarts, with something done in between.
  func whileStopped(_ body: () throws -> Void) throws {
    engine.stop()
    try body()
    engine = try Self.start(root, settings, log)
    scratch = engine.makeScratch()
  }

  /// One request, answered at once or later.
  func call(
    _ request: Request, tenant: TenantName = .default, deadline: UInt64 = .max
  ) async -> Outcome {
    let call = Call(
      tenant: tenant, deadline: deadline, received: ContinuousNanoseconds.now, cancellation: Cancellation())
    return await withCheckedContinuation { continuation in
      let answered =
        engine.answer(request, for: call, using: scratch)
        ?? engine.handle(request, for: call, using: scratch) { continuation.resume(returning: $0) }
      if let answered { continuation.resume(returning: answered) }
    }
  }

  // MARK: Requests

  func ingest(_ rows: [(user: String, item: String)]) async -> VerdictsReply? {
    var request = IngestEventsRequest()
    request.events = rows.map { row in
      var draft = EventDraft()
      draft.id = Array(UUID().uuidString.utf8)
      draft.type = Int32(EventType.purchase.rawValue)
      draft.user = Array(row.user.utf8)
      draft.item = Array(row.item.utf8)
      return draft
    }
    guard case .success(.ingestEvents(let reply)) = await call(.ingestEvents(request)) else { return nil }
    return reply
  }

  func put(_ items: [(id: String, title: String)]) async {
    var request = PutItemsRequest()
    request.items = items.map { item in
      var draft = ItemDraft()
      draft.id = Array(item.id.utf8)
      draft.title = Array(item.title.utf8)
      return draft
    }
    _ = await call(.putItems(request))
  }

  func recommend(_ user: String, _ change: (inout RecommendRequest) -> Void = { _ in }) async -> Outcome {
    var request = RecommendRequest()
    request.user = Array(user.utf8)
    change(&request)
    return await call(.recommend(request))
  }

  func status() async throws -> StatusReport {
    guard case .success(.status(let report)) = await call(.status(StatusRequest())) else {
      throw Unexpected()
    }
    return report
  }

  func generations(
    _ action: GenerationsRequest.Action = .list, _ number: UInt64 = 0
  ) async -> Result<[GenerationSummary], Fault> {
    var request = GenerationsRequest()
    request.action = action
    request.generation = number
    return await call(.generations(request)).map { reply in
      if case .generations(let list) = reply { list.generations } else { [] }
    }
  }

  struct Unexpected: Error {}

  // MARK: Trainer

  /// Puts a shell script where the trainer is looked for. `$DATA`, `$GENERATION` and `$THROUGH` hold its flags.
  func trainer(_ script: String) throws {
    let head = """
      #!/bin/sh
      for flag in "$@"; do
        case $flag in
          --data=*) DATA=${flag#*=} ;;
          --generation=*) GENERATION=${flag#*=} ;;
          --through=*) THROUGH=${flag#*=} ;;
        esac
      done

      """
    try (head + script + "\n").write(toFile: root + "/trainer", atomically: true, encoding: .utf8)
    chmod(root + "/trainer", 0o755)
  }

  /// A script that hands over a generation made beforehand with this number.
  func trainerThatMakes(_ number: UInt64, items: [String]) throws {
    let staged = root + "/staged-\(number)"
    try makeGeneration(number, items: items, in: staged)
    try trainer(
      """
      [ "$GENERATION" = \(number) ] || exit 9
      echo '{"stage":"ials","fraction":0.5}'
      mv '\(staged)'/00* "$DATA/generations/default/"
      echo '{"done":true,"generation":\(number)}'
      """)
  }

  /// Waits until the training has ended.
  func trained() async throws -> TrainingStatus {
    for _ in 0..<3_000 {
      let training = try await status().tenants[0].training
      if training.state != .running { return training }
      try await Task.sleep(for: .milliseconds(10))
    }
    throw Unexpected()
  }
}

/// A real generation that ranks the items in the order given.
func makeGeneration(_ number: UInt64, items: [String], in path: String) throws {
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  let writer = try GenerationWriter(in: path, number: GenerationNumber(number))
  try writer.addItems(try items.map { try ItemIdentifier($0) })
  try writer.addPopularity(
    rows: items.indices.map { UInt32($0) }, scores: items.indices.map { 1 / Float($0 + 1) })
  _ = try writer.finish(
    Manifest(
      number: GenerationNumber(number), tenant: .default, created: Timestamp(microseconds: 1),
      trainedTo: Position(1),
      users: 1, items: UInt64(items.count), events: 1, trainingSeconds: 0.1))
}

extension Outcome {
  var slate: Slate? {
    switch self {
    case .success(.recommend(let slate)), .success(.similar(let slate)), .success(.complete(let slate)): slate
    default: nil
    }
  }

  var reason: FaultReason? {
    if case .failure(let fault) = self { return fault.reason }
    return nil
  }
}

extension Slate {
  var ids: [String] { items.map(\.item.text) }
}
