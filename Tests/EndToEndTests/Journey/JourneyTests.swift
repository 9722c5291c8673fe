import Foundation
import Testing

extension EndToEnd {
  /// What a newcomer does on the first day, through the command line alone.
  @Suite struct JourneyTests {
    @Test("Import, train, recommend, ingest, see the list change, complete, look, restart, go back")
    func firstDay() async throws {
      try await onThread {
        let workplace = try Workplace()
        let daemon = try Daemon.started(in: workplace)
        let sample = try Sample(in: workplace)

        // Nothing there yet: answered all the same, and the answer says what it lacks.
        let empty = try json(daemon.magpie("recommend", sample.customer, "--json"))
        #expect(try texts(empty, "items", "item").isEmpty)
        #expect(try strings(empty["fallbacks"]).contains("empty_catalogue"))

        for (file, kind) in [(sample.items, "items"), (sample.users, "users"), (sample.events, "events")] {
          let report = try json(daemon.magpie("import", file, "--kind", kind, "--json"))
          #expect(report["accepted"] as? Int == sample.count(kind), "\(kind): \(report)")
          #expect(report["errors"] as? Int == 0)
        }
        let imported = try daemon.status().committed.value
        #expect(imported == UInt64(sample.count("items") + sample.count("users") + sample.count("events")))

        // The same again counts nothing twice.
        let again = try json(
          daemon.magpie("import", sample.events, "--kind", "events", "--restart", "--json"))
        #expect(again["accepted"] as? Int == 0)
        #expect(again["duplicates"] as? Int == sample.count("events"))
        #expect(try daemon.status().committed.value == imported)

        // Before any training live counts answer, and say so.
        let early = try json(daemon.magpie("recommend", sample.customer, "-k", "5", "--json"))
        #expect(try texts(early, "items", "item").count == 5)
        #expect(try strings(early["fallbacks"]).contains("no_generation"))

        let trained = try json(daemon.magpie("train", "--wait", "--json"))
        #expect(trained["state"] as? String == "succeeded")
        #expect(trained["generation"] as? Int == 1)

        // A personal list: titled, reasoned, without repetition or what the customer already has.
        let before = try json(daemon.magpie("recommend", sample.customer, "-k", "10", "--json"))
        let listed = try texts(before, "items", "item")
        #expect(listed.count == 10)
        #expect(Set(listed).count == 10)
        #expect(Set(listed).isDisjoint(with: sample.boughtByCustomer))
        #expect(try texts(before, "items", "title").allSatisfy { !$0.isEmpty })
        #expect(try objects(before["items"]).allSatisfy { !(($0["reasons"] as? [Any]) ?? []).isEmpty })
        #expect(before["generation"] as? Int == 1)
        // Same state, same generation, same seed: same list.
        let repeated = try json(daemon.magpie("recommend", sample.customer, "-k", "10", "--json"))
        #expect(try texts(repeated, "items", "item") == listed)
        // Another customer gets another list.
        let other = try json(daemon.magpie("recommend", sample.otherCustomer, "-k", "10", "--json"))
        #expect(try texts(other, "items", "item") != listed)

        // One purchase: gone from the list, and the rest has moved, without training.
        let bought = try require(listed.first, "an empty list")
        let sent = try json(
          daemon.magpie(
            "event", "send", "--user", sample.customer, "--item", bought, "--type", "purchase", "--json"))
        #expect(sent["durability"] as? String == "committed")
        let after = try json(daemon.magpie("recommend", sample.customer, "-k", "10", "--json"))
        let relisted = try texts(after, "items", "item")
        #expect(!relisted.contains(bought))
        #expect(relisted != Array(listed.dropFirst()) + [relisted.last ?? ""])
        #expect((after["position"] as? Int ?? 0) == Int(imported) + 1)
        let history = try json(daemon.magpie("user", "show", sample.customer, "--json"))
        #expect(try texts(history, "history", "item").first == bought)

        let similar = try json(daemon.magpie("similar", bought, "-k", "5", "--json"))
        #expect(try texts(similar, "items", "item").count == 5)
        #expect(try !texts(similar, "items", "item").contains(bought))
        let basket = Array(relisted.prefix(2))
        let completed = try json(daemon.magpie("complete", basket[0], basket[1], "-k", "5", "--json"))
        #expect(try Set(texts(completed, "items", "item")).isDisjoint(with: basket))

        // An item that is taken out is never shown again, from that moment.
        let removed = relisted[0]
        #expect(try daemon.magpie("item", "delete", removed).ending == .exit(0))
        let without = try json(daemon.magpie("recommend", sample.customer, "-k", "50", "--json"))
        #expect(try !texts(without, "items", "item").contains(removed))

        // A second generation, and back to the first.
        #expect(try daemon.magpie("train", "--wait").ending == .exit(0))
        #expect(try json(daemon.magpie("recommend", sample.customer, "--json"))["generation"] as? Int == 2)
        #expect(try daemon.magpie("generations", "rollback").ending == .exit(0))
        let rolledBack = try json(daemon.magpie("recommend", sample.customer, "-k", "10", "--json"))
        #expect(rolledBack["generation"] as? Int == 1)

        // All of it survives a restart, list for list.
        #expect(try daemon.stop() == .exit(0))
        try daemon.start()
        let restarted = try json(daemon.magpie("recommend", sample.customer, "-k", "10", "--json"))
        #expect(try texts(restarted, "items", "item") == texts(rolledBack, "items", "item"))
        #expect(restarted["generation"] as? Int == 1)
        #expect(restarted["position"] as? Int == rolledBack["position"] as? Int)

        let human = try daemon.magpie("status")
        #expect(human.ending == .exit(0))
        #expect(human.output.contains("ready"))
      }
    }

    @Test("Bad lines are named with number and reason; a corrected file goes on where it stopped")
    func badLines() async throws {
      try await onThread {
        let workplace = try Workplace()
        let daemon = try Daemon.started(in: workplace)
        let head = "user,item,timestamp\nann,tea,1700000000\n"
        let file = try workplace.write(head + "bob,tea,yesterday\ncid,tea,1700000060\n", to: "events.csv")
        let strict = try daemon.magpie("import", file, "--kind", "events", "--type", "purchase")
        #expect(strict.ending == .exit(65))
        #expect(strict.errors.contains("3"), "\(strict.errors)")
        #expect(strict.errors.contains("time_invalid"), "\(strict.errors)")

        let lenient = try json(
          daemon.magpie(
            "import", file, "--kind", "events", "--type", "purchase", "--max-errors", "1", "--json"))
        #expect(lenient["errors"] as? Int == 1)
        #expect(try daemon.status().committed.value == 2)

        try workplace.write(head + "bob,tea,1700000030\ncid,tea,1700000060\n", to: "events.csv")
        let corrected = try json(
          daemon.magpie("import", file, "--kind", "events", "--type", "purchase", "--json"))
        #expect(corrected["errors"] as? Int == 0)
        #expect(try daemon.status().committed.value == 3)
      }
    }

    @Test("Without a daemon the command line says so, with 69")
    func noDaemon() async throws {
      try await onThread {
        let daemon = try Daemon.started(in: Workplace())
        #expect(try daemon.stop() == .exit(0))
        let finished = try daemon.magpie("status", "--timeout", "2")
        #expect(finished.ending == .exit(69))
        #expect(finished.errors.contains("magpied"), "\(finished.errors)")
      }
    }
  }
}

/// A part of the sample data that trains within a second: the first customers with all they bought.
private struct Sample {
  let items: String
  let users: String
  let events: String
  let customer: String
  let otherCustomer: String
  let boughtByCustomer: Set<String>
  private let counts: [String: Int]

  func count(_ kind: String) -> Int { counts[kind] ?? 0 }

  init(in workplace: Workplace, customers: Int = 120) throws {
    func lines(_ name: String) throws -> [Substring] {
      let path = Programs.repository + "/docs/sample/online-retail/" + name
      return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
    }
    func customer(_ line: Substring) -> Substring { line.prefix { $0 != "," } }
    let all = try lines("users.csv")
    let header = try lines("events.csv")[0]
    let chosen = all.dropFirst().prefix(customers)
    let names = Set(chosen.map(customer))
    let purchases = try lines("events.csv").dropFirst().filter { names.contains(customer($0)) }
    let catalogue = try lines("items.csv")
    items = try workplace.write(catalogue.joined(separator: "\n") + "\n", to: "items.csv")
    users = try workplace.write(([all[0]] + chosen).joined(separator: "\n") + "\n", to: "users.csv")
    events = try workplace.write(([header] + purchases).joined(separator: "\n") + "\n", to: "events.csv")
    counts = ["items": catalogue.count - 1, "users": chosen.count, "events": purchases.count]

    // Two customers with enough of a history to be told apart.
    let baskets = Dictionary(grouping: purchases, by: customer)
    let busy = baskets.filter { $0.value.count >= 60 }.keys.sorted()
    guard busy.count >= 2 else { throw HarnessFailure("the sample has no customers with 60 purchases") }
    self.customer = String(busy[0])
    otherCustomer = String(busy[1])
    boughtByCustomer = Set(
      (baskets[busy[0]] ?? []).map { String($0.split(separator: ",", omittingEmptySubsequences: false)[1]) })
  }
}

private func json(_ finished: Programs.Finished) throws -> [String: Any] {
  guard finished.ending == .exit(0), let object = finished.json as? [String: Any] else {
    throw HarnessFailure("ended with \(finished.ending): \(finished.output) \(finished.errors)")
  }
  return object
}

private func objects(_ value: Any?) throws -> [[String: Any]] {
  try require(value as? [[String: Any]], "not a list of objects: \(String(describing: value))")
}

private func strings(_ value: Any?) throws -> [String] {
  try require(value as? [String], "not a list of texts: \(String(describing: value))")
}

/// One field of every row of a list.
private func texts(_ object: [String: Any], _ list: String, _ field: String) throws -> [String] {
  try objects(object[list]).map {
    try require($0[field] as? String, "\(field) is missing in \($0)")
  }
}
