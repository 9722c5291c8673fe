import Expressions
import Testing
import Vocabulary

/// Random expressions and items, against an evaluator that knows nothing of programs: it walks the tree that the text
/// was printed from, with optionals for what is missing.
@Suite struct RandomExpressionTests {
  struct Random: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
  }

  indirect enum Number {
    case constant(Int)
    case price
    case attribute(String)
    case limit
    case sum(Number, Number), difference(Number, Number), product(Number, Number), quotient(Number, Number)
    case negative(Number)
    case either(Number, Number)
    case smaller(Number, Number)
    case choice(Truth, Number, Number)
    case size(String)

    var text: String {
      switch self {
      case .constant(let value): "\(value)"
      case .price: "item.price"
      case .attribute(let name): "item.\(name)"
      case .limit: "user.limit"
      case .sum(let a, let b): "(\(a.text) + \(b.text))"
      case .difference(let a, let b): "(\(a.text) - \(b.text))"
      case .product(let a, let b): "(\(a.text) * \(b.text))"
      case .quotient(let a, let b): "(\(a.text) / \(b.text))"
      case .negative(let a): "(-\(a.text))"
      case .either(let a, let b): "(number(\(a.text)) ?? \(b.text))"
      case .smaller(let a, let b): "min(\(a.text), \(b.text))"
      case .choice(let c, let a, let b): "number(if(\(c.text), number(\(a.text)), \(b.text)))"
      case .size(let name): "size(item.\(name))"
      }
    }

    func value(_ world: World) -> Double? {
      func both(_ a: Number, _ b: Number, _ combine: (Double, Double) -> Double) -> Double? {
        guard let a = a.value(world), let b = b.value(world) else { return nil }
        let value = combine(a, b)
        return value.isFinite ? value : nil
      }
      switch self {
      case .constant(let value): return Double(value)
      case .price: return world.price
      case .attribute(let name):
        if case .number(let value)? = world.attributes[name] { return value }
        return nil
      case .limit: return world.limit
      case .sum(let a, let b): return both(a, b, +)
      case .difference(let a, let b): return both(a, b, -)
      case .product(let a, let b): return both(a, b, *)
      case .quotient(let a, let b): return both(a, b, /)
      case .negative(let a): return a.value(world).map { -$0 }
      case .either(let a, let b): return a.value(world) ?? b.value(world)
      case .smaller(let a, let b): return both(a, b, Swift.min)
      case .choice(let c, let a, let b): return c.value(world) ? a.value(world) : b.value(world)
      case .size(let name): return Double(world.list(name).count)
      }
    }
  }

  indirect enum Truth {
    case constant(Bool)
    case attribute(String)
    case less(Number, Number), equal(Number, Number), unequal(Number, Number), atLeast(Number, Number)
    case textEqual(String, String), textUnequal(String, String)
    case member(String, String), outside(String, [String]), overlap(String, [String])
    case has(String)
    case both(Truth, Truth), any(Truth, Truth), not(Truth)

    var text: String {
      func list(_ texts: [String]) -> String { "[" + texts.map { "'\($0)'" }.joined(separator: ", ") + "]" }
      return switch self {
      case .constant(let value): "\(value)"
      case .attribute(let name): "item.\(name)"
      case .less(let a, let b): "number(\(a.text)) < \(b.text)"
      case .atLeast(let a, let b): "number(\(a.text)) >= \(b.text)"
      case .equal(let a, let b): "number(\(a.text)) == \(b.text)"
      case .unequal(let a, let b): "number(\(a.text)) != \(b.text)"
      case .textEqual(let name, let text): "item.\(name) == \"\(text)\""
      case .textUnequal(let name, let text): "item.\(name) != \"\(text)\""
      case .member(let text, let name): "'\(text)' in item.\(name)"
      case .outside(let name, let texts): "text(item.\(name)) not in \(list(texts))"
      case .overlap(let name, let texts): "item.\(name) overlaps \(list(texts))"
      case .has(let name): "has(item.\(name))"
      case .both(let a, let b): "(\(a.text) and \(b.text))"
      case .any(let a, let b): "(\(a.text) or \(b.text))"
      case .not(let a): "not (\(a.text))"
      }
    }

    func value(_ world: World) -> Bool {
      func compare(_ a: Number, _ b: Number, _ test: (Double, Double) -> Bool) -> Bool {
        guard let a = a.value(world), let b = b.value(world) else { return false }
        return test(a, b)
      }
      switch self {
      case .constant(let value): return value
      case .attribute(let name): return world.attributes[name] == .flag(true)
      case .less(let a, let b): return compare(a, b, <)
      case .atLeast(let a, let b): return compare(a, b, >=)
      case .equal(let a, let b): return compare(a, b, ==)
      case .unequal(let a, let b): return !compare(a, b, ==)
      case .textEqual(let name, let text): return world.attributes[name] == .text(text)
      case .textUnequal(let name, let text): return world.attributes[name] != .text(text)
      case .member(let text, let name): return world.list(name).contains(text)
      case .outside(let name, let texts): return !texts.contains { world.attributes[name] == .text($0) }
      case .overlap(let name, let texts): return !Set(texts).isDisjoint(with: world.list(name))
      case .has(let name): return world.attributes[name] != nil
      case .both(let a, let b): return a.value(world) && b.value(world)
      case .any(let a, let b): return a.value(world) || b.value(world)
      case .not(let a): return !a.value(world)
      }
    }
  }

  struct World {
    var price: Double?
    var limit: Double?
    var attributes: [String: AttributeValue] = [:]

    func list(_ name: String) -> [String] {
      switch attributes[name] {
      case .texts(let texts)?: texts
      case .text(let text)?: [text]
      default: []
      }
    }
  }

  private static let names = ["a", "b", "c", "d"]
  private static let words = ["x", "y", "z", "ü"]

  private func number(_ depth: Int, _ random: inout Random) -> Number {
    let name = Self.names[Int.random(in: 0..<4, using: &random)]
    func deeper() -> Number { number(depth - 1, &random) }
    switch Int.random(in: 0..<(depth > 0 ? 13 : 5), using: &random) {
    case 0: return .constant(.random(in: 0...5, using: &random))
    case 1: return .price
    case 2: return .attribute(name)
    case 3: return .limit
    case 4: return .size(name)
    case 5: return .sum(deeper(), deeper())
    case 6: return .difference(deeper(), deeper())
    case 7: return .product(deeper(), deeper())
    case 8: return .quotient(deeper(), deeper())
    case 9: return .negative(deeper())
    case 10: return .either(deeper(), deeper())
    case 11: return .smaller(deeper(), deeper())
    default: return .choice(truth(depth - 1, &random), deeper(), deeper())
    }
  }

  private func truth(_ depth: Int, _ random: inout Random) -> Truth {
    let name = Self.names[Int.random(in: 0..<4, using: &random)]
    let word = Self.words[Int.random(in: 0..<4, using: &random)]
    let some = Self.words.filter { _ in Bool.random(using: &random) }
    switch Int.random(in: 0..<(depth > 0 ? 15 : 12), using: &random) {
    case 0: return .constant(.random(using: &random))
    case 1: return .attribute(name)
    case 2: return .less(number(depth - 1, &random), number(depth - 1, &random))
    case 3: return .atLeast(number(depth - 1, &random), number(depth - 1, &random))
    case 4: return .equal(number(depth - 1, &random), number(depth - 1, &random))
    case 5: return .unequal(number(depth - 1, &random), number(depth - 1, &random))
    case 6: return .textEqual(name, word)
    case 7: return .textUnequal(name, word)
    case 8: return .member(word, name)
    case 9: return .outside(name, some)
    case 10: return .overlap(name, some)
    case 11: return .has(name)
    case 12: return .both(truth(depth - 1, &random), truth(depth - 1, &random))
    case 13: return .any(truth(depth - 1, &random), truth(depth - 1, &random))
    default: return .not(truth(depth - 1, &random))
    }
  }

  private func world(_ random: inout Random) -> World {
    var world = World()
    if Bool.random(using: &random) { world.price = Double(Int.random(in: 0...5, using: &random)) }
    if Bool.random(using: &random) { world.limit = Double(Int.random(in: 0...5, using: &random)) }
    for name in Self.names {
      let word = Self.words[Int.random(in: 0..<4, using: &random)]
      switch Int.random(in: 0..<5, using: &random) {
      case 0: world.attributes[name] = .number(Double(Int.random(in: 0...5, using: &random)))
      case 1: world.attributes[name] = .text(word)
      case 2: world.attributes[name] = .flag(.random(using: &random))
      case 3: world.attributes[name] = .texts(Self.words.filter { _ in Bool.random(using: &random) })
      default: break
      }
    }
    return world
  }

  @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
  func agreesWithANaiveEvaluator(seed: UInt64) throws {
    var random = Random(state: seed)
    var answers = [false: 0, true: 0]
    var most = 1
    for round in 0..<2_000 {
      let tree = truth(4, &random)
      let expression: Expression
      do throws(ExpressionFault) {
        expression = try Expression(tree.text, purpose: .filter)
      } catch {
        // The only honest reason to refuse what the grammar allows is a limit.
        #expect(
          error.message.contains("nests") || error.message.contains("bytes"),
          "seed \(seed): \(tree.text): \(error)")
        continue
      }
      // Everything is written in parentheses; without the outermost it has parts.
      let bare = try? Expression(String(tree.text.dropFirst().dropLast()), purpose: .filter)
      let parts = (tree.text.hasPrefix("(") ? bare ?? expression : expression).parts
      most = max(most, parts.count)
      for _ in 0..<5 {
        let world = world(&random)
        var item = Item(id: try ItemIdentifier("i"))
        item.price = world.price
        item.attributes = world.attributes
        var user = UserProfile(id: try UserIdentifier("u"))
        if let limit = world.limit { user.attributes["limit"] = .number(limit) }
        let input = ExpressionInput(
          item: item, itemIdentifier: item.id, user: user, context: ExpressionContext(seconds: 0))
        let expected = tree.value(world)
        answers[expected, default: 0] += 1
        #expect(
          expression.passes(input) == expected, "seed \(seed), round \(round): \(tree.text) on \(world)")
        // And so do its parts together.
        #expect(
          parts.allSatisfy { $0.expression.passes(input) } == expected,
          "seed \(seed), round \(round), in \(parts.count) parts: \(tree.text) on \(world)")
      }
    }
    #expect(
      (answers[true] ?? 0) > 2_000 && (answers[false] ?? 0) > 2_000, "seed \(seed): one-sided: \(answers)")
    #expect(most > 1, "seed \(seed): nothing had parts")
  }

  /// Whatever the bytes, the answer is a program or a fault that points into the text.
  @Test(arguments: [11, 12, 13] as [UInt64])
  func refusesGarbageCalmly(seed: UInt64) throws {
    var random = Random(state: seed)
    let input = try Examples.bareInput()
    let pieces = [
      "item", ".", "price", "(", ")", "[", "]", "\"", "'", "and", "or", "not", "in", "overlaps", "<", "==",
      "!", "-", "3",
      "7d", "1e9", ",", "??", " ", "user", "context", "if", "has", "time", "é", "\u{0}", "\\", "%", "size",
      "min",
    ]
    for _ in 0..<20_000 {
      let source = (0..<Int.random(in: 0...20, using: &random))
        .map { _ in pieces[Int.random(in: 0..<pieces.count, using: &random)] }
        .joined(separator: Bool.random(using: &random) ? " " : "")
      do throws(ExpressionFault) {
        _ = try Expression(source, purpose: .filter).passes(input)
      } catch {
        #expect(
          (1...(source.unicodeScalars.count + 1)).contains(error.character),
          "seed \(seed): \(source): \(error)")
      }
    }
  }
}
