import Models
import Vocabulary

/// The rule by which a new generation earns its place; docs/gate.md gives the reasons. Pure: numbers in, verdict out.
package struct Gate: Sendable {
  /// What is compared: the list's order counts, and what a page shows.
  package static let metric = "NDCG@10"

  package let mode: GateMode
  /// Share of the other's value by which the new one may fall behind.
  package let margin: Double

  package init(mode: GateMode, margin: Double) {
    self.mode = mode
    self.margin = margin
  }

  /// Compares two orders on the same questions, question by question.
  ///
  /// The new one holds unless its loss, less one standard error of the paired difference, is more than the margin: so
  /// chance alone refuses one of six that are exactly a margin behind, and hardly ever one that is as good.
  /// - Parameters:
  ///   - ours: the metric for each question, as the new one answered.
  ///   - theirs: as the opponent answered the same question at the same place.
  ///   - note: which questions these were.
  package func compare(_ ours: [Double], with theirs: [Double], against name: String, note: String)
    -> Manifest.Gate.Comparison
  {
    guard ours.count == theirs.count, ours.count >= Limits.gateQuestionsMin else {
      return Manifest.Gate.Comparison(notMadeAgainst: name, note: Self.tooFew(min(ours.count, theirs.count)))
    }
    let difference = PairedDifference(ours, theirs)
    let other = theirs.reduce(0, +) / Double(theirs.count)
    return Manifest.Gate.Comparison(
      against: name, questions: UInt64(ours.count), value: ours.reduce(0, +) / Double(ours.count),
      other: other, difference: difference.mean, standardError: difference.standardError,
      holds: difference.mean + difference.standardError >= -margin * other, note: note)
  }

  static func tooFew(_ count: Int) -> String {
    "\(count) users could be asked; \(Limits.gateQuestionsMin) are needed to tell anything."
  }

  /// Passes if no comparison that decides was lost, also if none could be made.
  ///
  /// - Against the serving generation all decide, unless the new one is ahead of it by more than one standard error: then the
  ///   baselines do not, because refusing it would keep a worse one in service.
  /// - Where none serves, popularity decides alone: what answers instead is what is popular.
  package func verdict(
    served: String, popularity: Manifest.Gate.Comparison, baselines: [Manifest.Gate.Comparison],
    serving: Manifest.Gate.Comparison?
  ) -> Manifest.Gate {
    var comparisons = [popularity] + baselines
    if let serving {
      let wins = serving.questions > 0 && serving.difference > max(0, serving.standardError)
      for place in comparisons.indices where wins { comparisons[place].decides = false }
      comparisons.append(serving)
    } else {
      for place in comparisons.indices.dropFirst() { comparisons[place].decides = false }
    }
    let lost = comparisons.filter { $0.decides && !$0.holds }
    return Manifest.Gate(
      passed: lost.isEmpty, mode: mode.rawValue, rule: rule, metric: Self.metric, margin: margin,
      served: served, comparisons: comparisons, reason: Self.reason(served, comparisons, lost))
  }

  /// One that compares nothing, with the reason.
  package func passing(served: String, because reason: String) -> Manifest.Gate {
    Manifest.Gate(
      passed: true, mode: mode.rawValue, rule: mode == .off ? "" : rule, metric: Self.metric, margin: margin,
      served: served, comparisons: [], reason: reason)
  }

  private var rule: String {
    """
    A generation passes if its \(Self.metric) holds against every opponent that decides, on questions neither has seen: it is \
    ahead, or behind by no more than \(shown(margin)) of the opponent's value and one standard error of the paired difference. \
    Popularity alone decides where no generation serves; the serving one alone where the new one is ahead of it by more than a \
    standard error.
    """
  }

  private static func reason(
    _ served: String, _ comparisons: [Manifest.Gate.Comparison], _ lost: [Manifest.Gate.Comparison]
  ) -> String {
    func sentence(_ one: Manifest.Gate.Comparison) -> String {
      """
      \(served) \(shown(one.value)) against \(shown(one.other)) of \(one.against) over \(one.questions) users \
      (difference \(shown(one.difference)), standard error \(shown(one.standardError)))
      """
    }
    if !lost.isEmpty { return "It loses: " + lost.map(sentence).joined(separator: "; ") + "." }
    let held = comparisons.filter { $0.decides && $0.questions > 0 }
    if held.isEmpty { return "Nothing could be compared, so nothing speaks against it." }
    return "It holds: " + held.map(sentence).joined(separator: "; ") + "."
  }

  /// Four decimals, without the formatting of a locale.
  private static func shown(_ value: Double) -> String { "\((value * 1e4).rounded() / 1e4)" }
  private func shown(_ value: Double) -> String { Self.shown(value) }
}
