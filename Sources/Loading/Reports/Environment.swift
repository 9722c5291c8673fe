import Glibc
import MagpieClient

/// Where a run took place: a number without it means nothing.
package struct Environment: Sendable, Hashable {
  package var processor: String
  package var cores: Int
  package var kernel: String
  /// Of magpie-load, with the way it was built.
  package var version: String
  package var isDebugBuild: Bool
  /// Of the daemon.
  package var daemonVersion: String
  /// What an acknowledgement of the daemon means.
  package var durability: String
  /// Whether the daemon runs on this machine, so that both share its cores and no network lies between.
  package var isLoopback: Bool
  package var address: String

  package init(
    processor: String, cores: Int, kernel: String, version: String, isDebugBuild: Bool, daemonVersion: String,
    durability: String, isLoopback: Bool, address: String
  ) {
    self.processor = processor
    self.cores = cores
    self.kernel = kernel
    self.version = version
    self.isDebugBuild = isDebugBuild
    self.daemonVersion = daemonVersion
    self.durability = durability
    self.isLoopback = isLoopback
    self.address = address
  }

  /// Looks around and asks the daemon.
  /// - Throws: `LoadFault` if it does not answer.
  package static func ask(_ client: MagpieClient, host: String, port: Int) async throws(LoadFault)
    -> Environment
  {
    let hello: ServerHello
    do throws(MagpieError) {
      hello = try await client.hello(client: "magpie-load \(MagpieClient.version)")
    } catch {
      throw LoadFault(.daemon, "No daemon answers at \(host):\(port): \(error.message)")
    }
    return Environment(
      processor: processorName, cores: sysconf(Int32(_SC_NPROCESSORS_ONLN)), kernel: kernelName,
      version: MagpieClient.version, isDebugBuild: wasBuiltForDebugging, daemonVersion: hello.version,
      durability: hello.durability.rawValue,
      isLoopback: host == "localhost" || host == "::1" || host.hasPrefix("127."), address: "\(host):\(port)")
  }

  private static var wasBuiltForDebugging: Bool {
    #if DEBUG
      true
    #else
      false
    #endif
  }

  private static var kernelName: String {
    var names = utsname()
    guard uname(&names) == 0 else { return "unknown" }
    func text<Field>(_ field: Field) -> String {
      withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
    return "\(text(names.sysname)) \(text(names.release)) \(text(names.machine))"
  }

  private static var processorName: String {
    guard let file = fopen("/proc/cpuinfo", "re") else { return "unknown processor" }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 1024)
    while fgets(&line, Int32(line.count), file) != nil {
      let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      guard text.hasPrefix("model name"), let colon = text.firstIndex(of: ":") else { continue }
      return text[text.index(after: colon)...].split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
    return "unknown processor"
  }
}
