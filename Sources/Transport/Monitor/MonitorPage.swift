/// What is asked of the monitor and what it says: HTTP taken away.
package enum MonitorPath: String, Sendable, Hashable, CaseIterable {
  case metrics = "/metrics"
  case liveness = "/livez"
  case readiness = "/readyz"
}

/// For whom a daemon must be ready: a fenced write path leaves reads ready.
package enum MonitorRole: String, Sendable, Hashable, CaseIterable {
  case read
  case write
}

/// The state of one check, and a line for people.
package struct MonitorCheck: Sendable, Hashable {
  package var name: String
  package var isPassed: Bool
  /// Passed, but somebody has to look: the page still answers 200, and says so.
  package var isWarning = false
  package var detail: String

  package init(_ name: String, _ isPassed: Bool, _ detail: String = "") {
    self.name = name
    self.isPassed = isPassed
    self.detail = detail
  }

  /// A check that does not stop anybody from sending requests.
  package static func warning(_ name: String, _ detail: String) -> MonitorCheck {
    var check = MonitorCheck(name, true, detail)
    check.isWarning = true
    return check
  }
}

/// Where the monitor gets its answers. Called on the monitor's own thread, never on an event loop that serves
/// requests; may take a few milliseconds.
package struct MonitorSource: Sendable {
  package var metrics: @Sendable () -> [UInt8]
  package var liveness: @Sendable () -> [MonitorCheck]
  /// The checks that matter for these roles.
  package var readiness: @Sendable (Set<MonitorRole>) -> [MonitorCheck]

  package init(
    metrics: @escaping @Sendable () -> [UInt8], liveness: @escaping @Sendable () -> [MonitorCheck],
    readiness: @escaping @Sendable (Set<MonitorRole>) -> [MonitorCheck]
  ) {
    self.metrics = metrics
    self.liveness = liveness
    self.readiness = readiness
  }
}

/// One answer.
package struct MonitorPage: Sendable, Hashable {
  package var status: Int
  package var contentType = "text/plain; charset=utf-8"
  package var body: [UInt8]

  init(_ status: Int, _ text: String) {
    self.status = status
    body = Array(text.utf8)
  }

  /// Answers one request.
  /// - Parameters:
  ///   - method: as sent; GET and HEAD are answered alike.
  ///   - target: path and query, as sent. Anything may be in it.
  package static func answer(method: String, target: String, contentType: String, _ source: MonitorSource)
    -> MonitorPage
  {
    let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    let query = (parts.count > 1 ? parts[1] : "").split(separator: "&")
    guard let path = MonitorPath(rawValue: String(parts.first ?? "")) else {
      return MonitorPage(404, "Not here. There are /metrics, /livez and /readyz.\n")
    }
    guard method == "GET" || method == "HEAD" else {
      return MonitorPage(405, "Only GET and HEAD are answered.\n")
    }
    switch path {
    case .metrics:
      var page = MonitorPage(200, "")
      page.contentType = contentType
      page.body = source.metrics()
      return page
    case .liveness: return page(source.liveness(), query)
    case .readiness:
      var roles = Set(MonitorRole.allCases)
      if let role = query.first(where: { $0.hasPrefix("role=") }) {
        guard let role = MonitorRole(rawValue: String(role.dropFirst(5))) else {
          return MonitorPage(400, "role is read or write.\n")
        }
        roles = [role]
      }
      return page(source.readiness(roles), query)
    }
  }

  /// 200 if everything is well, else 503; the failed checks and warnings, or with `verbose` all of them.
  private static func page(_ checks: [MonitorCheck], _ query: [Substring]) -> MonitorPage {
    let isWell = checks.allSatisfy(\.isPassed)
    let isVerbose = query.contains { $0 == "verbose" || $0.hasPrefix("verbose=") }
    var text = ""
    for check in checks where isVerbose || !check.isPassed || check.isWarning {
      text +=
        "[\(check.isWarning ? "!" : check.isPassed ? "+" : "-")] \(check.name)\(check.detail.isEmpty ? "" : ": ")\(check.detail)\n"
    }
    let verdict = isWell ? (checks.contains(where: \.isWarning) ? "degraded\n" : "ok\n") : "not ok\n"
    return MonitorPage(isWell ? 200 : 503, text + verdict)
  }
}
