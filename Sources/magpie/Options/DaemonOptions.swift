import ArgumentParser
import FoundationEssentials
import MagpieClient

/// Where the daemon is, and how to answer: common to all commands.
struct DaemonOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Name or address of the daemon. Default: MAGPIE_HOST, else 127.0.0.1.", valueName: "name"))
  var host: String?

  @Option(help: ArgumentHelp("Its port. Default: MAGPIE_PORT, else 7700.", valueName: "n"))
  var port: Int?

  @Option(
    help: ArgumentHelp("Whose data to work on. Default: MAGPIE_TENANT, else default.", valueName: "name"))
  var tenant: String?

  @Option(help: ArgumentHelp("Time allowed for each request.", valueName: "seconds"))
  var timeout: Double = 10

  @Flag(help: "Answer in JSON.")
  var json = false

  func validate() throws {
    guard timeout.isFinite, timeout > 0, timeout <= 600 else {
      throw ValidationError("--timeout must be more than 0 and at most 600 seconds.")
    }
    _ = try resolved()
  }

  /// Flags before environment before defaults.
  func resolved() throws -> MagpieClient.Configuration {
    let environment = ProcessInfo.processInfo.environment
    func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    var configuration = MagpieClient.Configuration()
    configuration.host = host ?? variable("MAGPIE_HOST") ?? configuration.host
    if let port {
      guard (1...65_535).contains(port) else { throw ValidationError("--port must be 1 to 65535.") }
      configuration.port = port
    } else if let text = variable("MAGPIE_PORT") {
      guard let number = Int(text), (1...65_535).contains(number) else {
        throw ValidationError("MAGPIE_PORT is \"\(text)\"; it must be a number from 1 to 65535.")
      }
      configuration.port = number
    }
    configuration.tenant = tenant ?? variable("MAGPIE_TENANT") ?? configuration.tenant
    configuration.deadline = .nanoseconds(Int64(timeout * 1e9))
    configuration.poolSize = 1
    configuration.retry.attemptsMax = 3
    return configuration
  }

  /// Runs `body` with a client, and puts what it throws into the words and the exit code of the command line.
  func withClient<Result>(
    _ adjust: (inout MagpieClient.Configuration) -> Void = { _ in },
    _ body: (MagpieClient) async throws -> Result
  ) async throws -> Result {
    var configuration = try resolved()
    adjust(&configuration)
    let client = MagpieClient(configuration: configuration)
    do {
      let result = try await body(client)
      await client.shutdown()
      return result
    } catch let error as MagpieError {
      await client.shutdown()
      throw CommandFailure(error, isJSON: json)
    } catch {
      await client.shutdown()
      throw error
    }
  }
}
