import Ingestion
import Serving
import Vocabulary

/// Lists, and what explains and repeats them.
extension Engine {
  func recommend(
    _ request: RecommendRequest, of tenant: ServedTenant, for call: Call, using scratch: EngineScratch
  ) -> Outcome {
    scratch.refresh(inForce)
    let entry = entry(of: request, tenant, scratch)
    var question = request
    if let scenario = entry.scenario { question.scenario = scenario }
    let asked = question
    return list(
      tenant, call, scratch, scenario: request.scenario, in: asked.scenario, user: request.user,
      propensity: entry.propensity, view: entry.view
    ) { (context) throws(Fault) in
      var slate = try recommend(asked, of: tenant, context, scratch)
      slate.experiment = entry.label
      return .recommend(slate)
    }
  }

  /// What explains a list is made the way the list is: by the arm that answers it.
  func explain(
    _ request: ExplainRequest, of tenant: ServedTenant, for call: Call, using scratch: EngineScratch,
    _ reply: (ExplainReply) -> Reply
  ) -> Outcome {
    scratch.refresh(inForce)
    let entry = entry(of: request.request, tenant, scratch)
    var question = request
    if let scenario = entry.scenario { question.request.scenario = scenario }
    let asked = question
    return read(tenant, call, scratch, in: asked.request.scenario, view: entry.view) {
      (context) throws(Fault) in
      reply(try ReadPath.explain(asked, context, scratch.reading))
    }
  }

  /// How a request takes part in experiments.
  struct Entry {
    /// `NAME/ARM`, empty outside of every experiment.
    var label = ""
    /// The scenario that answers instead of the one asked for.
    var scenario: [UInt8]?
    var view: GenerationView?
    /// How likely the arm was.
    var propensity = 1.0
  }

  /// Without its generation an arm would not be what is being compared: such a request stays outside.
  func entry(
    of request: RecommendRequest, _ tenant: ServedTenant, _ scratch: EngineScratch
  ) -> Entry {
    var entry = Entry(view: scratch.view(of: tenant))
    guard let arm = scratch.settings.experiments.assign(request) else { return entry }
    if arm.generation > .none {
      guard let pinned = scratch.pinned(arm.generation, of: tenant) else { return entry }
      entry.view = pinned
    }
    (entry.label, entry.propensity) = (arm.label, arm.propensity)
    if !arm.scenario.isEmpty { entry.scenario = arm.scenario }
    return entry
  }

  /// Answers with a list and hands it to the feedback desk.
  /// - Parameters:
  ///   - label: the scenario that feedback counts it for.
  ///   - scenario: the one whose settings are read.
  func list(
    _ tenant: ServedTenant, _ call: Call, _ scratch: EngineScratch, scenario label: [UInt8],
    in scenario: [UInt8], user: [UInt8], propensity: Double = 1, view: GenerationView? = nil,
    _ body: (ReadContext) throws(Fault) -> Reply
  ) -> Outcome {
    let outcome = read(tenant, call, scratch, in: scenario, view: view, body)
    if case .success(let reply) = outcome, let slate = reply.slate {
      expose(slate, of: tenant, scenario: label, user: user, propensity: propensity, scratch)
    }
    return outcome
  }

  /// Hands a list to the feedback desk.
  func expose(
    _ slate: Slate, of tenant: ServedTenant, scenario: [UInt8], user: [UInt8], propensity: Double = 1,
    _ scratch: EngineScratch
  ) {
    guard !slate.items.isEmpty else { return }
    let exposure = Exposure(
      slate: slate, tenant: tenant.number, scenario: scenario, user: user, propensity: propensity)
    if !scratch.exposures.put(exposure) { feedback.lost() }
  }

  // MARK: Replay

  /// The same question on the state as it was, if that is what there is. Blocks where the generation must be opened: on
  /// the background thread.
  /// - Throws: `replay_state_moved` with what moved, and how to get there again.
  func replay(_ request: ReplayRequest, of tenant: ServedTenant, for call: Call) throws(Fault) -> ReplayReply
  {
    guard let plan = request.plan else {
      throw Fault(.tokenInvalid, "The token was not read.", field: "token")
    }
    let inForce = inForce.current
    guard inForce.configurationHash == plan.configurationHash else {
      throw moved(
        plan,
        "The configuration is another one now (\(String(inForce.configurationHash, radix: 16)) instead of \(String(plan.configurationHash, radix: 16)))."
      )
    }
    guard ingestor.applied >= plan.position else {
      throw moved(plan, "This daemon has come to position \(ingestor.applied.value) only.")
    }
    let view = try view(for: plan, of: tenant)
    // Where trends and counts of then are gone, those of now stand in: many lists do not rest on them, and of those that
    // do the digest tells.
    let lists = tenant.live.lists(countedAt: plan.provenance.counted) ?? tenant.live.lists()
    var context = ReadContext(
      tenant: tenant.live, view: view, scenario: Scenario(inForce.settings.reading),
      configurationHash: inForce.configurationHash,
      now: Timestamp(microseconds: plan.provenance.second &* 1_000_000), deadline: call.deadline,
      cancellation: call.cancellation, lists: lists)
    (context.position, context.counted) = (plan.position, plan.provenance.counted)
    context.quality = Double(plan.provenance.quality) / 1_000
    let scratch = ReadScratch()
    var slate: Slate
    switch plan.question {
    case .recommend(let asked):
      try checkUser(asked.user, plan, tenant)
      var question = asked
      let arm = ExperimentTable(inForce.settings.experiments).assign(asked)
      let isArm = arm.map { $0.generation == .none || $0.generation == plan.generation } ?? false
      if let arm, isArm, !arm.scenario.isEmpty { question.scenario = arm.scenario }
      let scenario = question.scenario
      context.enter(self.scenario(scenario, inForce.settings))
      slate = try turn(plan, asked.cursor, context, scratch) {
        (asked, context, turn) throws(Fault) in
        guard case .recommend(var asked) = asked else { throw Self.anotherFirst }
        asked.scenario = scenario
        // A budget cuts by the clock; the token says that nothing was cut.
        asked.budgetMicroseconds = 0
        return try ReadPath.recommend(asked, context, scratch, turn)
      }
      if let arm, isArm { slate.experiment = arm.label }
    case .similar(let asked):
      try checkUser(asked.user, plan, tenant)
      context.enter(scenario(asked.scenario, inForce.settings))
      slate = try turn(plan, asked.cursor, context, scratch) {
        (asked, context, turn) throws(Fault) in
        guard case .similar(let asked) = asked else { throw Self.anotherFirst }
        return try ReadPath.similar(asked, context, scratch, turn)
      }
    case .complete(let asked):
      try checkUser(asked.user, plan, tenant)
      context.enter(scenario(asked.scenario, inForce.settings))
      slate = try turn(plan, asked.cursor, context, scratch) {
        (asked, context, turn) throws(Fault) in
        guard case .complete(let asked) = asked else { throw Self.anotherFirst }
        return try ReadPath.complete(asked, context, scratch, turn)
      }
    case .rank(let asked):
      try checkUser(asked.user, plan, tenant)
      context.enter(scenario(asked.scenario, inForce.settings))
      slate = try ReadPath.rank(asked, context, scratch)
    }
    slate.provenance = nil
    return ReplayReply(slate, expected: plan.digest)
  }

  /// One list, or one page of it: for a later page the ranking is made again as its first page made it, and cut at the
  /// same place.
  private func turn(
    _ plan: ReplayPlan, _ cursor: [UInt8]?, _ context: ReadContext, _ scratch: ReadScratch,
    _ body: (ReplayPlan.Question, ReadContext, PageTurn) throws(Fault) -> Slate
  ) throws(Fault) -> Slate {
    guard let page = plan.provenance.page else {
      return try body(plan.question, context, cursor == nil ? .only : .first)
    }
    _ = try body(page.first, context, .first)
    guard let ranking = scratch.rest.ranking else {
      throw moved(plan, "The list it is a page of has only one page now.")
    }
    var context = context
    context.now = Timestamp(microseconds: page.second &* 1_000_000)
    return try body(plan.question, context, .next(ranking, from: Int(page.place)))
  }

  private static let anotherFirst = Fault(
    .tokenInvalid, "This is no token of a list: its first page is of another method.", field: "token")

  /// The default one if there is none of that name: the look step then refuses the request.
  private func scenario(_ name: [UInt8], _ settings: Settings) -> Scenario {
    let found = settings.scenarios.first { $0.key.text.utf8.elementsEqual(name) }
    return found.map { Scenario(name: name, $0.value) } ?? Scenario(settings.reading)
  }

  private func view(for plan: ReplayPlan, of tenant: ServedTenant) throws(Fault) -> GenerationView? {
    if plan.generation == .none { return nil }
    if let current = tenant.current, current.generation.number == plan.generation { return current }
    do {
      return try tenant.withShelf { (_) in
        try tenant.view(of: plan.generation, reading: settings.reading)
      }
    } catch {
      throw moved(plan, "Generation \(plan.generation.value) cannot be had any more: \(error).")
    }
  }

  private func checkUser(_ bytes: [UInt8], _ plan: ReplayPlan, _ tenant: ServedTenant) throws(Fault) {
    if bytes.isEmpty { return }
    guard let user = tenant.live.user(try UserIdentifier(bytes)), user.position > plan.position else {
      return
    }
    throw moved(
      plan,
      "The user \(user.profile.id.text) did something at position \(user.position.value), after position \(plan.position.value)."
    )
  }

  private func moved(_ plan: ReplayPlan, _ why: String) -> Fault {
    Fault(
      .replayStateMoved,
      """
      \(why) The list can be made again from a snapshot and the log: magpie snapshot restore --at \(plan.position.value), \
      start a daemon on the result, and replay there.
      """, field: "token")
  }
}

extension Reply {
  /// The list, where the reply is one.
  var slate: Slate? {
    switch self {
    case .recommend(let slate), .similar(let slate), .complete(let slate), .rank(let slate): slate
    default: nil
    }
  }
}
