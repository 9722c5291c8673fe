import Evaluating
import Testing
import Training

@Suite struct SplitTests {
  private func read(
    _ text: String, _ format: DataFormat, _ change: (inout EvaluationOptions) -> Void = { _ in }
  ) throws -> DataSet {
    let directory = try TemporaryDirectory()
    var options = EvaluationOptions()
    options.data = try directory.file("data", text.utf8)
    options.format = format
    change(&options)
    return try DataSet.read(options)
  }

  private func words(_ table: EventTable, _ data: DataSet) -> [String] {
    (0..<table.count).map { data.users.text(table.users[$0]) + data.items.text(table.items[$0]) }
  }

  private func asked(_ data: DataSet) -> [String] {
    if case .events(let events) = data.test { words(events, data) } else { ["no events"] }
  }

  @Test func lastItemIsAskedAndTheOneBeforeValidates() throws {
    let data = try read("u 1 2 3 4\nv 5 6\n", .sequences) { $0.split = .lastItem }
    #expect(words(data.train, data) == ["u1", "u2", "v5", "v6"])
    #expect(words(data.valid, data) == ["u3"])
    #expect(asked(data) == ["u4"])
  }

  @Test func timesDecideWhatIsLast() throws {
    let data = try read("u\ta\t1\t30\nu\tb\t1\t10\nu\tc\t1\t20\n", .pairs) { $0.split = .lastItem }
    #expect(asked(data) == ["ua"] && words(data.valid, data) == ["uc"] && words(data.train, data) == ["ub"])
  }

  @Test func temporalCutsEverybodyAtOneMoment() throws {
    let lines = (0..<10).map { "u\($0 % 3)\ti\($0)\t1\t\(100 + $0)" }.joined(separator: "\n")
    let data = try read(lines, .pairs) {
      $0.split = .temporal
      $0.testShare = 0.3
      $0.validShare = 0.3
    }
    guard case .events(let test) = data.test else { return }
    #expect(test.times.min() == 107_000_000 && test.count == 3)
    #expect((data.valid.times.max() ?? 0) < 107_000_000 && data.valid.count > 0)
    #expect((data.train.times.max() ?? 0) < (data.valid.times.min() ?? 0))
    #expect(throws: EvaluationFault.self) { try read("u a b c\n", .sequences) { $0.split = .temporal } }
  }

  @Test func randomDrawHangsOnTheSeedAndNotOnTheOrder() throws {
    let lines = (0..<60).map { "u\($0 / 10) i\($0 % 10)" }
    func draw(_ lines: [String], _ seed: UInt64) throws -> Set<String> {
      Set(
        asked(
          try read(lines.joined(separator: "\n"), .pairs) {
            $0.split = .random
            $0.seed = seed
          }))
    }
    let first = try draw(lines, 5)
    #expect(first.count == 12)
    #expect(Set(first.map { $0.prefix(2) }).count == 6)
    #expect(try draw(lines.reversed(), 5) == first)
    #expect(try draw(lines, 6) != first)
  }

  @Test func ratingsAreDrawnOverAll() throws {
    let lines = (0..<100).map { "u\($0 / 10) i\($0 % 10) 3" }.joined(separator: "\n")
    let data = try read(lines, .pairs) {
      $0.task = .rating
      $0.split = .random
    }
    #expect(asked(data).count == 20 && data.valid.count == 8 && data.train.count == 72)
  }

  @Test func lastBasketsOfOneFileAndOfParts() throws {
    let one = try read("{\"u\": [[1], [2, 3], [4]], \"v\": [[5]], \"w\": [[6], [7]]}", .baskets)
    #expect(asked(one) == ["u4", "w7"] && words(one.valid, one) == ["u2", "u3"])
    #expect(words(one.train, one) == ["u1", "v5", "w6"])
    let parts = try read(
      "{\"train\": {\"u\": [[1], [2]]}, \"validate\": {\"v\": [[3], [4]]}, \"test\": {\"w\": [[5], [6]], \"x\": [[7]]}}",
      .baskets)
    #expect(asked(parts) == ["w6"] && words(parts.valid, parts) == ["v4"])
    #expect(words(parts.train, parts) == ["u1", "u2", "v3", "w5", "x7"])
  }

  @Test func sessionsAskEveryClickButTheFirst() throws {
    let directory = try TemporaryDirectory()
    var options = EvaluationOptions()
    options.format = .sessions
    options.train = try directory.file("train", "1 2 3\n2 3\n".utf8)
    options.test = try directory.file("test", "1 2 3\n".utf8)
    let data = try DataSet.read(options)
    guard case .sessions(let sessions) = data.test else {
      Issue.record("no sessions")
      return
    }
    #expect(sessions == [OpenSession(prefix: [0], target: 1), OpenSession(prefix: [0, 1], target: 2)])
  }

  @Test func contradictionsAreRefused() throws {
    #expect(throws: EvaluationFault.self) { try read("u 1\n", .adjacency) { $0.train = "x" } }
    #expect(throws: EvaluationFault.self) { try read("u 1 2 3\n", .sequences) { $0.task = .rating } }
    #expect(throws: EvaluationFault.self) { try DataSet.read(EvaluationOptions()) }
  }
}
