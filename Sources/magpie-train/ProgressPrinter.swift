import ArgumentParser
import Glibc
import Models
import Training
import Vocabulary

enum ProgressStyle: String, ExpressibleByArgument, CaseIterable {
  case auto
  case json
  case none
}

/// Shows a run: a bar for people, lines of JSON for the daemon.
///
/// Unchecked because training reports from the one thread that runs it.
final class ProgressPrinter: @unchecked Sendable {
  private let style: ProgressStyle
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private var lastStage: TrainingStage?
  private var lastPermille = -1
  private var lastDetails = ""

  init(style: ProgressStyle) { self.style = style }

  func show(_ progress: TrainingProgress) {
    // Some thousand lines at most: the reader is a status page.
    let permille = max(lastPermille, Int(progress.fraction * 1000))
    let isSame = progress.stage == lastStage && permille == lastPermille
    if isSame, progress.details == lastDetails { return }
    lastStage = progress.stage
    lastDetails = progress.details
    lastPermille = permille
    let fraction = "0.\(String(1000 + min(999, permille)).dropFirst())"
    switch style {
    case .json:
      let details = progress.details.isEmpty ? "" : ",\"details\":\"\(escaped(progress.details))\""
      line(
        "{\"stage\":\"\(progress.stage.rawValue)\",\"fraction\":\(permille >= 1000 ? "1" : fraction)\(details)}"
      )
    case .auto where isTerminal:
      let filled = min(40, permille * 40 / 1000)
      let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: 40 - filled)
      let details = progress.details.isEmpty ? "" : ": \(progress.details)"
      put(
        "\r[\(bar)] \(permille / 10)% \(progress.stage.rawValue)\(details)\u{1B}[K", to: STDERR_FILENO)
    case .auto, .none:
      break
    }
  }

  /// A sentence beside the progress, on standard error: the daemon puts it into its log.
  func note(_ sentence: String) {
    if style == .none { return }
    if isTerminal && style == .auto { put("\r\u{1B}[K", to: STDERR_FILENO) }
    put("magpie-train: \(sentence)\n", to: STDERR_FILENO)
  }

  func finish(_ manifest: Manifest) {
    if style == .json { return line("{\"done\":true,\"generation\":\(manifest.number)}") }
    if style == .none { return }
    if isTerminal { put("\r\u{1B}[K", to: STDERR_FILENO) }
    line(
      "Generation \(manifest.number): \(manifest.users) users, \(manifest.items) items, "
        + "\(manifest.events) events, \(rounded(manifest.trainingSeconds, 1)) s.")
    if let tuning = manifest.tuning { show(tuning) }
    defer {
      if let gate = manifest.gate {
        line("Gate: \(gate.isRefused ? "refused" : gate.passed ? "passed" : "lost"). \(gate.reason)")
      }
    }
    guard let split = manifest.split else {
      line("No hold-out metrics: the events do not part in time, or --hold-out is 0.")
      return
    }
    line("Temporal hold-out, \(split.testUsers) users:")
    line(
      "  \(padded("model", 14))\(["HR@10", "Recall@20", "NDCG@20", "MRR@20"].map { padded($0, 11) }.joined())"
    )
    for (model, metrics) in manifest.metrics.sorted(by: { $0.key < $1.key }) {
      let values = ["HR@10", "Recall@20", "NDCG@20", "MRR@20"].map { metrics[$0] ?? 0 }
      line("  \(padded(model, 14))\(values.map { padded(rounded($0, 4), 11) }.joined())")
    }
  }

  private func show(_ tuning: Manifest.Tuning) {
    line(
      "Settings of a search in generation \(tuning.generation), \(rounded(tuning.seconds, 1)) s, "
        + "\(tuning.measure) of \(tuning.users) users. \(tuning.ended)")
    for family in tuning.families {
      let chosen = family.chosen.sorted { $0.key < $1.key }
        .map { "\($0.key) \(Int(exactly: $0.value).map { "\($0)" } ?? "\($0.value)")" }.joined(
          separator: ", ")
      line("  \(padded(family.family, 14))\(family.tried) tried. \(family.reason)")
      line("  \(padded("", 14))\(family.used ? chosen : "not used: \(family.note)")")
    }
  }

  func fail(_ fault: TrainingFault) {
    if style == .json {
      return line("{\"error\":\"\(escaped(fault.message))\",\"reason\":\"\(fault.reason.rawValue)\"}")
    }
    if isTerminal && style == .auto { put("\r\u{1B}[K", to: STDERR_FILENO) }
    put("magpie-train: \(fault.message)\n", to: STDERR_FILENO)
  }

  private func line(_ text: String) { put(text + "\n", to: STDOUT_FILENO) }

  /// Written at once, past stdio, so that a reader sees a line when it happens. A reader that has gone does
  /// not stop the run: the generation is what counts.
  private func put(_ text: String, to file: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let written = bytes.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
      if written < 0 && errno == EINTR { continue }
      if written <= 0 { return }
      bytes = bytes.dropFirst(written)
    }
  }

  private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }

  private func rounded(_ value: Double, _ digits: Int) -> String {
    let scale = pow(10, Double(digits))
    let whole = Int((abs(value) * scale).rounded())
    let text = String(repeating: "0", count: max(0, digits + 1 - String(whole).count)) + String(whole)
    return (value < 0 ? "-" : "") + text.dropLast(digits) + "." + text.suffix(digits)
  }

  /// JSON string escapes; other characters stand as they are.
  private func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
