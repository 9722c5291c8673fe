import Serving
import Testing
import Vocabulary

/// Orders of unlike items against the definition, worked out the slow way.
@Suite struct DiversityTests {
  /// A random kernel: unit vectors of a few dimensions and qualities.
  struct Kernel {
    var qualities: [Double] = []
    var likeness: [[Double]] = []

    init(_ count: Int, dimensions: Int, random: inout RandomNumbers) {
      var vectors: [[Double]] = []
      for _ in 0..<count {
        let vector = (0..<dimensions).map { _ in Double(random.signed()) }
        let length = vector.reduce(1e-12) { $0 + $1 * $1 }.squareRoot()
        vectors.append(vector.map { $0 / length })
        qualities.append(0.5 + Double(random.below(1_000_000)) / 1_000_000)
      }
      likeness = vectors.map { left in
        vectors.map { right in (1 + zip(left, right).reduce(0) { $0 + $1.0 * $1.1 }) / 2 }
      }
    }

    /// Determinant of the kernel restricted to some items, by elimination with pivots.
    func determinant(_ items: [Int]) -> Double {
      var rows = items.map { i in items.map { j in qualities[i] * qualities[j] * likeness[i][j] } }
      var product = 1.0
      for column in rows.indices {
        guard let pivot = (column..<rows.count).max(by: { abs(rows[$0][column]) < abs(rows[$1][column]) })
        else { return 0 }
        if rows[pivot][column] == 0 { return 0 }
        if pivot != column {
          rows.swapAt(pivot, column)
          product = -product
        }
        product *= rows[column][column]
        for row in rows.indices where row > column {
          let factor = rows[row][column] / rows[column][column]
          for place in column..<rows.count { rows[row][place] -= factor * rows[column][place] }
        }
      }
      return product
    }

    func greedy(_ picks: Int) -> [Int] {
      let memory = DeterminantalOrder.Memory()
      DeterminantalOrder.choose(
        picks, of: qualities.count, memory, quality: { qualities[$0] }, likeness: { likeness[$0][$1] })
      return memory.chosen.map(Int.init)
    }

    func slowGreedy(_ picks: Int) -> [Int] {
      var chosen: [Int] = []
      while chosen.count < picks {
        let rest = qualities.indices.filter { !chosen.contains($0) }
        guard let best = rest.max(by: { determinant(chosen + [$0]) < determinant(chosen + [$1]) }) else {
          break
        }
        chosen.append(best)
      }
      return chosen
    }

    /// The best determinant of all sets.
    func best(_ picks: Int) -> (items: [Int], determinant: Double) {
      var best: (items: [Int], determinant: Double) = ([], -1)
      func extend(_ items: [Int], from first: Int) {
        if items.count == picks {
          let value = determinant(items)
          if value > best.determinant { best = (items, value) }
          return
        }
        for item in first..<qualities.count { extend(items + [item], from: item + 1) }
      }
      extend([], from: 0)
      return best
    }
  }

  /// The incremental factor gives what recomputing every determinant gives: 1,000 kernels of 12, 5 chosen.
  @Test func determinantalIsGreedyByDefinition() {
    var random = RandomNumbers(seed: 18)
    for round in 0..<1_000 {
      // Likenesses of d dimensions span d + 1: with fewer than 5, nothing is left for a fifth.
      let dimensions = 3 + round % 8
      let kernel = Kernel(12, dimensions: dimensions, random: &random)
      let picks = min(5, dimensions + 1)
      #expect(kernel.greedy(5) == kernel.slowGreedy(picks), "seed 18, round \(round)")
    }
  }

  /// Against the best of all sets. Greedy is optimal where items are unrelated or repeat each other; elsewhere its
  /// determinant is at least the best over (k!)² (Çivril and Magdon-Ismail 2009), and mostly it is the best.
  @Test func determinantalAgainstTheBestSet() {
    var random = RandomNumbers(seed: 19)
    var equal = 0
    for round in 0..<300 {
      let kernel = Kernel(9, dimensions: 6, random: &random)
      let (chosen, best) = (kernel.greedy(3), kernel.best(3))
      #expect(kernel.determinant(chosen) >= best.determinant / 36 - 1e-12, "seed 19, round \(round)")
      if chosen.sorted() == best.items { equal += 1 }

      var unrelated = kernel
      for i in 0..<9 { for j in 0..<9 { unrelated.likeness[i][j] = i == j ? 1 : 0 } }
      #expect(unrelated.greedy(4).sorted() == unrelated.best(4).items, "seed 19, round \(round)")

      // Three groups of copies: the best of each.
      var copies = kernel
      for i in 0..<9 { for j in 0..<9 { copies.likeness[i][j] = i % 3 == j % 3 ? 1 : 0 } }
      let chosenCopies = copies.greedy(3)
      #expect(chosenCopies.sorted() == copies.best(3).items, "seed 19, round \(round)")
      // A fourth would repeat one of them.
      #expect(copies.greedy(4) == chosenCopies, "seed 19, round \(round)")
    }
    #expect(equal >= 200, "seed 19: \(equal) of 300 are the best set")
  }

  @Test func marginalByDefinition() {
    var random = RandomNumbers(seed: 20)
    for round in 0..<300 {
      let kernel = Kernel(15, dimensions: 4, random: &random)
      let strength = Double(round % 11) / 10
      let memory = MarginalOrder.Memory()
      MarginalOrder.choose(
        6, of: 15, strength: strength, memory, relevance: { kernel.qualities[$0] },
        likeness: { kernel.likeness[$0][$1] })
      var slow: [Int] = []
      while slow.count < 6 {
        let value = { (item: Int) -> Double in
          let nearest = slow.map { kernel.likeness[$0][item] }.max() ?? 0
          return (1 - strength) * kernel.qualities[item] - strength * nearest
        }
        let rest = (0..<15).filter { !slow.contains($0) }
        guard let best = rest.max(by: { value($0) < value($1) || (value($0) == value($1) && $0 > $1) }) else {
          break
        }
        slow.append(best)
      }
      #expect(memory.chosen.map(Int.init) == slow, "seed 20, round \(round), strength \(strength)")
    }
  }

  /// a and b are copies, c is another thing: likeness from factors, and from categories where there are none.
  @Test(arguments: [SpreadMethod.mmr, .dpp], [true, false])
  func copiesDoNotStandTogether(method: SpreadMethod, hasFactors: Bool) throws {
    let world = try World()
    world.only(.popular)
    try world.put("a", "b", "x") { $0.categories = ["books", "crime"] }
    try world.put("c", "d", "y") { $0.categories = ["tools"] }
    var trained = World.Trained(items: ["a", "b", "c", "d"])
    trained.popularity = [("a", 9), ("b", 8), ("c", 7), ("d", 6)]
    if hasFactors { trained.factors = ["a": [1, 0], "b": [2, 0.01], "c": [0, 1], "d": [0.1, 3]] }
    try world.train(trained)
    #expect(try world.recommend { $0.k = 4 }.names == ["a", "b", "c", "d"])
    world.settings.spread.method = method
    world.settings.spread.strength = 0.6
    let slate = try world.recommend { $0.k = 2 }
    #expect(slate.names == ["a", "c"])
    #expect(slate.items.allSatisfy { $0.placement == .ranked && $0.propensity == nil })
    // Fillers stay last: nobody ranked them.
    #expect(try world.recommend { $0.k = 6 }.names.prefix(4).sorted() == ["a", "b", "c", "d"])
    world.settings.spread.strength = 0
    #expect(try world.recommend { $0.k = 2 }.names == ["a", "b"])
  }
}
