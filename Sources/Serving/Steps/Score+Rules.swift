import LiveState
import Vocabulary

extension Score {
  /// Multiplies the scores of the candidates before `ranked` with boosts, and those of tired items with the scenario's
  /// factor. A boost of 0 puts an item behind all that scored, and drops nothing. O(candidates).
  static func applyRules(ranked: Int, _ context: ReadContext, _ scratch: ReadScratch) {
    if scratch.rules.hasBoosts {
      for number in 0..<ranked where scratch.candidates.verdicts[number] == nil {
        scratch.candidates.scores[number] *= scratch.rules.boost(
          scratch.candidates.items[number], context.catalogue)
      }
    }
    guard scratch.hasTired else { return }
    let factor = context.settings.fatigue.factor
    for number in 0..<ranked where scratch.tired[scratch.candidates.items[number]] != nil {
      scratch.candidates.scores[number] *= factor
    }
  }
}
