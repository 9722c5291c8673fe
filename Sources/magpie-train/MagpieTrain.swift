import ArgumentParser
import Boosting
import FaultPoints
import Glibc
import Training
import Vocabulary

/// `magpie-train`: one run of the learn path in a process of its own.
@main
struct MagpieTrain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "magpie-train",
    abstract: "Reads a data directory's log and makes one generation of models.",
    discussion: """
      The daemon runs this by itself; run it by hand to try settings. It reads the log \
      without a lock, so a daemon may be running. The new generation lies in \
      DIR/generations/TENANT/N and is not served before it is promoted.

      Examples:
        magpie-train --data /var/lib/magpie --generation 7 --through 141985
        magpie-train --data /var/lib/magpie --generation 8 --through 141985 --tune 20

      Exit codes:
        0    done
        64   bad flag or setting
        65   log damaged
        66   nothing to learn from
        69   over the memory limit
        70   numbers failed
        73   generation cannot be written
        74   read or write error
        75   another trainer of the tenant is running
        78   no data directory
        143  ended by SIGTERM, or the parent is gone
      """)

  @OptionGroup var place: PlaceFlags
  @OptionGroup var settings: SettingFlags
  @OptionGroup var tuning: TuningFlags

  @Option(help: "auto: a bar if standard error is a terminal; json: one object per line on standard output.")
  var progress = ProgressStyle.auto
  @Option(help: "Niceness of the process, 0 to 19.")
  var nice: Int32 = 10
  @Option(help: ArgumentHelp("End when this process, our parent, does.", valueName: "pid"))
  var dieWithParent: Int32?

  func validate() throws {
    if nice < 0 || nice > 19 { throw ValidationError("--nice is \(nice); it must be 0 to 19.") }
  }

  func run() throws {
    var resolved = try settings.resolved()
    do {
      // The daemon has said so already.
      _ = try FaultPoints.arm()
    } catch {
      throw ValidationError(error.description)
    }
    // Whoever reads our progress may be gone; that is no reason to die in the middle of a write.
    signal(SIGPIPE, SIG_IGN)
    let printer = ProgressPrinter(style: progress)
    do throws(TrainingFault) {
      let granted = try OwnProcess.granted(of: resolved.memoryLimitBytes)
      if granted < resolved.memoryLimitBytes {
        printer.note("The system grants less than memory-limit: \(granted) bytes are taken as the limit.")
        resolved.memoryLimitBytes = granted
      }
    } catch {
      printer.fail(error)
      throw ExitCode(error.exitCode)
    }
    // Where memory cannot be had in spite of the formula, the process cannot go on, but it can say so.
    OwnProcess.explainExhaustion(
      isJSON: progress == .json, limitBytes: resolved.memoryLimitBytes)
    try OwnProcess.settle(
      nice: nice, memoryLimitBytes: resolved.memoryLimitBytes, parent: dieWithParent)
    let run = TrainingRun(
      settings: resolved, tenant: place.tenant, logPath: place.data + "/log",
      generationsPath: place.data + "/generations/" + place.tenant.text,
      number: GenerationNumber(place.generation), through: Position(place.through),
      serving: place.serving.map { GenerationNumber($0) }, tuning: tuning.order,
      usesTuned: tuning.tuned == .on,
      learner: TreeBooster.learn, notes: { printer.note($0) },
      progress: { printer.show($0) })
    do throws(TrainingFault) {
      printer.finish(try run.run())
    } catch {
      printer.fail(error)
      throw ExitCode(error.exitCode)
    }
  }
}

/// Where to read and write.
struct PlaceFlags: ParsableArguments {
  @Option(help: ArgumentHelp("The data directory.", valueName: "dir"))
  var data: String
  @Option(help: "The tenant.", transform: { try TenantName(checking: $0) })
  var tenant = TenantName.default
  @Option(help: "Number of the generation to make, from 1.")
  var generation: UInt64
  @Option(help: "Last log position to learn from; it must be durable.")
  var through: UInt64
  @Option(
    help: ArgumentHelp(
      "Generation that serves, to be compared with; 0 for none. Unless given, the promoted one.",
      valueName: "number"))
  var serving: UInt64?

  func validate() throws {
    if data.isEmpty { throw ValidationError("--data is empty; name the data directory.") }
    if generation == 0 || generation > 999_999_999 {
      throw ValidationError("--generation is \(generation); it must be 1 to 999999999.")
    }
  }
}

extension TenantName {
  fileprivate init(checking text: String) throws {
    do throws(Fault) {
      try self.init(text, field: "--tenant")
    } catch {
      throw ValidationError(error.message)
    }
  }
}
