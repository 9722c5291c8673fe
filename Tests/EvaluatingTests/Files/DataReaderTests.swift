import Evaluating
import Testing

@Suite struct DataReaderTests {
  /// Rows as `user item [value] [basket]`, from a file with this text.
  private func rows(_ text: String, _ format: DataFormat? = nil, name: String = "f.txt") throws -> [String] {
    let directory = try TemporaryDirectory()
    var reader = DataReader(format: format)
    guard case .events(let table) = try reader.read(directory.file(name, text.utf8)) else {
      return ["no events"]
    }
    return (0..<table.count).map { row in
      var words = [reader.users.text(table.users[row]), reader.items.text(table.items[row])]
      if table.hasValues { words.append("\(table.values[row])") }
      if table.hasTimes { words.append("\(table.times[row] / 1_000_000)") }
      if table.hasBaskets { words.append("b\(table.baskets[row])") }
      return words.joined(separator: " ")
    }
  }

  private func failure(_ text: String, _ format: DataFormat, name: String = "f.txt") throws
    -> EvaluationFault?
  {
    let directory = try TemporaryDirectory()
    var reader = DataReader(format: format)
    let path = try directory.file(name, text.utf8)
    do throws(EvaluationFault) {
      _ = try reader.read(path)
      return nil
    } catch {
      return error
    }
  }

  @Test func listsBearCarriageReturnsEmptyLinesAndMissingLastLineEnds() throws {
    #expect(try rows("u1 a b\r\n\r\n  \nu2 a\nu3\nü4 c", .adjacency) == ["u1 a", "u1 b", "u2 a", "ü4 c"])
  }

  @Test(arguments: [
    "1\t2\t3.5\t100\n", "1,2,3.5,100\n", "1::2::3.5::100\n", "1 2  3.5 100\n", "1; 2; 3.5; 100\r\n",
  ])
  func pairsBearUsualSeparators(_ line: String) throws {
    #expect(try rows(line, .pairs) == ["1 2 3.5 100"])
  }

  @Test func commentsAndColumnNamesAreNoEvents() throws {
    #expect(try rows("# from somewhere\n#\nu1 a b\n# end\n#2 c\n", .adjacency) == ["u1 a", "u1 b", "#2 c"])
    #expect(try rows("user_id item_id\n1 2\n", nil) == ["1 2"])
    #expect(try rows("userId::movieId::rating\n1::2::3\n", .pairs) == ["1 2 3.0"])
    // A second line of names is an error, not an event.
    #expect(
      try failure("user\titem\trating\nuser\titem\trating\n", .pairs)?.message.contains("line 2") == true)
  }

  @Test func namesMayHoldBlanksWhereTabsPart() throws {
    #expect(try rows("anna k\tthe movie\n", .pairs) == ["anna k the movie"])
  }

  @Test(arguments: [
    ("1\t2\n1\n", "line 2"), ("1\t2\t3\n1\t2\tx\n", "\"x\" is not a number"),
    ("1\t2\n1\t2\t3\n", "3 fields"), ("1\t2\t3\tsoon\n", "line 1"), ("1\t2\tnan\n", "not a number"),
  ])
  func pairsNameFileLineAndReason(_ text: String, _ part: String) throws {
    let fault = try #require(try failure(text, .pairs))
    #expect(fault.kind == .badData)
    #expect(fault.message.contains("f.txt, line ") && fault.message.contains(part), "\(fault.message)")
  }

  @Test func tablesFindTheirColumns() throws {
    #expect(
      try rows("userId,note,movieId,rating,timestamp\n7,\"a, b\",9,4.5,1260759144\n", name: "r.csv")
        == ["7 9 4.5 1260759144"])
    #expect(
      try rows("user_id:token\titem_id:token\trating:float\n1\t2\t3\n", name: "x.inter") == ["1 2 3.0"])
    #expect(
      try rows("user,item,basket\na,1,o9\na,2,o9\nb,1,o1\na,3,o2\n", .csv) == [
        "a 1 b0", "a 2 b0", "b 1 b0", "a 3 b1",
      ])
    #expect(
      try rows("{\"user\": 1, \"item\": \"x\", \"time\": \"2020-01-01\"}\n", .jsonl) == ["1 x 1577836800"])
  }

  @Test func tablesSayWhichColumnIsMissing() throws {
    let fault = try #require(try failure("user,thing\n1,2\n", .csv))
    #expect(fault.kind == .usage && fault.message.contains("--column item=NAME"))
    let line = try #require(try failure("user,item\n1,2\n,3\n", .csv))
    #expect(line.kind == .badData && line.message.contains("line 3: the user is empty"))
  }

  @Test func basketsDropMarksAndKeepOrder() throws {
    #expect(
      try rows("{\"u\": [[-1], [3, \"x\"], [], [4], [-1]],\n \"v\": []}", .baskets) == [
        "u 3 b0", "u x b0", "u 4 b1",
      ])
  }

  @Test(arguments: ["{\"u\": [[1, 2]", "{\"u\": [1]}", "{\"u\": [[nothing]]}", "[]", "{\"u\": [[\"a]]}"])
  func brokenBasketsAreRefused(_ text: String) throws {
    #expect(try failure(text, .baskets)?.kind == .badData)
  }

  @Test func sessionsBecomeQuestionsWhereATargetStands() throws {
    let directory = try TemporaryDirectory()
    var reader = DataReader(format: .sessions)
    guard case .questions(let questions) = try reader.read(directory.file("t", "1 2\t3\n2\t1\n".utf8)) else {
      Issue.record("no questions")
      return
    }
    #expect(questions == [OpenSession(prefix: [0, 1], target: 2), OpenSession(prefix: [1], target: 0)])
  }

  @Test(arguments: [
    ("0 1 2 3\n1 2\n", DataFormat.adjacency), ("0\t31\n0\t27\n1\t3\n", .pairs), ("u i 1\nu j 1\n", .pairs),
    ("5 6 7\t8\n5\t9\n", .sessions), ("{\"1\": [[1]]}", .baskets), ("user_id,item_id\n1,2\n", .csv),
    ("{\"user\": 1, \"item\": 2}\n{\"user\": 1, \"item\": 3}\n", .jsonl),
    ("1::2::3::4\n1::3::3::4\n", .pairs),
  ])
  func formatsAreGuessed(_ text: String, _ format: DataFormat) throws {
    let directory = try TemporaryDirectory()
    var reader = DataReader()
    _ = try reader.read(directory.file("data", text.utf8))
    #expect(reader.format == format)
  }

  @Test func negativesLoseTheRightItem() throws {
    let directory = try TemporaryDirectory()
    var reader = DataReader()
    let path = try directory.file("n", "(u,1)\t2\t1\t3\t2\n(v,2)\t9\n".utf8)
    let negatives = try NegativesFile(path, reader: &reader)
    #expect(negatives.ownNegatives == 1)
    #expect(negatives.questions.map { $0.others.map { reader.items.text($0) } } == [["2", "3"], ["9"]])
    #expect(throws: EvaluationFault.self) {
      try NegativesFile(directory.file("bad", "u,1\t2\n".utf8), reader: &reader)
    }
  }
}
