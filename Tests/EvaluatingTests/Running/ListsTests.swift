import Evaluating
import Testing

/// Lists made elsewhere, and splits written for those who make them.
struct ListsTests {
  private func run(_ directory: TemporaryDirectory, _ data: String, lists: String) throws -> EvaluationReport
  {
    var options = EvaluationOptions()
    options.data = try directory.file("data.txt", data)
    options.format = .sequences
    options.split = .lastItem
    options.lengths = [1, 2]
    options.resamples = 0
    options.lists = [(name: "elsewhere", path: try directory.file("lists.txt", lists))]
    return try EvaluationRun(options: options, models: []).run()
  }

  private func value(_ report: EvaluationReport, _ metric: String) throws -> Double {
    let model = try #require(report.models.first { $0.name == "elsewhere" })
    return try #require(model.estimates.first { $0.name == metric }).value
  }

  /// Asked: u wants d, v wants a, w wants b, and x what nobody can know. e and f are candidates for u, v and w.
  private let data = "u a b c d\nv b c d a\nw a c d b\nx e f g\n"

  @Test func ranksCountAsTheyStand() throws {
    let directory = try TemporaryDirectory()
    // c is what v has already: it is no candidate, so a moves up to the first place.
    let report = try run(directory, data, lists: "u\td\nv\tc\ta\n")
    #expect(try value(report, "HR@1") == 0.5)
    #expect(try value(report, "Recall@2") == 0.5)
  }

  @Test func aListThatDoesNotNameTheRightItemMisses() throws {
    let directory = try TemporaryDirectory()
    let report = try run(directory, data, lists: "u b a\nv b\nw c\n")
    #expect(try value(report, "HR@2") == 0)
  }

  @Test func whatTheDataDoNotKnowIsSaid() throws {
    let directory = try TemporaryDirectory()
    let report = try run(directory, data, lists: "u zebra d\nnobody a\n")
    #expect(report.notes.contains { $0.contains("1 lists are of users") })
    #expect(report.notes.contains { $0.contains("1 items of lists are not in the data") })
  }

  @Test(arguments: ["u a\nu b\n", "u a b a\n"])
  func contradictionsAreRefused(_ lists: String) throws {
    let directory = try TemporaryDirectory()
    let fault = #expect(throws: EvaluationFault.self) { try run(directory, data, lists: lists) }
    #expect(fault?.kind == .badData)
    #expect(fault?.message.contains("line") == true)
  }

  @Test func aNameOfAModelIsTaken() throws {
    var options = EvaluationOptions()
    options.lists = [(name: "ease", path: "x")]
    let fault = #expect(throws: EvaluationFault.self) {
      try EvaluationRun(options: options, models: []).run()
    }
    #expect(fault?.kind == .usage)
  }

  @Test func aSplitIsWrittenWithTimesFromTheOrder() throws {
    let directory = try TemporaryDirectory()
    var options = EvaluationOptions()
    options.data = try directory.file("data.txt", "u a \"b c\nv b,e c d\n")
    options.format = .sequences
    options.split = .lastItem
    let run = EvaluationRun(options: options, models: [])
    let hour: Int64 = 3_600_000_000
    // A directory that is missing is made.
    let split = directory.path + "/split"
    let summary = try run.writeSplit(to: split, end: 100 * hour)
    #expect(summary.events == 4)
    #expect(summary.users == 2)
    #expect(summary.inventsTimes)
    #expect(
      try TemporaryDirectory.lines(split + "/train.csv") == [
        "user,item,time", "u,a,\(94 * hour)", "u,\"\"\"b\",\(100 * hour)", "v,\"b,e\",\(94 * hour)",
        "v,c,\(100 * hour)",
      ])
    #expect(try TemporaryDirectory.lines(split + "/asked.txt") == ["u", "v"])
  }
}
