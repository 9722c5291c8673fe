import ArgumentParser
import Loading

/// Where the daemon is, and how to reach it.
struct PlaceOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Name or address of the daemon. Default: MAGPIE_HOST, else 127.0.0.1.", valueName: "name"))
  var host: String?
  @Option(help: ArgumentHelp("Its port. Default: MAGPIE_PORT, else 7700.", valueName: "n"))
  var port: Int?
  @Option(help: ArgumentHelp("Whose data. Default: MAGPIE_TENANT, else default.", valueName: "name"))
  var tenant: String?
  @Option(help: ArgumentHelp("Connections.", valueName: "n"))
  var connections = 4
  @Option(
    help: ArgumentHelp("Requests under way on one connection; what is due beyond it waits.", valueName: "n"))
  var inFlight = 512
  @Option(help: ArgumentHelp("Time a request may take.", valueName: "seconds"))
  var timeout = 5.0

  func portNumber() throws(LoadFault) -> Int {
    let given = port ?? Output.environment("MAGPIE_PORT").map { Int($0) ?? -1 } ?? 7700
    guard (1...65_535).contains(given) else {
      throw LoadFault(.plan, "--port or MAGPIE_PORT must be 1 to 65535.")
    }
    return given
  }
}
