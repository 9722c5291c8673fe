import Foundation
import Models
import Testing
import Vocabulary

@Suite struct UserNeighbourModelTests {
  /// Likeness from the definition, over dense tables.
  private func reference(
    _ sample: SampleUsers, _ history: [UInt32: Float], except key: UInt64? = nil
  ) -> [(user: Int, likeness: Double)] {
    var likeness = [Double](repeating: 0, count: sample.keys.count)
    for (row, confidence) in history {
      for place in Int(sample.itemOffsets[Int(row)])..<Int(sample.itemOffsets[Int(row) + 1]) {
        likeness[Int(sample.itemUsers[place])] +=
          Double(confidence) * Double(sample.itemWeights[Int(row)]) * Double(sample.itemScores[place])
      }
    }
    return likeness.enumerated().map { (user: $0.offset, likeness: $0.element) }
      .filter { $0.likeness > 0 && (key == nil || sample.keys[$0.user] != key) }
      .sorted { $0.likeness > $1.likeness }
  }

  private func find(
    _ index: UserIndex, _ history: [(UInt32, Float)], except key: UInt64? = nil, _ scratch: UserIndexScratch
  ) {
    history.map(\.0).withUnsafeBufferPointer { rows in
      history.map(\.1).withUnsafeBufferPointer { confidences in
        index.findNearest(rows: rows, confidences: confidences, except: key, scratch)
      }
    }
  }

  @Test(arguments: (1...8).map { UInt64($0) }) func findsTheNearest(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed &+ 99)
    var sample = SampleUsers(users: 60, items: 20, seed: seed)
    sample.neighbours = 7
    let directory = try TemporaryDirectory()
    var generation = try Sample(items: 20, seed: seed)
    generation.users = sample
    try generation.write(directory.shelf)
    let opened = try Generation.open(at: directory.shelf.path(of: GenerationNumber(1)))
    let model = try #require(opened.userNeighbours)
    #expect(model.userCount == 60 && model.neighbours == 7)
    let scratch = UserIndexScratch()
    for round in 0..<20 {
      let rows = (0..<UInt32(20)).shuffled(using: &random).prefix(Int.random(in: 0...6, using: &random))
      let history = rows.map { ($0, Float.random(in: 0.5...2, using: &random)) }
      let key = round % 2 == 0 ? sample.keys[round] : nil
      let expected = reference(sample, Dictionary(uniqueKeysWithValues: history), except: key).prefix(7)
      find(model.index, history, except: key, scratch)
      #expect(scratch.users.map { Int($0) } == expected.map(\.user), "seed \(seed), round \(round)")
      let total = expected.reduce(0) { $0 + $1.likeness }
      for (weight, wanted) in zip(scratch.weights, expected) {
        #expect(abs(Double(weight) - wanted.likeness / total) < 1e-5, "seed \(seed), round \(round)")
      }
      let before = (scratch.users, scratch.weights)
      find(model.index, history.reversed(), except: key, scratch)
      #expect(before == (scratch.users, scratch.weights), "a history is a set")
    }
    withExtendedLifetime(opened) {}
  }

  @Test func looksUpSharesAndScores() {
    let sample = SampleUsers(users: 30, items: 10, seed: 3)
    sample.withIndex { index in
      for user in 0..<30 {
        let (rows, scores) = index.items(of: user)
        for row in 0..<UInt32(10) {
          let place = rows.firstIndex(of: row)
          #expect(index.score(of: row, by: UInt32(user)) == (place.map { scores[$0] } ?? 0))
          #expect((index.share(of: UInt32(user), in: Int(row)) > 0) == (place != nil))
        }
      }
    }
  }

  /// As many entries as one request may read, the rarest items first: what everybody has is left out.
  @Test func readsNoMoreThanItMay() {
    let items = Limits.userEntriesPerRequestMax / Limits.usersPerItemMax + 2
    let users = Limits.usersPerItemMax
    var sample = SampleUsers(users: 0, items: items, perUser: 0, seed: 1)
    sample.keys = (0..<users).map { UInt64($0) }
    sample.userOffsets = [UInt64](repeating: 0, count: users + 1)
    sample.neighbours = 5
    // Item 0 was taken by user 9 only; the others by everybody, item i most of all by user i.
    (sample.itemUsers, sample.itemScores, sample.itemOffsets) = ([9], [1], [0, 1])
    for item in 1..<items {
      sample.itemUsers += (0..<UInt32(users))
      sample.itemScores += (0..<users).map { $0 == item ? 1 : 0.001 }
      sample.itemOffsets.append(UInt64(sample.itemUsers.count))
    }
    sample.itemWeights = [Float](repeating: 1, count: items)
    let scratch = UserIndexScratch()
    sample.withIndex { index in
      find(index, (0..<UInt32(items)).map { ($0, 1) }.reversed(), scratch)
      #expect(scratch.users.first == 9, "shares the rarest item and is not outvoted")
      // One item of the full ones does not fit: the last by number.
      find(index, (1..<UInt32(items)).map { ($0, $0 == UInt32(items - 1) ? 100 : 1) }, scratch)
      #expect(!scratch.users.contains(UInt32(items - 1)))
    }
  }

  @Test func contentsThatBreakARule() throws {
    let spoils: [(String, (inout SampleUsers) throws -> Void)] = [
      ("keys.array", { $0.keys.swapAt(0, 1) }),
      ("user-offsets.array", { $0.userOffsets[0] = 1 }),
      ("user-offsets.array", { $0.userOffsets[3] = .max }),
      ("user-offsets.array", { $0.userOffsets.removeLast() }),
      ("user-rows.array", { $0.userRows[2] = 23 }),
      ("user-rows.array", { $0.userRows[1] = $0.userRows[0] }),
      ("user-rows.array", { $0.userRows.swapAt(0, 1) }),
      ("user-scores.array", { $0.userScores[4] = .nan }),
      ("user-scores.array", { $0.userScores[4] = -0.5 }),
      ("user-scores.array", { $0.userScores.removeLast() }),
      ("item-offsets.array", { $0.itemOffsets[$0.itemOffsets.count - 1] += 1 }),
      ("item-offsets.array", { $0.itemOffsets.append($0.itemOffsets.last ?? 0) }),
      ("item-users.array", { $0.itemUsers[0] = 40 }),
      (
        "item-users.array",
        { sample in
          let item = try #require((0..<23).first { sample.itemOffsets[$0] + 1 < sample.itemOffsets[$0 + 1] })
          sample.itemUsers.swapAt(Int(sample.itemOffsets[item]), Int(sample.itemOffsets[item]) + 1)
        }
      ),
      ("item-scores.array", { $0.itemScores[0] = .infinity }),
      ("item-scores.array", { $0.itemScores[0] = -1 }),
      ("item-weights.array", { $0.itemWeights[1] = .nan }),
      ("item-weights.array", { $0.itemWeights.append(1) }),
      ("manifest.json", { $0.neighbours = 0 }),
      ("manifest.json", { $0.neighbours = Limits.similarUsersMax + 1 }),
    ]
    for (place, (file, spoil)) in spoils.enumerated() {
      let directory = try TemporaryDirectory()
      var sample = try Sample(seed: 4)
      var users = SampleUsers(users: 40, items: 23, seed: 5)
      try spoil(&users)
      sample.users = users
      let fault = #expect(throws: ModelFault.self, "case \(place)") { try sample.write(directory.shelf) }
      #expect(fault?.kind == .inconsistent, "case \(place): \(String(describing: fault))")
      #expect(fault?.file.hasSuffix(file) == true, "case \(place): \(String(describing: fault))")
      #expect(try directory.shelf.list().isEmpty)
    }
  }

  @Test func rowsThatAreTooLong() throws {
    let directory = try TemporaryDirectory()
    let count = Limits.itemsPerIndexedUserMax + 1
    var sample = try Sample(items: count, dimensions: 1)
    sample.users = SampleUsers(users: 1, items: count, perUser: count, seed: 1)
    let fault = #expect(throws: ModelFault.self) { try sample.write(directory.shelf) }
    #expect(fault?.message.contains("at most \(count - 1)") == true)
  }

  /// Bytes that differ from what was written, and files that are missing or cut.
  @Test func corruptFiles() throws {
    for file in ["keys", "user-offsets", "user-rows", "user-scores", "item-users", "item-scores"] {
      for cut in [true, false] {
        let directory = try TemporaryDirectory()
        var sample = try Sample(seed: 6)
        sample.users = SampleUsers(users: 40, items: 23, seed: 6)
        try sample.write(directory.shelf)
        let path = directory.shelf.path(of: GenerationNumber(1))
        let name = "/user-neighbours.\(file).array"
        var contents = try bytes(of: path + name)
        if cut { contents.removeLast(4) } else { contents[70] ^= 1 }
        try overwrite(path + name, contents)
        let fault = try #require(openingFault(path), "\(file) opened")
        #expect(fault.kind == .corrupt && fault.file.hasSuffix(name), "\(fault)")
      }
    }
  }

  /// Weights of a linear model may be negative, and are served as they are.
  @Test func linearMayBeNegative() throws {
    let directory = try TemporaryDirectory()
    var sample = try Sample(seed: 8)
    sample.linear = ([0] + [UInt64](repeating: 2, count: 23), [5, 9], [0.5, -0.25])
    try sample.write(directory.shelf)
    let generation = try Generation.open(at: directory.shelf.path(of: GenerationNumber(1)))
    let (rows, scores) = try #require(generation.linear).neighbours(of: 0)
    #expect(Array(rows) == [5, 9] && Array(scores) == [0.5, -0.25])
    #expect(generation.userNeighbours == nil)
    sample.linear?.scores = [0.5, -.infinity]
    let fault = #expect(throws: ModelFault.self) { try sample.write(directory.shelf) }
    #expect(fault?.file.hasSuffix("linear.scores.array") == true)
  }
}
