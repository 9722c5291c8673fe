import LiveState
import Models
import Vocabulary

/// Bundles by what they are made of: how many of their members are in the basket, or go with it.
///
///     score(b) = Σ_{j in b} m(j) / |b|
///
/// m(j) is 1 for what the request names, the weight of the starting point for what the history does, and for all else the
/// sum of co-occurrence over the starting points, divided by the largest such sum. Without a generation only what is named
/// counts.
enum MembersSource {
  /// O(starts × neighbours × bundles of each neighbour).
  static func gather(_ width: Int, _ context: ReadContext, _ scratch: ReadScratch) {
    let bundles = context.bundles
    guard bundles.count > 0 else { return }
    scratch.bundleSums.begin(bundles.count)
    scratch.met.begin(context.catalogue.count)
    for item in scratch.named where scratch.met.mark(item, .queried) {
      add(1, to: bundles.bundles(with: item), scratch)
    }
    for start in scratch.starts where scratch.met.mark(start.item, .queried) {
      add(start.weight, to: bundles.bundles(with: start.item), scratch)
    }
    if let view = context.view, let model = view.generation.cooccurrence {
      NeighbourSource.addNeighbours(of: scratch.starts, model, view, scratch)
      let (rows, sums) = scratch.sums.positives()
      var best: Float = 0
      for sum in sums { best = max(best, sum) }
      for place in rows.indices {
        guard let item = view.index(ofRow: Int(rows[place])), context.catalogue.contains(item),
          scratch.met[item] == nil
        else { continue }
        add(sums[place] / best, to: bundles.bundles(with: item), scratch)
      }
    }
    scratch.ranking.begin(width)
    let (numbers, sums) = scratch.bundleSums.positives()
    for place in numbers.indices {
      let number = Int(numbers[place])
      let item = bundles.items[number]
      let size = Double(bundles.members(of: number).count)
      let entry = Ranking.Entry(
        score: Double(sums[place]) / size, tie: UInt64(item.value), number: item.value)
      guard scratch.ranking.accepts(entry), Rules.verdict(item, context, scratch) == nil else { continue }
      scratch.ranking.insert(entry)
    }
    scratch.ranking.sort()
    scratch.offerRanking(as: .members)
  }

  private static func add(_ value: Float, to bundles: ArraySlice<UInt32>, _ scratch: ReadScratch) {
    for number in bundles { scratch.bundleSums.add(number, value) }
  }
}

/// Bundles by how well their members suit the user: the mean of the members' iALS scores, uᵀ Σ_{j in b} v_j / |b|.
enum MemberTasteSource {
  /// Looks only at what other sources named: a mean over every bundle would cost more than it finds.
  /// O(candidates × members × dimensions).
  static func gather(_ context: ReadContext, _ scratch: ReadScratch) {
    guard let view = context.view, let model = view.generation.factors, !scratch.taste.rows.isEmpty else {
      return
    }
    let memory = scratch.factorScratch(for: model)
    guard FactorSource.solve(model, memory, scratch) else { return }
    scratch.ranking.begin(scratch.candidates.count)
    for item in scratch.candidates.items {
      guard let number = context.bundles.number(of: item) else { continue }
      let members = context.bundles.members(of: number)
      var sum: Float = 0
      for value in members {
        if let row = view.row(of: ItemIndex(value)) { sum += memory.score(of: row, model) }
      }
      let score = sum / Float(members.count)
      if score > 0 {
        scratch.ranking.insert(
          Ranking.Entry(score: Double(score), tie: UInt64(item.value), number: item.value))
      }
    }
    scratch.ranking.sort()
    scratch.offerRanking(as: .memberTaste)
  }
}
