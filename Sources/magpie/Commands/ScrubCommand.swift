import ArgumentParser
import MagpieClient

/// `magpie scrub`: read everything stored again and check it.
struct ScrubCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scrub", abstract: "Read everything stored again and check it.",
    discussion: """
      The daemon reads superblock, log, state, generations and snapshots at a bounded rate (scrub.bytes_per_second) while it \
      serves. Exit code 65 if something is not what was written; the answer names each file and what to do.

      Examples:
        magpie scrub
        magpie scrub --last --json
      """)

  @OptionGroup var daemon: DaemonOptions
  @Flag(help: "Return at once; --last tells how it goes.")
  var noWait = false
  @Flag(help: "Begin none: say how the last or current one goes.")
  var last = false

  func validate() throws {
    if last, noWait { throw ValidationError("--last begins nothing, so there is nothing to wait for.") }
  }

  func run() async throws {
    try await daemon.withClient { client in
      var report = last ? try await client.scrub() : try await client.startScrub()
      if !last, !noWait { report = try await follow(report.job, client) }
      say(report)
      guard report.state != .damaged else {
        throw CommandFailure(
          .badData, reason: "scrub_damage",
          "\(report.damagesTotal) of what is stored is damaged: \(report.damages.first?.message ?? "")",
          isJSON: false)
      }
      guard report.state != .failed else {
        throw CommandFailure(.failed, reason: "scrub_failed", report.message, isJSON: false)
      }
    }
  }

  private func follow(_ job: UInt64, _ client: MagpieClient) async throws -> ScrubReport {
    let bar = ProgressBar("Scrubbing")
    defer { bar.clear() }
    while true {
      let report = try await client.scrub()
      guard report.job == job else {
        throw CommandFailure(
          .failed, reason: "scrub_failed",
          "The daemon was restarted, or has begun another scrub: magpie scrub --last",
          isJSON: daemon.json)
      }
      guard report.state == .running else { return report }
      let fraction = report.bytesTotal > 0 ? Double(report.bytes) / Double(report.bytesTotal) : nil
      bar.show(fraction: fraction, details: Figures.bytes(report.bytes))
      try await Task.sleep(for: .milliseconds(100))
    }
  }

  private func say(_ report: ScrubReport) {
    if daemon.json { return Terminal.say(JSONText.of(ScrubJSON(report))) }
    switch report.state {
    case .idle: Terminal.say("Nothing was ever scrubbed here. Begin: magpie scrub")
    case .running:
      Terminal.say("Scrubbing: \(ScrubPrinter.size(report)) so far. How it goes: magpie scrub --last")
    case .whole:
      Terminal.say("Everything stored is whole: \(ScrubPrinter.size(report))\(ScrubPrinter.ended(report))")
    case .damaged:
      for damage in report.damages { Terminal.say(DisplayText.plain(damage.message)) }
    case .failed: break
    }
  }
}
