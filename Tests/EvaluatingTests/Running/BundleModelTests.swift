import Evaluating
import Foundation
import Testing

/// The models of bundles that know members, on data where these decide.
@Suite struct BundleModelTests {
  /// Bundles b0 to b3 of one taste share members, b4 to b7 of the other. Everybody has one bundle and is asked for another
  /// of the same taste, which nobody took with it.
  private func run(_ models: [String], members: Bool = true, events: Bool = true) throws -> EvaluationReport {
    let directory = try TemporaryDirectory()
    let train = (0..<8).map { "u\($0)\tb\($0)" }
    let test = (0..<8).map { "u\($0)\tb\($0 / 4 * 4 + ($0 + 1) % 4)" }
    var held: [String] = []
    for bundle in 0..<8 {
      // A member of the taste, one of its own, and one that all have.
      held += ["b\(bundle)\tm\(bundle / 4)", "b\(bundle)\town\(bundle)", "b\(bundle)\tall"]
    }
    let taken = (0..<8).map { "u\($0)\tm\($0 / 4)" } + ["stranger\tm0"]
    var options = EvaluationOptions()
    options.train = try directory.file("train.txt", train.joined(separator: "\n").utf8)
    options.test = try directory.file("test.txt", test.joined(separator: "\n").utf8)
    options.format = .pairs
    if members { options.members = try directory.file("members.txt", held.joined(separator: "\n").utf8) }
    if events { options.memberEvents = try directory.file("events.txt", taken.joined(separator: "\n").utf8) }
    options.lengths = [3]
    options.resamples = 10
    return try EvaluationRun(options: options, models: models).run()
  }

  @Test func membersTellWhatUsersDoNot() throws {
    let report = try run([
      "popularity", "bundle-members", "bundle-owned", "bundle-companions", "bundle-users",
    ])
    func value(_ model: String) throws -> Double {
      try #require(report.models.first { $0.name == model }?.value("Recall@3"))
    }
    // Four bundles of the taste, one of them the user's own: the right one is among three.
    for model in ["bundle-members", "bundle-owned", "bundle-companions", "bundle-users"] {
      #expect(try value(model) == 1, "\(model)")
    }
    // All bundles were taken once: ties count against it.
    #expect(try value("popularity") == 0)
    #expect(report.notes.contains { $0.contains("1 lines name bundles or users") })
  }

  @Test func withoutMembersTheyAreRefused() throws {
    #expect(throws: EvaluationFault.self) { try run(["bundle-members"], members: false, events: false) }
    #expect(throws: EvaluationFault.self) { try run(["popularity"], members: false) }
  }
}
