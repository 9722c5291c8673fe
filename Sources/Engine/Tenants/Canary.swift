import Ingestion
import LiveState
import Models
import Serving
import Vocabulary

/// Asks a generation a few fixed questions before anyone else may: the last look between opening it and serving it.
///
/// Opening checks that every number is finite and every shape right; this checks what comes of them together. The same
/// questions are asked without any generation: what live counts alone can answer, it must answer too.
struct Canary {
  /// Known users asked; each costs one read.
  static let usersMax = 8

  private let view: GenerationView
  private let tenant: LiveTenant
  private let settings: ReadingSettings
  private let scratch = ReadScratch()

  private init(_ view: GenerationView, tenant: LiveTenant, settings: ReadingSettings) {
    self.view = view
    self.tenant = tenant
    self.settings = settings
  }

  /// What is wrong with its answers, or nil. Blocks: a dozen reads.
  static func problem(_ view: GenerationView, tenant: LiveTenant, settings: ReadingSettings) -> String? {
    Canary(view, tenant: tenant, settings: settings).problem()
  }

  private typealias Question = (ReadContext) throws(Fault) -> Slate

  private func problem() -> String? {
    let known = (0..<view.generation.itemCount).first { view.index(ofRow: $0) != nil }
    if known == nil, view.generation.itemCount > 0, tenant.counts.items > 0 {
      return "It knows none of the items here, so it was not trained on this data."
    }
    if let problem = ask("a visitor nobody knows", recommend { _ in }) { return problem }
    for user in tenant.users(withHistory: Self.usersMax) {
      if let problem = ask("user \(user.text)", recommend { $0.user = user.bytes }) { return problem }
    }
    guard let known else { return nil }
    let item = view.generation.identifier(of: known)
    if let problem = ask("a session with item \(item.text)", recommend { $0.sessionItems = [item.bytes] }) {
      return problem
    }
    let similar: Question = { (context) throws(Fault) in
      var request = SimilarRequest()
      request.item = item.bytes
      request.explain = .full
      return try ReadPath.similar(request, context, scratch)
    }
    return ask("what resembles item \(item.text)", similar)
  }

  private func recommend(_ change: (inout RecommendRequest) -> Void) -> Question {
    var request = RecommendRequest()
    // Every source's own score, which an order made of ranks would hide.
    request.explain = .full
    change(&request)
    let asked = request
    return { (context) throws(Fault) in try ReadPath.recommend(asked, context, scratch) }
  }

  private func ask(_ whom: String, _ question: Question) -> String? {
    do throws(Fault) {
      let slate = try question(context(view))
      for item in slate.items {
        let scores = [item.score] + item.sources.map(\.score)
        if let score = scores.first(where: { !$0.isFinite }) {
          return "Asked for \(whom), it scores item \(item.item.text) \(score)."
        }
      }
      if slate.items.isEmpty, try !question(context(nil)).items.isEmpty {
        return "Asked for \(whom), it has nothing to say where live counts have."
      }
      return nil
    } catch {
      return "Asked for \(whom), it fails: \(error.message)"
    }
  }

  private func context(_ view: GenerationView?) -> ReadContext {
    ReadContext(
      tenant: tenant, view: view, settings: settings, configurationHash: 0, now: .now, deadline: .max,
      cancellation: Cancellation())
  }
}

extension ServedTenant {
  /// Opens a generation, checks every byte of it and asks it a few questions. Serves nothing yet. Blocks: reads files
  /// whole.
  /// - Throws: what is wrong with it.
  func view(of number: GenerationNumber, reading settings: ReadingSettings) throws(ModelFault)
    -> GenerationView
  {
    let path = shelf.path(of: number)
    let view = GenerationView(try Generation.open(at: path, tenant: name), tenant: live)
    if let problem = Canary.problem(view, tenant: live, settings: settings) {
      throw ModelFault(.inconsistent, file: path, "\(problem) Train again.")
    }
    return view
  }

  /// The newest generation that passes every check and that the gate did not refuse. Blocks.
  func newestUsable(below limit: GenerationNumber?, reading settings: ReadingSettings) -> GenerationView? {
    guard let entries = try? shelf.list() else { return nil }
    for entry in entries where entry.isEligible {
      if let limit, entry.number >= limit { continue }
      if let view = try? view(of: entry.number, reading: settings) { return view }
    }
    return nil
  }
}
