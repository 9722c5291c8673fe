import LiveState
import Models
import Vocabulary

/// Makes bundles from what goes together.
///
/// a(i, j) is the score of the pair in the generation's co-occurrence table, from whichever of the two lists has it, the
/// larger if both do. A bundle begins with a seed and one of its neighbours, and takes in, one after the other, the item
/// with the largest Σ_{i in bundle} a(i, j), j taken from the lists of its members. It stops at the largest size, when
/// nothing allowed is left, or when the newcomer's mean affinity to the members falls below half of theirs to each other and
/// the smallest size is reached: what hardly belongs makes a bundle look random. Its score is the mean of a over all its
/// pairs. The best pairs of all seeds begin; the same set of members is proposed once. (Greedy growth by mean affinity, as
/// in bundle mining from association rules: Agrawal and Srikant 1994 for the counts behind a.)
///
/// Every member, the seed included, obeys `Rules`, and is no bundle itself.
enum BundleMaker {
  /// Newest items of the history that bundles are built around, and popular ones where there is no history.
  static let seedsMax = 20
  /// Pairs begun with for each bundle wanted: some grow into the same set, some into none.
  static let pairsPerBundle = 4
  /// Share of the members' mean affinity that a newcomer must reach.
  static let cohesion: Float = 0.5

  /// What a request asks of each bundle.
  private struct Wish {
    var sizes: ClosedRange<Int>
    /// Nil allows all.
    var categories: Set<String>?
    var hasDistinctCategories: Bool
    var price: PriceBounds
  }

  /// Makes the reply; allocates it. O(seeds · neighbours + pairs · size · (size · neighbours)).
  static func run(_ request: BundlesRequest, _ context: ReadContext, _ scratch: ReadScratch) -> BundlesReply {
    let least = request.sizeMin == 0 ? 2 : Int(request.sizeMin)
    let most = request.sizeMax == 0 ? max(4, least) : Int(request.sizeMax)
    let wish = Wish(
      sizes: least...most,
      categories: request.categories.isEmpty
        ? nil : Set(request.categories.map { String(decoding: $0, as: UTF8.self) }),
      hasDistinctCategories: request.hasDistinctCategories, price: request.price)
    var found: [Found] = []
    if let view = context.view, let model = view.generation.cooccurrence {
      collectPairs(wish, model, view, context, scratch)
      var known: Set<[ItemIndex]> = []
      for pair in scratch.bundling.pairs {
        guard let bundle = grow(pair, wish, model, view, context, scratch),
          known.insert(bundle.members.sorted()).inserted
        else { continue }
        found.append(bundle)
      }
    }
    found.sort { $0.isBetter(than: $1, seed: scratch.query.seed) }
    if found.count > scratch.query.k { found.removeSubrange(scratch.query.k...) }
    if found.count < scratch.query.k { scratch.fallbacks.insert(.fewerThanK) }
    return reply(found, context, scratch)
  }

  private struct Found {
    var members: [ItemIndex]
    var score: Float

    /// Of equal ones the seed of the request decides, the same way every time.
    func isBetter(than other: Found, seed: UInt64) -> Bool {
      if score != other.score { return score > other.score }
      let (mine, its) = (tie(seed), other.tie(seed))
      return mine == its ? members.lexicographicallyPrecedes(other.members) : mine < its
    }

    private func tie(_ seed: UInt64) -> UInt64 {
      var sum: UInt64 = 0
      for member in members { sum &+= StableHash.mix(seed ^ StableHash.mix(UInt64(member.value) &+ 1)) }
      return StableHash.mix(sum)
    }
  }

  // MARK: Pairs

  /// The best pairs of a seed and a neighbour, best first.
  private static func collectPairs(
    _ wish: Wish, _ model: NeighbourModel, _ view: GenerationView, _ context: ReadContext,
    _ scratch: ReadScratch
  ) {
    var seeds = Array(scratch.starts.prefix(max(seedsMax, scratch.named.count)))
    if seeds.isEmpty, scratch.named.isEmpty, let popular = view.generation.popularity {
      for row in popular.rows where seeds.count < seedsMax {
        guard let item = view.index(ofRow: Int(row)), isAllowed(item, wish, isSeed: false, context, scratch)
        else {
          continue
        }
        seeds.append(Start(item: item, row: Int(row), weight: 1))
      }
    }
    var pairs: [BundleScratch.Pair] = []
    for seed in seeds where isAllowed(seed.item, wish, isSeed: true, context, scratch) {
      let (rows, scores) = model.neighbours(of: seed.row)
      for place in 0..<min(rows.count, scores.count) where scores[place] > 0 {
        let row = Int(rows[place])
        guard let item = view.index(ofRow: row), isAllowed(item, wish, isSeed: false, context, scratch) else {
          continue
        }
        let affinity = affinity(seed.row, row, model)
        pairs.append(BundleScratch.Pair(seed: seed, partner: item, row: row, affinity: affinity))
      }
    }
    // Weighed by how new the seed is, in a basket all alike. Rows decide between equals.
    pairs.sort { left, right in
      let (a, b) = (left.affinity * left.seed.weight, right.affinity * right.seed.weight)
      if a != b { return a > b }
      return (left.seed.item, left.partner) < (right.seed.item, right.partner)
    }
    let most = pairsPerBundle * scratch.query.k
    if pairs.count > most { pairs.removeSubrange(most...) }
    scratch.bundling.pairs = pairs
  }

  /// What no bundle may hold, as far as it does not hang on the other members.
  private static func isAllowed(
    _ item: ItemIndex, _ wish: Wish, isSeed: Bool, _ context: ReadContext, _ scratch: ReadScratch
  ) -> Bool {
    guard Rules.verdict(item, context, scratch) == nil, context.bundles.number(of: item) == nil else {
      return false
    }
    if let most = wish.price.most {
      guard let price = context.catalogue.price(item), price.amount <= most else { return false }
    }
    guard let allowed = wish.categories, !isSeed else { return true }
    return context.catalogue.categories(item).contains { allowed.contains($0) }
  }

  // MARK: Growing

  private static func grow(
    _ pair: BundleScratch.Pair, _ wish: Wish, _ model: NeighbourModel, _ view: GenerationView,
    _ context: ReadContext, _ scratch: ReadScratch
  ) -> Found? {
    guard fits(pair.partner, with: [pair.seed.item], wish, context) else { return nil }
    var members = [pair.seed.item, pair.partner]
    var rows = [pair.seed.row, pair.row]
    var total = affinity(rows[0], rows[1], model)
    while members.count < wish.sizes.upperBound {
      scratch.sums.begin(view.generation.itemCount)
      for row in rows {
        let (neighbours, scores) = model.neighbours(of: row)
        scratch.sums.add(neighbours, scores, weight: 1)
      }
      var best: (item: ItemIndex, row: Int, sum: Float)?
      let (found, sums) = scratch.sums.positives()
      for place in found.indices {
        let (row, sum) = (Int(found[place]), sums[place])
        if let best, sum < best.sum || (sum == best.sum && row > best.row) { continue }
        guard let item = view.index(ofRow: row), !members.contains(item),
          isAllowed(item, wish, isSeed: false, context, scratch), fits(item, with: members, wish, context)
        else { continue }
        best = (item, row, sum)
      }
      guard let best else { break }
      var added: Float = 0
      for row in rows { added += affinity(row, best.row, model) }
      let pairs = Float(members.count * (members.count - 1) / 2)
      if members.count >= wish.sizes.lowerBound, added / Float(members.count) < cohesion * total / pairs {
        break
      }
      members.append(best.item)
      rows.append(best.row)
      total += added
    }
    guard members.count >= wish.sizes.lowerBound else { return nil }
    if !wish.price.isOpen {
      guard let price = BundleRules.sum(members, context), wish.price.contains(price.amount, price.currency)
      else {
        return nil
      }
    }
    let score = total / Float(members.count * (members.count - 1) / 2)
    return score.isFinite ? Found(members: members, score: score) : nil
  }

  /// Whether an item may join these: categories and the price of all together.
  private static func fits(
    _ item: ItemIndex, with members: [ItemIndex], _ wish: Wish, _ context: ReadContext
  ) -> Bool {
    if wish.hasDistinctCategories {
      let categories = context.catalogue.categories(item)
      for member in members {
        let others = context.catalogue.categories(member)
        if categories.contains(where: { others.contains($0) }) { return false }
      }
    }
    guard !wish.price.isOpen else { return true }
    guard let sum = BundleRules.sum(members + [item], context) else { return false }
    if let most = wish.price.most, sum.amount > most { return false }
    return wish.price.currency.isEmpty || wish.price.currency.elementsEqual(sum.currency.utf8)
  }

  /// a(i, j): the larger of what the two lists say. O(neighbours).
  static func affinity(_ i: Int, _ j: Int, _ model: NeighbourModel) -> Float {
    max(listed(j, in: i, model), listed(i, in: j, model))
  }

  private static func listed(_ row: Int, in list: Int, _ model: NeighbourModel) -> Float {
    let (rows, scores) = model.neighbours(of: list)
    for place in 0..<min(rows.count, scores.count) where Int(rows[place]) == row {
      return max(0, scores[place])
    }
    return 0
  }

  // MARK: Reply

  private static func reply(_ found: [Found], _ context: ReadContext, _ scratch: ReadScratch) -> BundlesReply
  {
    var reply = BundlesReply()
    reply.bundles = found.map { found in
      var bundle = ProposedBundle()
      bundle.score = found.score
      bundle.members = found.members.map { item in
        var member = ProposedBundle.Member(item: context.catalogue.identifier(item))
        if scratch.query.includeTitles { member.title = context.catalogue.title(item) }
        return member
      }
      if let price = BundleRules.sum(found.members, context) {
        (bundle.price, bundle.currency) = (price.amount, price.currency)
      }
      return bundle
    }
    reply.recommendation = scratch.query.token.bytes
    reply.generation = context.view?.generation.number ?? .none
    reply.position = context.position
    reply.configurationHash = context.configurationHash
    reply.seed = scratch.query.seed
    reply.fallbacks = scratch.fallbacks.list
    return reply
  }
}
