import Glibc

/// Tells people how an evaluation goes, on standard error. Unchecked because the compiler cannot see that models
/// report on the thread that started them only.
final class EvaluationNarrator: @unchecked Sendable {
  private var stage = ""
  private var bar: ProgressBar?

  func progressed(_ stage: String, _ fraction: Double?) {
    if stage != self.stage {
      bar?.clear()
      self.stage = stage
      bar = ProgressBar(stage)
    }
    bar?.show(fraction: fraction, details: "")
  }

  func noted(_ text: String) {
    bar?.clear()
    Terminal.complain(DisplayText.plain(text))
  }

  func finish() {
    bar?.clear()
    bar = nil
  }
}
