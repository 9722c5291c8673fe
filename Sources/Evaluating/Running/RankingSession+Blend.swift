import Training

extension RankingSession {
  /// Parts and weights as validation chose them.
  private struct Recipe {
    var weights: [(model: ModelDescription, weight: Double)]
    var scale: ScoreScale
  }

  /// Weights from models that have not seen the validation part; the models reported are trained on everything. A part that
  /// cannot be trained is left out and noted.
  mutating func blend(_ models: [ModelDescription]) throws(EvaluationFault) -> ModelReport {
    PeakMemory.forget()
    let start = ContinuousClock.now
    let recipe = try weigh(models)
    let trainStart = ContinuousClock.now
    var (weights, final) = (ModelSettings(), [LinearBlend.Part]())
    for (model, weight) in recipe.weights {
      let ranker: RankerBox
      if let known = kept[model.name] {
        ranker = known
      } else {
        do throws(EvaluationFault) {
          ranker = try make(model, try settings(model), fit)
        } catch  where error.kind == .model {
          leaveOut(error)
          continue
        }
      }
      weights[model.name] = weight
      final.append(LinearBlend.Part(name: model.name, ranker: ranker, weight: weight))
    }
    guard !final.isEmpty else { throw EvaluationFault(.model, "No part of the blend could be trained.") }
    notes.append(
      "blend: scores by \(recipe.scale.rawValue), weights "
        + weights.values.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        .map { "\($0.key) \(Digits.four($0.value))" }.joined(separator: ", ") + ".")
    let blend = LinearBlend(final, scale: recipe.scale, seenRule: rules.seen)
    return report(
      ModelRegistry.blendName, RankerBox(blend), weights, start: start, trainStart: trainStart, trained: .now)
  }

  private mutating func leaveOut(_ fault: EvaluationFault) {
    let text = "\(fault.message) The blend goes on without it."
    notes.append(text)
    run.note(text)
  }

  /// The models it trains are gone when it returns: the final ones need the room.
  private mutating func weigh(_ models: [ModelDescription]) throws(EvaluationFault) -> Recipe {
    guard let validation else {
      notes.append("blend: nothing can be held out of these data, so its parts weigh the same.")
      let share = 1 / Double(max(1, models.count))
      return Recipe(weights: models.map { ($0, share) }, scale: .deviation)
    }
    var (parts, trained) = ([LinearBlend.Part](), [ModelDescription]())
    for model in models {
      do throws(EvaluationFault) {
        let ranker = try make(model, try settings(model), validation.fit, purpose: " for validation")
        parts.append(LinearBlend.Part(name: model.name, ranker: ranker))
        trained.append(model)
      } catch  where error.kind == .model {
        leaveOut(error)
      }
    }
    guard !parts.isEmpty else { throw EvaluationFault(.model, "No part of the blend could be trained.") }
    var tuner = BlendTuner()
    tuner.length = run.options.lengths.last ?? 10
    let (set, given) = validation.questions.evaluationSet(
      limit: EvaluationRun.tuningQuestionsMax, seenRule: rules.seen)
    let progress = run.progress
    let outcome = tuner.tune(parts, scales: ScoreScale.allCases, on: set, given: given, pool: pool) {
      progress("Weighing the parts", $0)
    }
    let best = zip(trained, outcome.alone).max { $0.1 < $1.1 }
    let why =
      switch outcome.choice {
      case .searched: ""
      case .equal: "; equal weights did best"
      case .single: "; one part alone did best"
      case .tooFew: "; too few questions to search, so all parts weigh the same"
      }
    let crossed =
      outcome.choice == .tooFew
      ? "" : " (\(Digits.four(outcome.heldOut)) with weights found on the other half of the questions)"
    notes.append(
      "blend: on validation NDCG@\(tuner.length) \(Digits.four(outcome.value))\(crossed), best part \(best?.0.name ?? "none") \(Digits.four(best?.1 ?? 0))\(why)."
    )
    var weights = zip(trained, outcome.blend.parts).map { (model: $0, weight: $1.weight) }
    Self.keepPopularity(&weights)
    return Recipe(weights: weights.filter { $0.weight != 0 }, scale: outcome.blend.scale)
  }

  /// Users without history and items nothing else knows are ranked by popularity, however little it weighs.
  private static func keepPopularity(_ weights: inout [(model: ModelDescription, weight: Double)]) {
    let names = [ModelRegistry.popularity.name] + StandardSettings.basketPopularity.map(\.0)
    let places = weights.indices.filter { names.contains(weights[$0].model.name) }
    guard let first = places.first, places.allSatisfy({ weights[$0].weight == 0 }) else { return }
    weights[first].weight = 0.001
  }
}
