import Training

/// What is asked at the end.
package enum TestPart: Sendable {
  /// What users took after what they have in train.
  case events(EventTable)
  /// Open sessions.
  case sessions([OpenSession])
  /// Each right item against its own few candidates.
  case candidates([NegativesFile.Question])
}

/// A data set read and split.
package struct DataSet: Sendable {
  package let users: NameTable
  package let items: NameTable
  package let format: DataFormat
  package let task: EvaluationTask
  package let train: EventTable
  /// Empty if there is none.
  package let valid: EventTable
  /// Validation as open sessions with their target, where it is given so; nothing is learnt from it.
  package let validSessions: [OpenSession]
  package let test: TestPart
  /// The split in words.
  package let description: String
  /// Whether the parts were made here and not given.
  package let isSplitHere: Bool
  package let notes: [String]
  package var candidates = CandidateRule.known
  /// What a file of items says.
  package var entries = ItemEntries()
  /// Where the items are bundles whose members are known.
  package let bundles: BundleData?

  /// Reads the files and splits what is not split. O(bytes + events · log).
  /// - Throws: `usage`, `bad_data` or `file`.
  package static func read(_ options: EvaluationOptions) throws(EvaluationFault) -> DataSet {
    var reader = DataReader(
      format: options.format, columns: options.columns, minimumValue: options.minimumRating,
      needsOrder: options.split == .lastItem)
    let parts = try SplitParts.read(options, &reader)
    guard let format = reader.format, parts.train.count > 0 else {
      throw EvaluationFault(.badData, "There is nothing to learn from: the training part has no events.")
    }
    let task = options.task ?? (format == .baskets ? .basket : .ranking)
    if task == .rating, !parts.train.hasValues {
      throw EvaluationFault(
        .usage, "There are no ratings to predict; use data with a rating column, or --task ranking.")
    }
    var notes = reader.notes
    if let own = parts.ownNegatives, own > 0 {
      notes.append("\(own) right items stood among their own negatives and were dropped there.")
    }
    let entries =
      if let path = options.items { try ItemEntries(path, items: reader.items, notes: &notes) } else {
        ItemEntries()
      }
    if options.candidates == .asked, case .events = parts.test {
    } else if options.candidates == .asked {
      throw EvaluationFault(
        .usage,
        "--candidates asked is for users and items; sessions and negatives have candidates of their own.")
    }
    let bundles = try BundleData.read(options, reader)
    if let bundles {
      notes.append(
        "Bundles have \(bundles.members.pairCount) members in all; users took \(bundles.owned.pairCount) members; \(bundles.strangers) lines name bundles or users that are not in the data."
      )
    }
    return DataSet(
      users: reader.users, items: reader.items, format: format, task: task, train: parts.train,
      valid: parts.valid, validSessions: parts.validSessions, test: parts.test,
      description: parts.description, isSplitHere: parts.isSplitHere,
      notes: notes, candidates: options.candidates, entries: entries, bundles: bundles)
  }
}

/// The parts as files or a split give them.
struct SplitParts {
  var train: EventTable
  var valid = EventTable()
  var validSessions: [OpenSession] = []
  var test: TestPart
  var description: String
  var isSplitHere = false
  var ownNegatives: Int?

  static func read(_ options: EvaluationOptions, _ reader: inout DataReader) throws(EvaluationFault)
    -> SplitParts
  {
    if let data = options.data {
      if options.train != nil || options.test != nil || options.valid != nil {
        throw EvaluationFault(.usage, "Give either one file to split, or --train and --test, not both.")
      }
      switch try reader.read(data) {
      case .parts(let train, let valid, let test): return .last(of: train, valid, test, data)
      case .questions: throw EvaluationFault(.usage, "\(data) holds questions only; give --train as well.")
      case .events(let events): return try split(events, options, &reader)
      }
    }
    guard let train = options.train else {
      throw EvaluationFault(.usage, "Give a file, or --train FILE and --test FILE.")
    }
    let known = try events(of: train, &reader)
    guard options.test != nil || options.negatives != nil else {
      throw EvaluationFault(
        .usage, "--train needs --test FILE (or --negatives FILE); or give one file and --split.")
    }
    if let rule = options.split {
      throw EvaluationFault(
        .usage, "--split \(rule.rawValue) is for one file; --train and --test are split already.")
    }
    var valid = EventTable()
    var validSessions: [OpenSession] = []
    if let path = options.valid {
      switch try reader.read(path) {
      case .events(let events): valid = events
      case .questions(let sessions): validSessions = sessions
      case .parts: throw EvaluationFault(.usage, "\(path) has parts of its own; give it alone.")
      }
    }
    var words = "train \(train)"
    if let path = options.valid { words += ", validation \(path)" }
    if let path = options.negatives {
      return try sampled(known, valid, path, options, &reader, words)
    }
    let test = options.test ?? ""
    words += ", test \(test)"
    switch try reader.read(test) {
    case .events(let events) where reader.format == .sessions:
      return SplitParts(
        train: known, valid: valid, validSessions: validSessions,
        test: .sessions(opened(events, reader.users.count)),
        description: words + "; every click of a test session but the first is asked")
    case .events(let events):
      return SplitParts(train: known, valid: valid, test: .events(events), description: words)
    case .questions(let sessions):
      return SplitParts(
        train: known, valid: valid, validSessions: validSessions, test: .sessions(sessions),
        description: words)
    case .parts: throw EvaluationFault(.usage, "\(test) has parts of its own; give it alone.")
    }
  }

  private static func events(of path: String, _ reader: inout DataReader) throws(EvaluationFault)
    -> EventTable
  {
    guard case .events(let events) = try reader.read(path) else {
      throw EvaluationFault(.usage, "\(path) holds questions or parts, where events are needed.")
    }
    return events
  }

  private static func sampled(
    _ train: EventTable, _ valid: EventTable, _ path: String, _ options: EvaluationOptions,
    _ reader: inout DataReader, _ words: String
  ) throws(EvaluationFault) -> SplitParts {
    var asked: EventTable?
    if let test = options.test { asked = try events(of: test, &reader) }
    let negatives = try NegativesFile(path, reader: &reader)
    if let asked {
      let known = Set(negatives.questions.map { UInt64($0.user) << 32 | UInt64($0.item) })
      for row in 0..<asked.count
      where !known.contains(UInt64(asked.users[row]) << 32 | UInt64(asked.items[row])) {
        throw EvaluationFault(
          .badData,
          "\(path) has no line (\(reader.users.text(asked.users[row])),\(reader.items.text(asked.items[row]))), which the test file asks for."
        )
      }
    }
    return SplitParts(
      train: train, valid: valid, test: .candidates(negatives.questions),
      description: words + ", each right item against its own negatives in \(path)",
      ownNegatives: negatives.ownNegatives)
  }

  /// Every click of a session but the first, with those before it.
  static func opened(_ events: EventTable, _ userCount: Int) -> [OpenSession] {
    let (start, order) = events.byUser(userCount: userCount)
    var sessions: [OpenSession] = []
    for user in 0..<userCount {
      let clicks = order[start[user]..<start[user + 1]].map { events.items[$0] }
      for place in clicks.indices.dropFirst() {
        sessions.append(OpenSession(prefix: Array(clicks[..<place]), target: clicks[place]))
      }
    }
    return sessions
  }
}
