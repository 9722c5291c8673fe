import ArgumentParser

/// `magpie-bench`, our side of `script/bench`. Not shipped: no package of ours holds it.
@main
struct MagpieBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "magpie-bench",
    abstract: "Our side of the measurements of script/bench.",
    discussion: """
      Each command prepares its data, prints one JSON line, then waits for lines on standard input. Each line is one
      measurement, and each answer one JSON line; the end of the input is the end. So the script can take turns with a
      peer that works the same way, and what disturbs the machine disturbs both.

      Example:
        printf 'run\\nrun\\n' | magpie-bench train --train train.txt --test test.txt --dimensions 64
      """,
    subcommands: [TrainCommand.self, IndexCommand.self, ScanCommand.self, GenerationCommand.self])
}

/// What ends a measurement, in a sentence.
struct BenchFailure: Error, CustomStringConvertible {
  let description: String
  init(_ message: String) { description = message }
}
