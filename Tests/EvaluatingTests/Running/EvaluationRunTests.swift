import Evaluating
import Foundation
#if canImport(FoundationXML)
  import FoundationXML
#endif
import Testing
import Training

@Suite struct EvaluationRunTests {
  /// Users of two tastes: everybody's items are even or odd, in a cycle, so that models can learn something.
  private static let sequences: String = {
    (0..<60).map { user in
      let items = (0..<8).map { "i\((user % 2) + 2 * ((user / 2 + $0) % 12))" }
      return "u\(user) " + items.joined(separator: " ")
    }.joined(separator: "\n")
  }()

  private func run(
    _ text: String, _ models: [String], overrides: [String: [String: Double]] = [:], tune: Double? = nil,
    _ change: (inout EvaluationOptions) -> Void = { _ in }
  ) throws -> EvaluationReport {
    let directory = try TemporaryDirectory()
    var options = EvaluationOptions()
    options.data = try directory.file("sequences.txt", text.utf8)
    options.lengths = [3]
    options.resamples = 50
    change(&options)
    return try EvaluationRun(options: options, models: models, overrides: overrides, tuningMinutes: tune)
      .run()
  }

  @Test func everyModelLearnsAndReports() throws {
    let report = try run(
      Self.sequences, ["all", "blend"],
      overrides: [
        "ials": ["dimensions": 8], "filter": ["dimensions": 8], "sequence-regression": ["regularisation": 1],
      ])
    let names = Set(report.models.map(\.name))
    #expect(
      names.isSuperset(of: [
        "popularity", "transitions", "item-knn", "filter", "ease", "ials", "user-knn", "blend",
      ]))
    #expect(report.skipped.map(\.name).contains("recent-popularity"))
    let popularity = try #require(report.models.first { $0.name == "popularity" }?.value("NDCG@3"))
    for model in report.models {
      let ndcg = try #require(model.estimates.first { $0.name == "NDCG@3" })
      let (low, high) = (try #require(ndcg.low), try #require(ndcg.high))
      #expect(low <= ndcg.value && ndcg.value <= high, "\(model.name)")
      #expect(model.seconds > 0 && model.peakBytes > 0)
    }
    // The next item of a cycle is what always followed.
    let transitions = try #require(report.models.first { $0.name == "transitions" }?.value("NDCG@3"))
    let blend = try #require(report.models.first { $0.name == "blend" }?.value("NDCG@3"))
    #expect(transitions > 0.9 && transitions > popularity + 0.3)
    #expect(blend > 0.9)
  }

  @Test func theReportAsJSONHasTheNamesPromised() throws {
    let report = try run(Self.sequences, ["popularity"])
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(report.json.utf8)) as? [String: Any])
    let model = try #require((object["models"] as? [String: Any])?["popularity"] as? [String: Any])
    for name in ["HR@3", "Recall@3", "NDCG@3", "Precision@3", "MRR@3", "MAP@3", "F1@3"] {
      let numbers = try #require(model[name] as? [String: Double], "\(name)")
      #expect(Set(numbers.keys) == ["value", "low", "high"])
    }
    #expect(model["seconds"] is Double && model["peakBytes"] is NSNumber)
    let words = try #require(object["protocol"] as? [String: String])
    for name in ["split", "seen items", "ideal rule", "tie rule", "intervals"] { #expect(words[name] != nil) }
  }

  @Test func tuningLooksAtValidationOnly() throws {
    // The same training and validation with two different ends: what is chosen must not change.
    func settings(_ end: String) throws -> ModelSettings? {
      let text = Self.sequences.split(separator: "\n").map { $0 + " " + end }.joined(separator: "\n")
      return try run(text, ["transitions"], tune: 5).models.first?.settings
    }
    let first = try #require(try settings("i0"))
    #expect(try settings("i5") == first)
  }

  @Test func ratingsAreBlendedAndTuned() throws {
    let directory = try TemporaryDirectory()
    // Two tastes, and a habit of each user: rating-knn and bias both know something.
    let lines = (0..<1200).map { row in
      let (user, item) = (row / 30, row % 30)
      return
        "u\(user)\ti\(item)\t\((user % 2 == item % 2 ? 4 : 2) + (user % 3 == 0 ? 1 : 0) - (row * 7 % 5 == 0 ? 1 : 0))"
    }.joined(separator: "\n")
    func report(_ models: [String], tune: Double? = nil) throws -> EvaluationReport {
      var options = EvaluationOptions()
      options.data = try directory.file("ratings.txt", lines.utf8)
      (options.task, options.resamples) = (.rating, 20)
      return try EvaluationRun(
        options: options, models: models, overrides: ["svd": ["samples": 5, "burn-in": 5, "dimensions": 4]],
        tuningMinutes: tune
      ).run()
    }
    let all = try report(["all", "blend"])
    #expect(all.models.map(\.name) == ["mean", "bias", "rating-knn", "svd", "blend"])
    let parts = all.models.dropLast().compactMap { $0.value("RMSE") }
    let blend = try #require(all.models.last)
    let (value, best) = (try #require(blend.value("RMSE")), try #require(parts.min()))
    #expect(value < best + 0.02, "\(value), best part \(best)")
    #expect(abs(blend.settings.values.values.reduce(0, +) - 1) < 1e-4)
    let tuned = try report(["bias"], tune: 0.5)
    #expect(tuned.notes.contains { $0.hasPrefix("bias:") && $0.contains("settings tried") })
  }

  @Test func ratingsArePredicted() throws {
    let lines = (0..<400).map { "u\($0 / 20)\ti\($0 % 20)\t\(1 + ($0 / 20 + $0 % 20) % 5)" }.joined(
      separator: "\n")
    let report = try run(lines, ["mean", "bias"]) { $0.task = .rating }
    let mean = try #require(report.models.first { $0.name == "mean" }?.value("RMSE"))
    #expect(abs(mean - 2.0.squareRoot()) < 0.2)
    #expect(report.models.allSatisfy { ($0.value("MAE") ?? 9) <= ($0.value("RMSE") ?? 0) })
  }

  @Test func wrongNamesAndValuesAreRefused() throws {
    #expect(throws: EvaluationFault.self) { try run(Self.sequences, ["magic"]) }
    #expect(throws: EvaluationFault.self) {
      try run(Self.sequences, ["ials"], overrides: ["ials": ["depth": 1]])
    }
    #expect(throws: EvaluationFault.self) {
      try run(Self.sequences, ["ials"], overrides: ["ials": ["dimensions": 0]])
    }
    #expect(throws: EvaluationFault.self) { try run(Self.sequences, ["ease"]) { $0.memoryLimitBytes = 1 } }
  }

  @Test func thePictureHasABarForEveryModel() throws {
    let report = try run(Self.sequences, ["popularity", "item-knn"])
    let svg = BarPlot(report).svg
    let parsed = XMLParser(data: Data(svg.utf8))
    #expect(parsed.parse(), "\(svg.prefix(400))")
    // Recall, NDCG and coverage, two bars each.
    #expect(svg.split(separator: "<rect").count - 1 == 7)
  }
}
