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
