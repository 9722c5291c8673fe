import Models
import Testing
import Vocabulary

@Suite struct SegmentModelTests {
  @Test func readsBackWhatWasWritten() throws {
    let sample = try Sample()
    let directory = try TemporaryDirectory()
    try sample.write(directory.shelf)
    let generation = try Generation.open(at: directory.shelf.path(of: GenerationNumber(1)))
    let model = try #require(generation.segments)
    #expect(model.count == 4)
    #expect(model.attributes == ["country"])
    for segment in 0..<4 {
      let places = sample.segments.places(of: segment)
      let (rows, scores) = model.list(of: segment)
      #expect(Array(rows) == Array(sample.segments.rows[places]))
      #expect(Array(scores) == Array(sample.segments.scores[places]))
    }
    #expect((0..<4).map { model.value(of: $0) } == ["cups", "tea", "France", "Spain"])
  }

  @Test func findsByAttributeAndValueOnly() throws {
    let directory = try TemporaryDirectory()
    var sample = try Sample()
    var table = SegmentTable()
    let names = ["", "a", "ab", "b"].flatMap { attribute in
      ["A", "AB", "France", "Île-de-France", "Z"].map { SegmentName(attribute: attribute, value: $0) }
    }
    for (place, name) in names.sorted().enumerated() {
      table.append(name, rows: [UInt32(place)], scores: [1])
    }
    sample.segments = table
    try sample.write(directory.shelf)
    let generation = try Generation.open(at: directory.shelf.path(of: GenerationNumber(1)))
    let model = try #require(generation.segments)
    #expect(model.attributes == ["a", "ab", "b"])
    for (place, name) in names.sorted().enumerated() {
      let parts = name.bytes.split(separator: 0, omittingEmptySubsequences: false)
      let found = model.find(
        attribute: String(decoding: parts[0], as: UTF8.self), value: String(decoding: parts[1], as: UTF8.self)
      )
      #expect(found == place)
    }
    for (attribute, value) in [("", ""), ("", "B"), ("a", "Franc"), ("a", "Frances"), ("c", "A"), ("aA", "")]
    {
      #expect(model.find(attribute: attribute, value: value) == nil, "\(attribute) \(value)")
    }
  }

  /// What the format forbids, and the file that is blamed.
  @Test func whatBreaksARuleIsRefused() throws {
    func table(_ names: [SegmentName], _ lists: [[UInt32]], _ scores: [[Float]]) -> SegmentTable {
      var table = SegmentTable()
      for (place, name) in names.enumerated() {
        table.append(name, rows: lists[place], scores: scores[place])
      }
      return table
    }
    let (one, two) = (SegmentName(category: "a"), SegmentName(attribute: "country", value: "b"))
    let long = SegmentName(category: String(repeating: "x", count: Limits.attributeBytesMax + 1))
    let cases: [(String, SegmentTable)] = [
      ("names.array", table([two, one], [[1], [2]], [[1], [1]])),
      ("names.array", table([one, one], [[1], [2]], [[1], [1]])),
      ("names.array", table([SegmentName(category: "")], [[1]], [[1]])),
      ("names.array", table([SegmentName(category: "a\0b")], [[1]], [[1]])),
      ("names.array", table([long], [[1]], [[1]])),
      ("offsets.array", table([one], [[]], [[]])),
      ("rows.array", table([one], [[23]], [[1]])),
      ("rows.array", table([one], [[3, 4, 3]], [[3, 2, 1]])),
      ("scores.array", table([one], [[3, 4]], [[1, 2]])),
      ("scores.array", table([one], [[3, 4]], [[1, 0]])),
      ("scores.array", table([one], [[3, 4]], [[.infinity, 1]])),
      ("scores.array", table([one], [[3, 4]], [[1, .nan]])),
      ("scores.array", table([one], [[3, 4]], [[1]])),
    ]
    for (place, (file, spoilt)) in cases.enumerated() {
      let directory = try TemporaryDirectory()
      var sample = try Sample()
      sample.segments = spoilt
      let fault = #expect(throws: ModelFault.self, "case \(place)") { try sample.write(directory.shelf) }
      #expect(fault?.file.hasSuffix("segment-popularity." + file) == true, "case \(place): \(fault as Any)")
    }
    let directory = try TemporaryDirectory()
    let count = Limits.segmentItemsMax + 1
    var wide = try Sample(items: count, dimensions: 1)
    wide.segments = table([one], [(0..<UInt32(count)).map { $0 }], [[Float](repeating: 1, count: count)])
    #expect(throws: ModelFault.self) { try wide.write(directory.shelf) }
  }

  /// Worked by hand: the newest item has one category, the one before it two.
  @Test func mixesByAgeAndShare() {
    var mix = SegmentMix()
    for _ in 0..<2 {
      mix.begin()
      mix.add(attribute: 9)
      mix.touch(category: 4, age: 0, count: 1)
      mix.touch(category: 5, age: 1, count: 2)
      mix.touch(category: 4, age: 1, count: 2)
      mix.touch(category: 6, age: 2, count: 1)
      mix.touch(category: 7, age: 3, count: 1)
      mix.settle()
      // 4: 1 + 0.4, 5: 0.4, 6: 0.64, 7: 0.512; the best three share one.
      #expect(mix.parts.map(\.segment) == [9, 4, 6, 7])
      let sum: Float = 1.4 + 0.64 + 0.512
      for (part, weight) in zip(mix.parts, [1, 1.4 / sum, 0.64 / sum, 0.512 / sum]) {
        #expect(abs(part.weight - weight) < 1e-6)
      }
    }
    mix.begin()
    mix.add(attribute: 1)
    mix.add(attribute: 2)
    mix.touch(category: 8, age: 0, count: 1)
    mix.touch(category: 3, age: 0, count: 1)
    mix.settle()
    #expect(mix.parts.map(\.segment) == [1, 2, 3, 8], "equal ones by number")
    #expect(mix.parts.map(\.weight) == [0.5, 0.5, 0.5, 0.5])
  }
}
