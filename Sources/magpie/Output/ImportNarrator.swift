import Importing

/// Tells people how an import goes, on standard error. Called from one task at a time, as `ImportListener` promises;
/// unchecked because the compiler cannot see that promise.
final class ImportNarrator: ImportListener, @unchecked Sendable {
  private let kind: ImportKind
  private let bar: ProgressBar
  private var complaints = 0
  /// More would drown what matters.
  private static let complaintsMax = 20

  init(_ kind: ImportKind) {
    self.kind = kind
    bar = ProgressBar("Importing \(kind.rawValue)")
  }

  var elapsedSeconds: Double { bar.elapsedSeconds }

  func started(_ notes: [String]) {
    for note in notes { Terminal.complain(DisplayText.plain(note)) }
  }

  func progressed(_ progress: ImportProgress) {
    let seconds = max(bar.elapsedSeconds, 1e-3)
    let rows = progress.accepted + progress.duplicates
    var details =
      "\(Figures.bytes(progress.bytes)), \(Figures.count(Int(Double(rows) / seconds)))/s, \(Figures.count(rows)) \(kind.rawValue)"
    if progress.errors > 0 { details += ", \(progress.errors) bad" }
    let fraction = progress.bytesTotal.flatMap { $0 > 0 ? Double(progress.bytes) / Double($0) : nil }
    bar.show(fraction: fraction, details: details)
  }

  func complained(_ bad: BadLine) {
    complaints += 1
    if complaints > Self.complaintsMax { return }
    bar.clear()
    Terminal.complain(DisplayText.plain("Line \(bad.line): \(bad.message) (\(bad.reason))"))
    if complaints == Self.complaintsMax { Terminal.complain("More bad lines are only counted.") }
  }

  func finish() { bar.clear() }
}
