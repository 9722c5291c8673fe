import Vocabulary

/// Two items and one user, for the command line to print.
enum Shop {
  static func answer(_ request: Request?) -> Outcome {
    do throws(Fault) {
      switch request {
      case .recommend: return .success(.recommend(try slate()))
      case .rank: return .success(.rank(try slate()))
      case .getItems(let asked): return .success(.getItems(try items(asked)))
      case .getUser: return .success(.getUser(try user()))
      case .status:
        var report = StatusReport()
        report.version = "test"
        report.tenants = [TenantStatus(tenant: .default)]
        return .success(.status(report))
      case .generations(let asked): return .success(.generations(try generations(asked)))
      case .train: throw Fault(.trainingBusy, "Generation 2 is being made.")
      default: throw Fault(.methodUnknown, "Not sold here.")
      }
    } catch {
      return .failure(error)
    }
  }

  private static func slate() throws(Fault) -> Slate {
    var slate = Slate()
    var plates = SlateItem(item: try ItemIdentifier("plates"), score: 0.5)
    // A title must not steer the terminal.
    plates.title = "Plates\u{1b}[2J"
    plates.explanations = [Explanation(code: .becauseYouInteracted, items: [try ItemIdentifier("cups")])]
    var bowls = SlateItem(item: try ItemIdentifier("b"), score: 0.25)
    bowls.title = "Plates too"
    bowls.explanations = [
      Explanation(code: .boughtTogether, items: [try ItemIdentifier("cups"), try ItemIdentifier("basket")])
    ]
    var pots = SlateItem(item: try ItemIdentifier("pots"), score: 0.125)
    pots.explanations = [Explanation(code: .popularInSegment, segment: "France")]
    pots.predictedRating = 4.25
    slate.items = [plates, bowls, pots]
    slate.fallbacks = [.fewerThanK]
    return slate
  }

  /// Generation 2 was refused; 1 serves, or 2 if someone insists.
  private static func generations(_ asked: GenerationsRequest) throws(Fault) -> GenerationsReply {
    if asked.action == .promote, asked.generation == 2, !asked.force {
      throw Fault(.generationRefused, "The gate refused generation 2. Insist with --force.")
    }
    var one = GenerationSummary(number: GenerationNumber(1))
    one.isServing = !asked.force
    var two = GenerationSummary(number: GenerationNumber(2))
    two.isServing = asked.force
    two.ranking = "fusion"
    two.rankingReason = "Too little data for trees."
    two.settings = [TrainerSetting(name: "factors", value: "64")]
    two.metrics = [ModelMetrics(model: "ials", metrics: [MetricValue(name: "NDCG@10", value: 0.0625)])]
    var gate = GateVerdict()
    (gate.passed, gate.isRefused, gate.mode, gate.metric, gate.margin) = (false, true, "on", "NDCG@10", 0.02)
    (gate.served, gate.rule, gate.reason) = ("fusion", "It must hold.", "It loses against generation 1.")
    var lost = GateComparison(against: "generation 1")
    (lost.questions, lost.value, lost.other, lost.difference) = (310, 0.05, 0.1, -0.05)
    (lost.standardError, lost.holds, lost.decides, lost.note) = (0.006, false, true, "Asked what is newer.")
    var absent = GateComparison(against: "item-knn")
    (absent.holds, absent.note) = (true, "Not measured.")
    gate.comparisons = [lost, absent]
    two.gate = gate
    var reply = GenerationsReply()
    reply.generations = [two, one]
    return reply
  }

  private static func items(_ asked: GetItemsRequest) throws(Fault) -> GetItemsReply {
    var reply = GetItemsReply()
    for id in asked.items {
      var report = ItemReport(id: id)
      if id == Array("cups".utf8) {
        var item = Item(id: try ItemIdentifier(id))
        item.title = "Cups"
        report.item = item
      }
      reply.items.append(report)
    }
    return reply
  }

  private static func user() throws(Fault) -> GetUserReply {
    var reply = GetUserReply(profile: UserProfile(id: try UserIdentifier("u")))
    var row = HistoryRow(
      type: .purchase, item: try ItemIdentifier("cups"), time: Timestamp(microseconds: 1_302_439_980_000_000),
      value: 1)
    row.title = "Cups"
    reply.history = [row]
    return reply
  }
}
