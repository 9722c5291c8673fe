import FoundationEssentials
import Vocabulary

extension MagpieClient {
  /// Why the items named, or those of the list, are where they are. At most 100 items.
  public func explain(
    _ query: RecommendQuery, items: [String] = [], timeout: Duration? = nil
  ) async throws(MagpieError) -> TraceReport {
    var request = ExplainRequest()
    request.request = RecommendRequest(query)
    request.items = items.map { Array($0.utf8) }
    guard case .explain(let reply) = try await call(.explain(request), timeout: timeout) else {
      throw mismatch(.explain)
    }
    return TraceReport(reply)
  }

  /// Which step keeps an item out of a list, or the place it has in it.
  public func whyNot(
    _ query: RecommendQuery, item: String, timeout: Duration? = nil
  ) async throws(MagpieError) -> TraceReport {
    var request = WhyNotRequest()
    request.request = RecommendRequest(query)
    request.item = Array(item.utf8)
    guard case .whyNot(let reply) = try await call(.whyNot(request), timeout: timeout) else {
      throw mismatch(.whyNot)
    }
    return TraceReport(reply)
  }

  /// The list a token names, once more.
  /// - Parameter token: `Slate.token`.
  /// - Throws: `token_invalid`; `replay_state_moved` if the state is known to be another one by now.
  public func replay(token: String, timeout: Duration? = nil) async throws(MagpieError) -> Replay {
    guard let bytes = TokenText.bytes(token) else {
      throw MagpieError(
        Fault(.tokenInvalid, "This is no token of a list: it holds other characters.", field: "token"))
    }
    var request = ReplayRequest()
    request.token = bytes
    guard case .replay(let reply) = try await call(.replay(request), timeout: timeout) else {
      throw mismatch(.replay)
    }
    return Replay(slate: Slate(reply.slate), isSame: reply.isSame)
  }

  /// How the arms of each experiment do.
  public func experiments(timeout: Duration? = nil) async throws(MagpieError) -> [ExperimentReport] {
    try await experimentsReport(timeout: timeout).experiments
  }

  /// The same, and what exploration learned of items.
  public func experimentsReport(timeout: Duration? = nil) async throws(MagpieError) -> ExperimentsReport {
    let reply = try await call(.experiments(ExperimentsRequest()), timeout: timeout)
    guard case .experiments(let reply) = reply else { throw mismatch(.experiments) }
    var report = ExperimentsReport()
    report.experiments = reply.experiments.map { ExperimentReport($0) }
    report.items = reply.items.map { ItemEstimate($0) }
    report.remembered = reply.remembered
    return report
  }
}

/// A token as text: base64 with `-` and `_`, without padding, so that it needs no quotes in a shell or an address.
enum TokenText {
  static func of(_ bytes: [UInt8]) -> String {
    Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing(
      "=", with: "")
  }

  static func bytes(_ text: String) -> [UInt8]? {
    var base = text.replacing("-", with: "+").replacing("_", with: "/")
    while base.utf8.count % 4 != 0 { base += "=" }
    return Data(base64Encoded: base).map { Array($0) }
  }
}
