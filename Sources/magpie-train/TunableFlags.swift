import ArgumentParser
import Training
import Vocabulary

/// One flag for each setting that a search may choose. Nil where it was not given: then what a search found, or the
/// standard, is used.
struct TunableFlags: ParsableArguments {
  private static let standard = TrainingSettings()

  @Option(help: Self.help(.popularityWindow, "Days that popularity looks back."))
  var popularityWindow: Double?
  @Option(help: Self.help(.popularityHalfLife, "Days after which an event counts half for popularity."))
  var popularityHalfLife: Double?
  @Option(help: Self.help(.transitionWindow, "Steps that transitions look back."))
  var transitionWindow: Int?
  @Option(help: Self.help(.transitionNeighbours, "Transitions kept for each item; 0 means as --neighbours."))
  var transitionNeighbours: Int?
  @Option(help: Self.help(.transitionShrinkage, "Added to the sums that transitions are divided by."))
  var transitionShrinkage: Double?
  @Option(help: Self.help(.transitionBackward, "What a step back counts where one ahead counts 1."))
  var transitionBackward: Double?
  @Option(help: Self.help(.transitionHalfLife, "Days after which a transition counts half; 0 means never."))
  var transitionHalfLife: Double?
  @Option(
    help: Self.help(
      .cooccurrenceNeighbours, "Items of the same baskets kept for each; 0 means as --neighbours."))
  var cooccurrenceNeighbours: Int?
  @Option(help: Self.help(.cooccurrenceShrinkage, "Added to the counts that co-occurrence is divided by."))
  var cooccurrenceShrinkage: Double?
  @Option(help: Self.help(.cooccurrencePairsMin, "Baskets that must hold both of a pair."))
  var cooccurrencePairsMin: Double?
  @Option(
    help: Self.help(
      .factors, "Latent dimensions of iALS: a number, or auto for what the data's size suggests."))
  var factors: NumberOr<Int>?
  @Option(help: Self.help(.regularisation, "Regularisation of iALS."))
  var regularisation: Double?
  @Option(
    help: Self.help(
      .unobservedWeight, "Weight of unobserved pairs in iALS: a number, or auto for ten times the density."))
  var unobservedWeight: NumberOr<Double>?
  @Option(help: Self.help(.regularisationExponent, "How regularisation grows with the length of a row."))
  var regularisationExponent: Double?

  private static func help(_ setting: TunableSetting, _ about: String) -> ArgumentHelp {
    let value = standard[setting]
    let text = standard.isAuto(setting) ? "auto" : Int(exactly: value).map { "\($0)" } ?? "\(value)"
    return ArgumentHelp("\(about) (standard: \(text))")
  }

  /// - Throws: `ValidationError` for what is neither a number nor the word that may stand for one.
  func apply(to settings: inout TrainingSettings) throws {
    let dimensions = try factors.flatMap { try $0.number(of: "--factors", instead: "auto") }
    let weight = try unobservedWeight.flatMap { try $0.number(of: "--unobserved-weight", instead: "auto") }
    let values: [(TunableSetting, Double?)] = [
      (.popularityWindow, popularityWindow), (.popularityHalfLife, popularityHalfLife),
      (.transitionWindow, transitionWindow.map { Double($0) }),
      (.transitionNeighbours, transitionNeighbours.map { Double($0) }),
      (.transitionShrinkage, transitionShrinkage), (.transitionBackward, transitionBackward),
      (.transitionHalfLife, transitionHalfLife),
      (.cooccurrenceNeighbours, cooccurrenceNeighbours.map { Double($0) }),
      (.cooccurrenceShrinkage, cooccurrenceShrinkage), (.cooccurrencePairsMin, cooccurrencePairsMin),
      (.factors, dimensions.map { Double($0) }), (.regularisation, regularisation),
      (.unobservedWeight, weight), (.regularisationExponent, regularisationExponent),
    ]
    for (setting, value) in values {
      guard let value else { continue }
      settings[setting] = value
      settings.given.insert(setting)
    }
  }
}

/// Whether to search for settings, and whether to use what was found.
struct TuningFlags: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Search for settings for so long, then train with what was found.", valueName: "minutes"))
  var tune: Double?
  @Option(help: "always, or due: only if nothing usable was found yet or the log has doubled since.")
  var tuneWhen = TuningOrder.When.always
  @Option(help: "Whether to use what an earlier search found: on or off.")
  var tuned = SettingFlags.Switch.on

  var order: TuningOrder? { tune.map { TuningOrder(seconds: $0 * 60, when: tuneWhen) } }

  func validate() throws {
    guard let tune else { return }
    guard tune > 0, tune <= Double(Limits.tuneMinutesMax) else {
      throw ValidationError("--tune is \(tune); it must be above 0, up to \(Limits.tuneMinutesMax) minutes.")
    }
  }
}

extension TuningOrder.When: ExpressibleByArgument {}
