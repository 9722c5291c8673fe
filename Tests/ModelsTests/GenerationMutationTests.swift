import Foundation
import Models
import Testing
import Vocabulary

@Suite struct GenerationMutationTests {
  /// Every file, mutated in every way a disk or a person does: refused, never a crash.
  @Test func everyMutationOfEveryFileIsRefused() throws {
    let directory = try TemporaryDirectory()
    try Sample(items: 9, dimensions: 3).write(directory.shelf)
    let path = directory.shelf.path(of: GenerationNumber(1))
    for name in try FileManager.default.contentsOfDirectory(atPath: path).sorted() {
      let file = path + "/" + name
      let original = try bytes(of: file)
      for seed in UInt64(0)..<25 {
        var random = SeededGenerator(seed: seed)
        let mutated = mutate(original, &random)
        if mutated == original { continue }
        try overwrite(file, mutated)
        let fault = try #require(openingFault(path), "\(name), seed \(seed): it opened")
        #expect(fault.file.hasPrefix(path), "\(name), seed \(seed): \(fault)")
      }
      try overwrite(file, original)
      #expect(openingFault(path) == nil, "\(name) put back")
    }
  }

  /// The same with every digest made right again, so that only the rules stand between the bytes and the models: it
  /// is refused, or everything it says can be used.
  @Test func whatOpensCanBeUsedWhateverItSays() throws {
    let directory = try TemporaryDirectory()
    try Sample(items: 9, dimensions: 3).write(directory.shelf)
    let path = directory.shelf.path(of: GenerationNumber(1))
    let manifest = try bytes(of: path + "/manifest.json")
    let text = String(decoding: manifest, as: UTF8.self)
    let names = try FileManager.default.contentsOfDirectory(atPath: path).sorted().filter {
      $0.hasSuffix(".array")
    }
    var opened = 0
    for name in names {
      let original = try bytes(of: path + "/" + name)
      for seed in UInt64(0)..<30 {
        var random = SeededGenerator(seed: seed &+ 1000)
        let mutated = sealed(mutate(original, &random, keepsLength: true))
        try overwrite(path + "/" + name, mutated)
        let forged = text.replacingOccurrences(of: hex(original), with: hex(mutated))
        try forgeManifest(path, text: Array(forged.utf8))
        if let generation = try? Generation.open(at: path) {
          use(generation)
          opened += 1
        }
      }
      try overwrite(path + "/" + name, original)
      try forgeManifest(path, text: manifest)
    }
    // Changed letters of identifiers and smaller last scores are no faults, so some must have opened.
    #expect(opened > 0)
    #expect(openingFault(path) == nil)
  }

  @Test func mutatedManifestsWithARightDigestNeverCrash() throws {
    let directory = try TemporaryDirectory()
    try Sample(items: 9, dimensions: 3).write(directory.shelf)
    let path = directory.shelf.path(of: GenerationNumber(1))
    let text = try bytes(of: path + "/manifest.json")
    for seed in UInt64(0)..<400 {
      var random = SeededGenerator(seed: seed)
      var mutated = text
      // Digits and structure, which decode more often than random bytes.
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let place = Int.random(in: 0..<mutated.count, using: &random)
        mutated[place] = Array(#"0123456789-.eE"[]{},:ux"#.utf8).randomElement(using: &random) ?? 0
      }
      try forgeManifest(path, text: mutated)
      if let generation = try? Generation.open(at: path) { use(generation) }
    }
  }

  private func mutate(
    _ original: [UInt8], _ random: inout SeededGenerator, keepsLength: Bool = false
  ) -> [UInt8] {
    var bytes = original
    switch Int.random(in: keepsLength ? 2..<7 : 0..<7, using: &random) {
    case 0: bytes.removeLast(Int.random(in: 1...bytes.count, using: &random))
    case 1: bytes += [UInt8](repeating: 0, count: Int.random(in: 1...100, using: &random))
    case 2:
      let place = Int.random(in: 0..<bytes.count, using: &random)
      bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 3: bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
    case 4:
      let start = Int.random(in: 0..<bytes.count, using: &random)
      for place in start..<min(start + 8, bytes.count) { bytes[place] = 0xff }
    case 5:
      let start = Int.random(in: 0..<bytes.count, using: &random)
      for place in start..<min(start + 16, bytes.count) { bytes[place] = 0 }
    default:
      let half = bytes.count / 2
      bytes = Array(bytes[half...] + bytes[..<half])
    }
    return bytes
  }

  /// Touches everything a reader may touch.
  private func use(_ generation: Generation) {
    var sum: Float = 0
    for row in 0..<generation.itemCount {
      #expect(!generation.identifier(of: row).bytes.isEmpty)
      for model in [generation.transitions, generation.cooccurrence] {
        guard let (rows, scores) = model?.neighbours(of: row) else { continue }
        for (place, row) in rows.enumerated() {
          #expect(Int(row) < generation.itemCount)
          sum += scores[place]
        }
      }
    }
    for row in generation.popularity?.rows ?? UnsafeBufferPointer(start: nil, count: 0) {
      #expect(Int(row) < generation.itemCount)
    }
    if let segments = generation.segments {
      for segment in 0..<segments.count {
        let (rows, scores) = segments.list(of: segment)
        #expect(!segments.value(of: segment).isEmpty)
        for (place, row) in rows.enumerated() {
          #expect(Int(row) < generation.itemCount)
          #expect(scores[place] > 0)
        }
      }
      #expect(segments.find(attribute: "country", value: "Atlantis") == nil)
    }
    if let ratings = generation.ratings, generation.itemCount > 1 {
      let scratch = RatingScratch(for: ratings)
      for values in [[1, 5], [3e38, -3e38]] as [[Float]] {
        [UInt32(0), 1].withUnsafeBufferPointer { rows in
          values.withUnsafeBufferPointer { ratings.foldIn(rows: rows, values: $0, into: scratch) }
        }
        for row in [nil, 0, generation.itemCount - 1] {
          #expect(ratings.range.contains(Double(ratings.predict(row: row, scratch))))
        }
      }
    }
    guard let factors = generation.factors, generation.itemCount > 1 else { return }
    let scratch = FoldInScratch(dimensions: factors.dimensions)
    [UInt32(0), 1].withUnsafeBufferPointer { rows in
      [Float(1), 2].withUnsafeBufferPointer { confidences in
        _ = factors.foldIn(rows: rows, confidences: confidences, into: scratch)
      }
    }
    #expect(scratch.vector.allSatisfy { $0.isFinite })
    #expect(!sum.isNaN)
  }
}
