import Glibc
import Importing

/// Shows how far something is, on standard error: a line that is redrawn on a terminal, else one line every ten
/// seconds. Says nothing about what takes less than a second.
final class ProgressBar {
  private let title: String
  private let start = ContinuousClock.now
  private var lastShown: ContinuousClock.Instant?
  /// Where it began: an import that goes on where it stopped does not start at zero.
  private var first: (fraction: Double, seconds: Double)?
  private let isTerminal = Terminal.messagesToPerson
  private let isSilent: Bool

  init(_ title: String, isSilent: Bool = false) {
    self.title = title
    self.isSilent = isSilent
  }

  var elapsedSeconds: Double { Self.seconds(ContinuousClock.now - start) }

  private static func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
  }

  /// - Parameters:
  ///   - fraction: 0 to 1; nil if the end is not known.
  ///   - details: such as bytes and rate.
  func show(fraction: Double?, details: String) {
    if isSilent { return }
    let now = ContinuousClock.now
    let elapsed = elapsedSeconds
    if first == nil, let fraction { first = (fraction, elapsed) }
    let interval = isTerminal ? 0.1 : 10
    if elapsed < (isTerminal ? 1 : 10) { return }
    if let lastShown, Self.seconds(now - lastShown) < interval { return }
    lastShown = now
    var text = title
    if let fraction {
      let share = min(max(fraction, 0), 1)
      if isTerminal {
        let filled = Int((share * 24).rounded(.down))
        text +=
          " [" + String(repeating: "=", count: filled) + String(repeating: " ", count: 24 - filled) + "]"
      }
      text += " \(Int((share * 100).rounded(.down)))%"
      if let first, share > first.fraction + 0.01, share < 1 {
        let left = (elapsed - first.seconds) * (1 - share) / (share - first.fraction)
        text += ", \(Figures.duration(seconds: max(1, left.rounded(.up)))) left"
      }
    }
    if !details.isEmpty { text += ", \(details)" }
    if isTerminal {
      let columns = Terminal.columns(of: STDERR_FILENO) ?? 80
      Terminal.write("\r\u{1b}[K" + DisplayText.clipped(text, to: columns - 1), to: STDERR_FILENO)
    } else {
      Terminal.complain(text)
    }
  }

  /// Takes the line away, so that something else can be printed.
  func clear() {
    if isTerminal, lastShown != nil { Terminal.write("\r\u{1b}[K", to: STDERR_FILENO) }
  }
}
