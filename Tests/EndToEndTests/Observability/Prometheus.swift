import Foundation

/// A Prometheus server of Debian's package that scrapes one daemon five times a second. Killed when the test lets go.
final class Prometheus {
  private let process: ChildProcess
  private let port: UInt16

  init(in workplace: Workplace, scraping target: UInt16) throws {
    port = try Self.freePort()
    let configuration = try workplace.write(
      """
      global:
        scrape_interval: 200ms
        scrape_timeout: 200ms
      scrape_configs:
        - job_name: magpie
          static_configs:
            - targets: ["127.0.0.1:\(target)"]
      """, to: "prometheus.yml")
    process = try ChildProcess(
      Self.path("prometheus"),
      [
        "--config.file=\(configuration)", "--storage.tsdb.path=\(workplace.file("tsdb"))",
        "--web.listen-address=127.0.0.1:\(port)",
      ], output: workplace.file("prometheus.out"), errors: workplace.file("prometheus.err"))
  }

  private static func path(_ name: String) throws -> String {
    if name.hasPrefix("/") { return name }
    guard FileManager.default.isExecutableFile(atPath: "/usr/bin/\(name)") else {
      throw HarnessFailure("/usr/bin/\(name) is not there; script/bootstrap installs it")
    }
    return "/usr/bin/\(name)"
  }

  /// Runs one of the package's programs to its end.
  static func run(_ name: String, _ arguments: [String], in workplace: Workplace) throws -> Programs.Finished
  {
    let stem = "run-" + UUID().uuidString
    let process = try ChildProcess(
      path(name), arguments, output: workplace.file(stem + ".out"), errors: workplace.file(stem + ".err"))
    let ending = try require(process.wait(seconds: 60), "\(name) does not end")
    return Programs.Finished(
      ending: ending, output: workplace.read(stem + ".out"), errors: workplace.read(stem + ".err"))
  }

  /// A port that was free a moment ago: the program cannot take one by itself and say which.
  private static func freePort() throws -> UInt16 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
      }
    }
    guard isBound else { throw HarnessFailure("no free port: errno \(errno)") }
    return UInt16(bigEndian: address.sin_port)
  }

  /// The value of a query that gives one sample; nil if it gives none.
  func query(_ expression: String) throws -> Double? {
    let allowed = CharacterSet.alphanumerics
    let text = expression.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
    let answer = try Visitor.get("/api/v1/query?query=\(text)", port: port)
    // Its answers may come in chunks; the JSON is between the first and the last brace.
    guard let first = answer.body.firstIndex(of: "{"), let last = answer.body.lastIndex(of: "}") else {
      return nil
    }
    let json = try? JSONSerialization.jsonObject(with: Data(answer.body[first...last].utf8)) as? [String: Any]
    let data = json?["data"] as? [String: Any]
    let result = (data?["result"] as? [[String: Any]])?.first?["value"] as? [Any]
    return (result?.last as? String).flatMap { Double($0) }
  }

  /// Asks until the value is this one, a minute at most; returns the last value.
  func wait(for expression: String, _ wanted: Double) throws -> Double? {
    var value: Double?
    let deadline = Date(timeIntervalSinceNow: 60)
    while Date() < deadline {
      guard process.isRunning else {
        throw HarnessFailure("prometheus ended: \(String(describing: process.ending))")
      }
      value = try? query(expression)
      if value == wanted { break }
      usleep(50_000)
    }
    return value
  }
}
