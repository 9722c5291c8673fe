import Vocabulary

extension SplitParts {
  static func split(_ events: EventTable, _ options: EvaluationOptions, _ reader: inout DataReader)
    throws(EvaluationFault) -> SplitParts
  {
    let isBaskets = reader.format == .baskets || options.task == .basket
    let rule: SplitRule
    if let given = options.split {
      rule = given
    } else if reader.format?.isOrdered == true {
      rule = .lastItem
    } else if events.hasTimes && options.task != .rating {
      rule = .temporal
    } else {
      rule = .random
    }
    if rule == .temporal, !events.hasTimes {
      throw EvaluationFault(
        .usage,
        "--split temporal needs a time in every row, and these data have none; use last-item or random.")
    }
    if options.task == .basket, !events.hasBaskets, !events.hasTimes {
      throw EvaluationFault(
        .usage, "These data have no baskets and no times; --task basket needs one of them.")
    }
    if rule == .lastItem, !events.hasTimes, reader.format?.isOrdered != true {
      reader.note("These data have no times: the last item is the last in the file.")
    }
    var parts: SplitParts
    switch rule {
    case .lastItem:
      parts = isBaskets ? lastBasket(events, reader.users.count) : lastItem(events, reader.users.count)
    case .temporal: parts = try temporal(events, options)
    case .random: parts = random(events, options, users: reader.users, items: reader.items)
    }
    parts.isSplitHere = true
    return parts
  }

  /// Users with fewer than three items are for training only, as in published leave-one-out splits.
  static func lastItem(_ events: EventTable, _ userCount: Int) -> SplitParts {
    let (start, order) = events.byUser(userCount: userCount)
    var (train, valid, test): ([Int], [Int], [Int]) = ([], [], [])
    for user in 0..<userCount {
      let rows = order[start[user]..<start[user + 1]]
      let held = rows.count >= 3 ? 2 : 0
      train += rows.dropLast(held)
      if held == 2 {
        valid.append(rows[rows.endIndex - 2])
        test.append(rows[rows.endIndex - 1])
      }
    }
    return SplitParts(
      train: events.rows(train), valid: events.rows(valid), test: .events(events.rows(test)),
      description:
        "leave one out: the last item of each user is asked, the one before is validation; users with fewer than 3 items only train"
    )
  }

  /// The last basket is asked, the one before is validation if there is one before that.
  static func lastBasket(_ events: EventTable, _ userCount: Int) -> SplitParts {
    let (start, order) = events.byUser(userCount: userCount)
    var (train, valid, test): ([Int], [Int], [Int]) = ([], [], [])
    for user in 0..<userCount {
      let rows = Array(order[start[user]..<start[user + 1]])
      // Places at which a basket begins.
      let begins = rows.indices.filter { place in
        guard place > 0 else { return true }
        let (a, b) = (rows[place - 1], rows[place])
        return events.hasBaskets ? events.baskets[a] != events.baskets[b] : events.times[a] != events.times[b]
      }
      guard begins.count >= 2, let last = begins.last else {
        train += rows
        continue
      }
      let second = begins.count >= 3 ? begins[begins.count - 2] : last
      train += rows[..<second]
      valid += rows[second..<last]
      test += rows[last...]
    }
    return SplitParts(
      train: events.rows(train), valid: events.rows(valid), test: .events(events.rows(test)),
      description: "the last basket of each user is asked, the one before is validation")
  }

  /// Users of the three parts are different people; what is asked of each is the last basket.
  static func last(of train: EventTable, _ valid: EventTable, _ test: EventTable, _ path: String)
    -> SplitParts
  {
    func cut(_ events: EventTable) -> (history: EventTable, last: EventTable) {
      var newest: [UInt32: UInt32] = [:]
      for row in 0..<events.count {
        newest[events.users[row]] = max(newest[events.users[row]] ?? 0, events.baskets[row])
      }
      let isLast = { (row: Int) in
        newest[events.users[row]] == events.baskets[row] && events.baskets[row] > 0
      }
      return (
        events.rows((0..<events.count).filter { !isLast($0) }), events.rows((0..<events.count).filter(isLast))
      )
    }
    let (asked, tested) = (cut(valid), cut(test))
    return SplitParts(
      train: train.followed(by: asked.history).followed(by: tested.history), valid: asked.last,
      test: .events(tested.last),
      description:
        "users of \(path) as its parts say; the last basket of each test user is asked, what is before it is history and trains too"
    )
  }

  private static func temporal(_ events: EventTable, _ options: EvaluationOptions) throws(EvaluationFault)
    -> SplitParts
  {
    let times = events.times.sorted()
    func boundary(_ share: Double) -> Int64 {
      times[min(times.count - 1, max(0, Int(Double(times.count) * share)))]
    }
    let test = boundary(1 - options.testShare)
    let valid = boundary((1 - options.testShare) * (1 - options.validShare))
    guard test > times[0] else {
      throw EvaluationFault(
        .usage,
        "No moment leaves \(options.testShare) of the events after it and others before; use --split random.")
    }
    let rows = 0..<events.count
    return SplitParts(
      train: events.rows(rows.filter { events.times[$0] < min(valid, test) }),
      valid: events.rows(rows.filter { events.times[$0] >= valid && events.times[$0] < test }),
      test: .events(events.rows(rows.filter { events.times[$0] >= test })),
      description:
        "by time over all users: the newest \(options.testShare) of the events are asked, the newest \(options.validShare) before them are validation"
    )
  }

  /// One item of each user that has at least two, for sampled candidates.
  static func oneItem(
    _ events: EventTable, _ options: EvaluationOptions, users: NameTable, items: NameTable
  ) -> SplitParts {
    let itemHash = items.names.map { StableHash.of($0) }
    let (start, order) = events.byUser(userCount: users.count)
    var isHeld = [Bool](repeating: false, count: events.count)
    var asked: [Int] = []
    for user in 0..<users.count {
      let rows = order[start[user]..<start[user + 1]]
      let own = StableHash.of(users.names[user], seed: options.seed)
      guard Set(rows.map { events.items[$0] }).count >= 2,
        let drawn = rows.min(by: {
          let (a, b) = (itemHash[Int(events.items[$0])], itemHash[Int(events.items[$1])])
          return (StableHash.mix(own ^ a), $0) < (StableHash.mix(own ^ b), $1)
        })
      else { continue }
      asked.append(drawn)
      for row in rows where events.items[row] == events.items[drawn] { isHeld[row] = true }
    }
    return SplitParts(
      train: events.rows((0..<events.count).filter { !isHeld[$0] }), test: .events(events.rows(asked)),
      description: "one item of each user")
  }

  static func random(
    _ events: EventTable, _ options: EvaluationOptions, users: NameTable, items: NameTable
  ) -> SplitParts {
    // The draw hangs on names and seed, not on the order of the file.
    let userHash = users.names.map { StableHash.of($0, seed: options.seed) }
    let itemHash = items.names.map { StableHash.of($0) }
    func hash(_ row: Int) -> UInt64 {
      StableHash.mix(
        userHash[Int(events.users[row])] ^ StableHash.mix(itemHash[Int(events.items[row])] &+ options.seed))
    }
    var (train, valid, test): ([Int], [Int], [Int]) = ([], [], [])
    if options.task == .rating {
      let order = (0..<events.count).map { (hash($0), $0) }.sorted { $0 < $1 }.map(\.1)
      let held = Int((Double(events.count) * options.testShare).rounded())
      let checked = Int((Double(events.count - held) * options.validShare).rounded())
      test = order[..<held].sorted()
      valid = order[held..<(held + checked)].sorted()
      train = order[(held + checked)...].sorted()
    } else {
      let (start, order) = events.byUser(userCount: users.count)
      for user in 0..<users.count {
        let rows = order[start[user]..<start[user + 1]]
        var places: [UInt32: [Int]] = [:]
        for row in rows { places[events.items[row], default: []].append(row) }
        let drawn = places.values.map { ($0.map(hash).first ?? 0, $0) }.sorted {
          ($0.0, $0.1[0]) < ($1.0, $1.1[0])
        }
        let held =
          drawn.count < 2
          ? 0 : min(drawn.count - 1, max(1, Int((Double(drawn.count) * options.testShare).rounded())))
        let checked =
          drawn.count - held < 2 ? 0 : Int((Double(drawn.count - held) * options.validShare).rounded())
        test += drawn[..<held].flatMap(\.1)
        valid += drawn[held..<(held + checked)].flatMap(\.1)
        train += drawn[(held + checked)...].flatMap(\.1)
      }
    }
    let of = options.task == .rating ? "the ratings" : "each user's items (at least one of two)"
    return SplitParts(
      train: events.rows(train.sorted()), valid: events.rows(valid.sorted()),
      test: .events(events.rows(test.sorted())),
      description:
        "at random, seed \(options.seed): \(options.testShare) of \(of) are asked, \(options.validShare) of the rest are validation"
    )
  }
}
