import ArgumentParser
import Loading

extension ArrivalKind: ExpressibleByArgument {}

/// How fast, for how long.
struct PaceOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Requests a second.", valueName: "n"))
  var rate = 1000.0
  @Option(help: ArgumentHelp("poisson: independent arrivals; constant: equal gaps.", valueName: "kind"))
  var arrivals = ArrivalKind.poisson
  @Option(help: ArgumentHelp("Measured time.", valueName: "seconds"))
  var duration = 30.0
  @Option(help: ArgumentHelp("Time before it that is not counted.", valueName: "seconds"))
  var warmup = 5.0
  @Flag(
    help:
      "Closed loop: the next request waits for an answer. Finds the most a daemon can do; flatters latency.")
  var closed = false
  @Option(
    name: [.customShort("c"), .long],
    help: ArgumentHelp("Requests at once in a closed loop. Default: 16.", valueName: "n"))
  var concurrency: Int?
  @Flag(help: "Rising rates, 10 % to 120 % of what a closed loop reaches, to find the knee.")
  var sweep = false
  @Option(
    help: ArgumentHelp("The rates of a sweep, comma between them, instead of its own.", valueName: "n,n,…"),
    transform: { text in
      try text.split(separator: ",").map { part in
        guard let rate = Double(part), rate.isFinite, rate > 0 else {
          throw ValidationError("'\(part)' is not a rate.")
        }
        return rate
      }.sorted()
    })
  var sweepRates: [Double] = []
  @Option(help: ArgumentHelp("Milliseconds the 99th percentile may reach at the knee.", valueName: "ms"))
  var slo = 50.0

  var isSweep: Bool { sweep || !sweepRates.isEmpty }
}
