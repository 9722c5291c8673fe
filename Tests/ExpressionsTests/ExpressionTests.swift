import Expressions
import Testing
import Vocabulary

/// The language by worked examples.
@Suite struct ExpressionTests {
  @Test(arguments: [
    ("item.price < 20", true), ("item.price >= 20", false), ("item.price == 12.5", true),
    ("\"tea\" in item.categories", true), ("'coffee' in item.categories", false),
    ("\"coffee\" not in item.categories", true), ("item.categories overlaps [\"coffee\", \"drinks\"]", true),
    ("item.tags overlaps user.likes", true), ("item.colour in [\"red\", \"green\"]", true),
    ("item.colour == \"green\" and item.organic", true),
    ("item.colour != \"green\" or not item.organic", false),
    ("not item.colour == \"red\"", true), ("!item.organic", false), ("item.organic == false", false),
    ("item.weight / 1000 * 4 == 1", true), ("item.weight % 60 == 10", true), ("-item.weight < 0", true),
    ("2 + 3 * 4 == 14 and (2 + 3) * 4 == 20 and 7 - 2 - 1 == 4", true),
    ("item.age == 1d and item.age < 2d", true), ("item.created < time(\"2023-11-15\")", true),
    ("context.time >= time(\"2023-11-15T22:13:20Z\")", true), ("item.price <= user.limit", true),
    ("item.price in [10, 12.5, -1]", true), ("number(item.weight) == number(item[\"a b\"]) * 250 / 7", true),
    ("item[\"price\"] == \"a text that is called like a field\"", true),
    ("starts_with(item.title, \"Green\") and contains(item.title, \"n t\")", true),
    ("contains(item.title, \"green\")", false), ("size(item.categories) == 2 and size(item.tags) == 2", true),
    ("has(item.price) and has(item.colour) and not has(item.size)", true), ("has(item.text)", false),
    ("context.device == \"phone\" and user.country == \"DE\" and user.id == \"ann\"", true),
    ("item.id == \"tea-1\" and item.owner != user.id", true),
    ("min(3, 1, 2) == 1 and max(3, 1, 2) == 3 and clamp(9, 0, 5) == 5 and clamp(-9, 0, 5) == 0", true),
    (
      "abs(-2) == 2 and sqrt(9) == 3 and floor(1.9) == 1 and ceil(1.1) == 2 and exp(0) == 1 and log(1) == 0",
      true
    ),
    ("if(item.organic, 2, 1) == 2 and if(item.price > 20, 2, 1) == 1", true),
    ("if(item.organic, item.price < 20, item.price < 10)", true),
    // Berlin to Paris: 877.46 km on the sphere.
    (
      "distance(item.location, context.location) > 877 and distance(item.location, context.location) < 878",
      true
    ),
    ("distance(item.location, point(52.52, 13.405)) < 0.001", true),
    // 2023-11-15 was a Wednesday, 22:13:20 UTC.
    ("hour(context.time) == 22 and weekday(context.time) == 3", true),
    ("item.is_bundle", false), ("true and not false", true),
  ])
  func says(_ source: String, _ expected: Bool) throws {
    #expect(try Expression(source, purpose: .filter).passes(Examples.input()) == expected)
  }

  /// A number that is missing compares false, and its sums are missing; a text equals nothing; a flag is false; a
  /// list is empty.
  @Test(arguments: [
    ("item.size < 10", false), ("item.size >= 10", false), ("item.size == 10", false),
    ("item.size != 10", true),
    ("not item.size < 10", true), ("item.size + 1 > 0", false), ("(item.size ?? 5) == 5", true),
    ("item.size ?? item.girth ?? 3 == 3", true), ("item.maker == \"x\"", false),
    ("item.maker != \"x\"", true),
    ("text(item.maker) == text(item.brand)", false), ("item.maker in [\"x\"]", false), ("item.used", false),
    ("not item.used", true), ("\"x\" in item.labels", false), ("size(item.labels) == 0", true),
    // Of another type than the place asks for.
    ("item.colour < 10", false), ("item.weight == \"250\"", false), ("item.colour", false),
    // A text is a list of one.
    ("\"green\" in item.colour", true),
    // No result of arithmetic is infinite.
    ("1 / 0 > 0", false), ("log(0) < 0", false), ("sqrt(0 - 1) != 0", true), ("5 % 0 == 0", false),
    ("exp(1000) > 0", false),
  ])
  func missing(_ source: String, _ expected: Bool) throws {
    #expect(try Expression(source, purpose: .filter).passes(Examples.input()) == expected)
  }

  @Test func everythingIsMissingOfAnUnknownItem() throws {
    let input = try Examples.bareInput()
    for source in [
      "item.price > 0 or item.stock >= 0 or item.age >= 0", "has(item.title) or has(item.categories)",
      "item.organic or item.is_bundle", "distance(item.location, context.location) >= 0",
      "has(context.location)",
      "has(user.id) or has(user.country)",
    ] {
      #expect(try !Expression(source, purpose: .filter).passes(input), "\(source)")
    }
    #expect(try Expression("item.id == \"unknown\"", purpose: .filter).passes(input))
    #expect(try Expression("item.price", purpose: .number).value(input) == nil)
  }

  @Test func numbersComeOut() throws {
    let input = try Examples.input()
    #expect(try Expression("item.price * 2", purpose: .number).value(input) == 25)
    #expect(
      try Expression("if(item.age < 7d, 1.5, 1) * (item.margin ?? 2)", purpose: .number).value(input) == 3)
    #expect(try Expression("item.margin", purpose: .number).value(input) == nil)
  }

  @Test func knowsWhatItReads() throws {
    let still = try Expression("item.price < 20 and \"a\" in item.categories", purpose: .filter)
    #expect(still.owners == [.item] && !still.readsTime)
    let timely = try Expression("item.age < 7d", purpose: .filter)
    #expect(timely.owners == [.item] && timely.readsTime)
    let personal = try Expression(
      "item.tags overlaps user.likes or context.device == \"tv\"", purpose: .filter)
    #expect(personal.owners == [.item, .user, .context])
  }

  @Test(arguments: [
    ("2000-02-29", 951_782_400), ("1970-01-01", 0), ("2026-11-21T12:30:05Z", 1_795_264_205),
    ("1900-03-01", -2_203_891_200),
  ])
  func readsTimes(_ text: String, _ seconds: Int) throws {
    let value = try Expression("time(\"\(text)\")", purpose: .number).value(Examples.input())
    #expect(value == Double(seconds))
  }
}
