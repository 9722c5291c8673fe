import Foundation
import Testing

extension EndToEnd {
  /// What a shop can do for somebody who has done nothing yet, and for whom people rated.
  @Suite struct NewcomerTests {
    @Test("A newcomer with a country gets what is popular there, with the country in the reason")
    func countries() async throws {
      try await onThread {
        let workplace = try Workplace()
        let daemon = try Daemon.started(in: workplace)
        let shop = try Shop(in: workplace)
        for (file, kind) in [(shop.items, "items"), (shop.users, "users"), (shop.events, "events")] {
          try daemon.expect("import", file, "--kind", kind)
        }
        let newcomers = try workplace.write(
          "user,country\nmarie,France\ningo,Germany\nzoe,Atlantis\n", to: "newcomers.csv")
        try daemon.expect("import", newcomers, "--kind", "users")
        try daemon.expect("train", "--wait")

        var lists: [String: [String]] = [:]
        for user in ["marie", "ingo", "zoe", "nobody"] {
          let slate = try daemon.object("recommend", user, "-k", "10", "--json")
          let items = try require(slate["items"] as? [[String: Any]], "no items")
          lists[user] = items.compactMap { $0["item"] as? String }
          #expect(items.count == 10)
          let segments = items.compactMap {
            (($0["reasons"] as? [[String: Any]])?.first)?["segment"] as? String
          }
          switch user {
          case "marie": #expect(segments == Array(repeating: "France", count: 10))
          case "ingo": #expect(segments == Array(repeating: "Germany", count: 10))
          default: #expect(segments.isEmpty)
          }
        }
        #expect(lists["marie"] != lists["ingo"])
        #expect(lists["marie"] != lists["zoe"])
        #expect(lists["zoe"] == lists["nobody"], "a country that nobody else is from says nothing")
        // Popular there means bought there: every item of the list was, lately.
        for (user, country) in [("marie", "France"), ("ingo", "Germany")] {
          let bought = try require(shop.boughtIn[country], "no customers in \(country)")
          #expect((lists[user] ?? []).allSatisfy { bought.contains($0) })
        }
        let human = try daemon.magpie("recommend", "marie", "-k", "3")
        #expect(human.output.contains("popular in France"), "\(human.output)")
        let shown = try daemon.object("generations", "show", "--json")
        let metrics = try require(shown["metrics"] as? [String: [String: Double]], "no metrics")
        #expect((metrics["segment-popularity"]?["NDCG@10"] ?? -1) >= 0)
      }
    }

    @Test("Ratings are predicted, follow a new rating at once, and survive a restart")
    func ratings() async throws {
      try await onThread {
        let workplace = try Workplace()
        let daemon = try Daemon.started(in: workplace)
        // Everybody gives good films more than bad ones, and half of the people a star more than the other half.
        var lines = "user,item,timestamp,rating\n"
        for user in 0..<60 {
          for item in 0..<30 where (user * 7 + item * 11) % 5 < 4 {
            let rating = 2 + item % 3 + user % 2
            lines += "u\(user),i\(item),\(1_700_000_000 + (user * 37 + item * 101) % 3000 * 600),\(rating)\n"
          }
        }
        try daemon.expect("import", try workplace.write(lines, to: "events.csv"), "--kind", "events")
        let none = try daemon.object("recommend", "u1", "--predict-ratings", "--json")
        let first = try require((none["items"] as? [[String: Any]])?.first, "no items")
        #expect(first["predicted_rating"] is NSNull, "nothing is trained yet")
        try daemon.expect("train", "--wait")

        func predicted(_ user: String) throws -> [String: Double] {
          let slate = try daemon.object("rank", user, "i0", "i1", "i2", "--predict-ratings", "--json")
          var found: [String: Double] = [:]
          for item in try require(slate["items"] as? [[String: Any]], "no items") {
            found[try require(item["item"] as? String, "no name")] = item["predicted_rating"] as? Double
          }
          return found
        }
        let mean = try predicted("stranger")
        #expect(mean.count == 3)
        #expect((mean["i2"] ?? 0) > (mean["i1"] ?? 9) && (mean["i1"] ?? 0) > (mean["i0"] ?? 9), "\(mean)")
        #expect(mean.values.allSatisfy { (2...5).contains($0) })
        // Odd users give a star more.
        let (odd, even) = (try predicted("u1"), try predicted("u2"))
        for item in ["i0", "i1", "i2"] {
          #expect((odd[item] ?? 0) > (even[item] ?? 9) + 0.5, "\(odd) \(even)")
        }
        // One low rating of a newcomer, and the next prediction is lower.
        try daemon.expect(
          "event", "send", "--user", "stranger", "--item", "i5", "--type", "rate", "--value", "2")
        let after = try predicted("stranger")
        for item in ["i0", "i1", "i2"] { #expect((after[item] ?? 9) < (mean[item] ?? 0), "\(after) \(mean)") }
        #expect(try daemon.stop() == .exit(0))
        try daemon.start()
        #expect(try predicted("stranger") == after)
        let human = try daemon.magpie("rank", "u1", "i0", "i2", "--predict-ratings")
        #expect(human.output.contains("rating"), "\(human.output)")
      }
    }
  }
}

/// The French and German customers of the sample shop and some of the British.
private struct Shop {
  let items: String
  let users: String
  let events: String
  /// Items bought by the customers of a country.
  let boughtIn: [String: Set<String>]

  init(in workplace: Workplace) throws {
    func rows(_ name: String) throws -> [[String]] {
      let path = Programs.repository + "/docs/sample/online-retail/" + name
      return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map {
        $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      }
    }
    let customers = try rows("users.csv")
    let british = Set(customers.filter { $0[1] == "United Kingdom" }.prefix(80).map { $0[0] })
    var country: [String: String] = [:]
    for row in customers where british.contains(row[0]) || ["France", "Germany"].contains(row[1]) {
      country[row[0]] = row[1]
    }
    let purchases = try rows("events.csv")
    let kept = purchases.dropFirst().filter { country[$0[0]] != nil }
    var bought: [String: Set<String>] = [:]
    for row in kept { bought[country[row[0]] ?? "", default: []].insert(row[1]) }
    boughtIn = bought
    items = Programs.repository + "/docs/sample/online-retail/items.csv"
    users = try workplace.write(
      "user,country\n" + country.sorted { $0.key < $1.key }.map { "\($0.key),\($0.value)\n" }.joined(),
      to: "users.csv")
    events = try workplace.write(
      ([purchases[0]] + kept).map { $0.joined(separator: ",") + "\n" }.joined(), to: "events.csv")
  }
}

extension Daemon {
  /// Runs `magpie` and expects it to end well.
  fileprivate func expect(_ arguments: String...) throws {
    let finished = try asked(arguments)
    guard finished.ending == .exit(0) else {
      throw HarnessFailure(
        "\(arguments) ended with \(finished.ending): \(finished.output) \(finished.errors)")
    }
  }

  /// Runs `magpie` and reads the object it prints.
  fileprivate func object(_ arguments: String...) throws -> [String: Any] {
    let finished = try asked(arguments)
    guard finished.ending == .exit(0), let object = finished.json as? [String: Any] else {
      throw HarnessFailure(
        "\(arguments) ended with \(finished.ending): \(finished.output) \(finished.errors)")
    }
    return object
  }

  private func asked(_ arguments: [String]) throws -> Programs.Finished {
    try Programs.run(
      "magpie", arguments + ["--host", "127.0.0.1", "--port", String(port)], in: workplace, seconds: 120)
  }
}
