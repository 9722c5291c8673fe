import Foundation
import Models
import Testing
import Vocabulary

@Suite struct GenerationShelfTests {
  private let one = GenerationNumber(1)
  private let two = GenerationNumber(2)

  @Test func anEmptyShelf() throws {
    let directory = try TemporaryDirectory()
    let shelf = directory.shelf
    #expect(try shelf.list().isEmpty)
    #expect(try shelf.current() == nil)
    #expect(try shelf.prune(keep: 1).isEmpty)
    try shelf.sweepPartials()
    let fault = #expect(throws: ModelFault.self) { try shelf.promote(one) }
    #expect(fault?.kind == .missing)
    #expect(try shelf.nextNumber() == one)
  }

  @Test func listsNewestFirstWithProblems() throws {
    let directory = try TemporaryDirectory()
    let shelf = directory.shelf
    for _ in 0..<4 { try Sample().write(shelf) }
    try overwrite(shelf.path(of: two) + "/manifest.json", Array("{}".utf8))
    try FileManager.default.removeItem(atPath: shelf.path(of: GenerationNumber(3)) + "/ials.gram.array")
    try FileManager.default.createDirectory(
      atPath: shelf.path + "/000009.partial", withIntermediateDirectories: true)
    try FileManager.default.createDirectory(atPath: shelf.path + "/12", withIntermediateDirectories: true)
    let entries = try shelf.list()
    #expect(entries.map(\.number.value) == [4, 3, 2, 1])
    #expect(entries.map(\.problem.isEmpty) == [true, false, false, true])
    #expect(entries[1].problem.contains("ials.gram.array"))
    #expect(entries[2].problem.contains("manifest.json"))
    let summary = entries[0].summary(isServing: true)
    #expect(summary.isServing && summary.trainedTo == Position(77) && summary.items == 23)
    #expect(summary.metrics.map(\.model) == ["ials", "popularity"])
    #expect(summary.bytes == entries[0].manifest?.bytes)
    #expect(entries[2].summary(isServing: false).problem == entries[2].problem)
    for damaged in [two, GenerationNumber(3)] {
      #expect(throws: ModelFault.self) { try shelf.promote(damaged) }
    }
    #expect(try shelf.current() == nil)
  }

  @Test func promotesAndRollsBack() throws {
    let directory = try TemporaryDirectory()
    let shelf = directory.shelf
    try Sample().write(shelf)
    try Sample().write(shelf)
    for number in [one, two, one, one] {
      try shelf.promote(number)
      #expect(try shelf.current() == number)
      #expect(
        try FileManager.default.destinationOfSymbolicLink(atPath: shelf.path + "/current")
          == number.directoryName)
    }
    // What an interrupted promotion leaves behind is no obstacle.
    try FileManager.default.createSymbolicLink(
      atPath: shelf.path + "/current.new", withDestinationPath: "nowhere")
    try shelf.promote(two)
    #expect(try shelf.current() == two)
  }

  /// While one thread switches, another always finds one of the two.
  @Test func theSwitchIsAtomic() async throws {
    let directory = try TemporaryDirectory()
    let shelf = directory.shelf
    try Sample().write(shelf)
    try Sample().write(shelf)
    try shelf.promote(one)
    let (one, two) = (one, two)
    async let switching: Void = {
      for round in 0..<200 { try shelf.promote(round % 2 == 0 ? two : one) }
    }()
    for _ in 0..<2000 {
      let current = try shelf.current()
      #expect(current == one || current == two)
    }
    try await switching
  }

  @Test func pruningCountsWhatMayServeAndWhatMayNotApart() throws {
    let directory = try TemporaryDirectory()
    let shelf = directory.shelf
    // 1 and 2 are good, 3 to 5 refused, 6 lost but was let through, 7 cannot be read.
    for number in 1...7 {
      try Sample().write(shelf) { manifest in
        guard (3...6).contains(number) else { return }
        manifest.gate = Manifest.Gate(
          passed: false, mode: number == 6 ? "warn" : "on", rule: "", metric: "NDCG@10", margin: 0.02,
          served: "fusion", comparisons: [], reason: "It loses.")
      }
    }
    try FileManager.default.removeItem(
      atPath: shelf.path(of: GenerationNumber(7)) + "/popularity.scores.array")
    let entries = try shelf.list()
    #expect(entries.map(\.isRefused) == [false, false, true, true, true, false, false])
    #expect(entries.map(\.isEligible) == [false, true, false, false, false, true, true])
    try shelf.promote(GenerationNumber(3))
    #expect(try shelf.prune(keep: 2) == [one, GenerationNumber(4)])
    // Kept: 2 and 6, which may serve; 5 and 7, which may not; 3, which serves by force.
    #expect(try shelf.list().map(\.number.value) == [7, 6, 5, 3, 2])
    try shelf.promote(two)
    #expect(try shelf.prune(keep: 1) == [GenerationNumber(3), GenerationNumber(5)])
    #expect(try shelf.list().map(\.number.value) == [7, 6, 2])
  }

  @Test func aForeignCurrentIsRefused() throws {
    let directory = try TemporaryDirectory()
    let shelf = directory.shelf
    try Sample().write(shelf)
    for target in ["/etc", "../default", "000001.partial", "1", "000000", "0000001"] {
      try? FileManager.default.removeItem(atPath: shelf.path + "/current")
      try FileManager.default.createSymbolicLink(atPath: shelf.path + "/current", withDestinationPath: target)
      let fault = #expect(throws: ModelFault.self, "\(target)") { try shelf.current() }
      #expect(fault?.kind == .foreign)
      // Nothing is deleted on a doubt.
      #expect(throws: ModelFault.self) { try shelf.prune(keep: 0) }
    }
    try FileManager.default.removeItem(atPath: shelf.path + "/current")
    try FileManager.default.createDirectory(
      atPath: shelf.path + "/current", withIntermediateDirectories: true)
    #expect(throws: ModelFault.self) { try shelf.current() }
  }

  @Test func numbersAreNeverReused() throws {
    let directory = try TemporaryDirectory()
    let shelf = directory.shelf
    #expect(try shelf.nextNumber() == one)
    // Training failed and left nothing: the number is gone all the same.
    #expect(try shelf.nextNumber() == two)
    try Sample().write(shelf)
    try FileManager.default.removeItem(atPath: shelf.path(of: GenerationNumber(3)))
    #expect(try shelf.nextNumber() == GenerationNumber(4))
    // The counter was lost: what lies there still counts, whole or partial.
    try FileManager.default.removeItem(atPath: shelf.path + "/last-number")
    try FileManager.default.createDirectory(
      atPath: shelf.path + "/000041.partial", withIntermediateDirectories: true)
    #expect(try shelf.nextNumber() == GenerationNumber(42))
    try overwrite(shelf.path + "/last-number", Array("4x\n".utf8))
    let fault = #expect(throws: ModelFault.self) { try shelf.nextNumber() }
    #expect(fault?.kind == .corrupt)
    try overwrite(shelf.path + "/last-number", Array("18446744073709551615\n".utf8))
    #expect(throws: ModelFault.self) { try shelf.nextNumber() }
  }

  @Test func prunesAllButTheNewestAndTheCurrent() throws {
    let directory = try TemporaryDirectory()
    let shelf = directory.shelf
    for _ in 0..<6 { try Sample().write(shelf) }
    try shelf.promote(two)
    #expect(try shelf.prune(keep: 2).map(\.value) == [1, 3, 4])
    #expect(try shelf.list().map(\.number.value) == [6, 5, 2])
    #expect(try shelf.prune(keep: 2).isEmpty)
    #expect(try shelf.prune(keep: 0).map(\.value) == [5, 6])
    #expect(openingFault(shelf.path(of: two)) == nil)
  }

  @Test func sweepsWhatWasInterruptedAndNothingElse() throws {
    let directory = try TemporaryDirectory()
    let shelf = directory.shelf
    try Sample().write(shelf)
    try shelf.promote(one)
    let writer = try GenerationWriter(in: shelf.path, number: try shelf.nextNumber())
    try writer.addItems([])
    for name in ["000000.removing", "000005.removing", "notes.partial", "mine"] {
      try FileManager.default.createDirectory(
        atPath: shelf.path + "/" + name, withIntermediateDirectories: true)
    }
    try overwrite(shelf.path + "/000005.removing/x.array", [1])
    try shelf.sweepPartials()
    let names = try FileManager.default.contentsOfDirectory(atPath: shelf.path).sorted()
    #expect(names == ["000000.removing", "000001", "current", "last-number", "mine", "notes.partial"])
  }

  @Test func aWriterNeverOverwrites() throws {
    let directory = try TemporaryDirectory()
    let shelf = directory.shelf
    try Sample().write(shelf)
    for _ in 0..<2 {
      let fault = #expect(throws: ModelFault.self) { try GenerationWriter(in: shelf.path, number: one) }
      #expect(fault?.kind == .exists)
    }
    let writer = try GenerationWriter(in: shelf.path, number: two)
    let fault = #expect(throws: ModelFault.self) { try GenerationWriter(in: shelf.path, number: two) }
    #expect(fault?.kind == .exists)
    writer.abandon()
    #expect(throws: Never.self) { try GenerationWriter(in: shelf.path, number: two).abandon() }
    #expect(throws: ModelFault.self) { try GenerationWriter(in: shelf.path, number: .none) }
    #expect(throws: ModelFault.self) {
      let writer = try GenerationWriter(in: shelf.path, number: two)
      try writer.addNeighbours("../x", offsets: [0], rows: [], scores: [])
    }
  }

  @Test func namesOfDirectories() {
    #expect(one.directoryName == "000001")
    #expect(GenerationNumber(1_234_567).directoryName == "1234567")
    #expect(GenerationNumber(directoryName: "1234567") == GenerationNumber(1_234_567))
    for name in [
      "", "1", "00001", "0000001", "000000", "-00001", "+00001", "00000a", "99999999999999999999999",
    ] {
      #expect(GenerationNumber(directoryName: name) == nil, "\(name)")
    }
  }
}
