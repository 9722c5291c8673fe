import Foundation

/// What a daemon tells about itself besides its answers.
extension Daemon {
  /// Lines of the log, as JSON. One that is not whole JSON is a failure.
  func logLines() throws -> [[String: Any]] {
    try workplace.read(errorsName).split(separator: "\n").map { line in
      guard let fields = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else {
        throw HarnessFailure("not a JSON line: \(line)")
      }
      return fields
    }
  }

  /// Waits for a line with this event that `matches`; the newest.
  func waitForLog(
    _ event: String, seconds: Double = 20, _ matches: ([String: Any]) -> Bool = { _ in true }
  ) throws -> [String: Any] {
    let deadline = Date(timeIntervalSinceNow: seconds)
    repeat {
      if let line = try? logLines().last(where: { $0["event"] as? String == event && matches($0) }) {
        return line
      }
      usleep(5_000)
    } while Date() < deadline
    throw HarnessFailure("no \(event) in the log: \(log)")
  }

  /// The port of metrics and health. REQUIRES: `metrics.enabled` is set.
  func metricsPort() throws -> UInt16 {
    let line = try waitForLog("metrics")
    return try require((line["port"] as? String).flatMap { UInt16($0) }, "no port in \(line)")
  }

  /// Samples of `/metrics`, by name with labels as written.
  func samples() throws -> [String: Double] {
    var samples: [String: Double] = [:]
    for line in try Visitor.get("/metrics", port: metricsPort()).body.split(separator: "\n")
    where !line.hasPrefix("#") {
      guard let space = line.lastIndex(of: " "), let value = Double(line[line.index(after: space)...]) else {
        throw HarnessFailure("not a sample: \(line)")
      }
      samples[String(line[..<space])] = value
    }
    return samples
  }
}
