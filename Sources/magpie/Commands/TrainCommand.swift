import ArgumentParser
import MagpieClient
import Vocabulary

/// `magpie train`: make a generation.
struct TrainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Make a generation from everything logged so far.",
    discussion: """
      The daemon keeps answering from the generation it has, and switches when the new one is made and checked.

      Examples:
        magpie train --wait
        magpie train --tune 20 --wait
      """)

  @OptionGroup var daemon: DaemonOptions

  @Flag(help: "Wait until the generation is made, and print how well it does.")
  var wait = false

  @Option(
    help: ArgumentHelp(
      "Search for settings for so long before, on events that the metrics do not count.", valueName: "minutes"
    ))
  var tune: Int?

  func validate() throws {
    if let tune, !(1...Limits.tuneMinutesMax).contains(tune) {
      throw ValidationError("--tune is \(tune); it must be 1 to \(Limits.tuneMinutesMax) minutes.")
    }
  }

  private struct Report: Encodable {
    var generation: UInt64
    var state: String
    @OrNull var summary: GenerationJSON? = nil
  }

  func run() async throws {
    try await daemon.withClient { client in
      let number = try await client.train(tuneMinutes: tune ?? 0)
      if !wait {
        if daemon.json { return Terminal.say(JSONText.of(Report(generation: number, state: "running"))) }
        return Terminal.say("Making generation \(number). Watch it: magpie status")
      }
      try await follow(number, client)
      let summary = try await client.generations().first { $0.number == number }
      if let gate = summary?.gate, gate.isRefused, summary?.isServing == false {
        throw CommandFailure(
          .failed, reason: "generation_refused",
          "Generation \(number) is made, but the gate refused it, and the one before serves on. \(gate.reason) "
            + "Look: magpie generations show \(number). Serve it all the same: magpie generations promote \(number) --force",
          isJSON: daemon.json)
      }
      if daemon.json {
        return Terminal.say(
          JSONText.of(
            Report(generation: number, state: "succeeded", summary: summary.map { GenerationJSON($0) })))
      }
      Terminal.say("Generation \(number) is made\(summary?.isServing == true ? " and serves" : "").")
      if let summary { GenerationsPrinter.print(details: summary) }
    }
  }

  /// Looks at the status until the training of `number` has ended.
  private func follow(_ number: UInt64, _ client: MagpieClient) async throws {
    let bar = ProgressBar("Training generation \(number)")
    defer { bar.clear() }
    while true {
      let report = try await client.status()
      guard let tenant = report.tenants.first(where: { $0.tenant == client.configuration.tenant }) else {
        throw CommandFailure(
          .failed, reason: "tenant_unknown",
          "The daemon no longer knows the tenant \(client.configuration.tenant).",
          isJSON: daemon.json)
      }
      let training = tenant.training
      // A later training means that this one is over; how it went, the list of generations tells.
      if training.generation > number { return }
      if training.generation == number {
        switch training.state {
        case .succeeded: return
        case .failed:
          throw CommandFailure(
            .failed, reason: "training_failed", "Generation \(number) was not made: \(training.message)",
            isJSON: daemon.json)
        case .idle:
          throw CommandFailure(
            .failed, reason: "training_failed",
            "The daemon was restarted while it made generation \(number). Train again: magpie train --wait",
            isJSON: daemon.json)
        case .running: bar.show(fraction: Double(training.fraction.finite), details: training.stage)
        }
      } else if bar.elapsedSeconds > 5, training.state != .running {
        throw CommandFailure(
          .failed, reason: "training_failed",
          "The daemon no longer makes generation \(number); it was restarted. Train again: magpie train --wait",
          isJSON: daemon.json)
      }
      try await Task.sleep(for: .milliseconds(200))
    }
  }
}
