import Expressions
import LiveState
import Vocabulary

/// What a request says of itself beside who asks for what: where it is shown, when, and what may be in it.
package struct RequestSurroundings {
  package var scenario: [UInt8]
  package var filter: [UInt8]
  package var boost: [UInt8]
  package var context: RequestContext
  package var userAttributes: [AttributeDraft] = []
}

extension Look {
  /// Checks the scenario and the context, compiles the request's expressions, and begins the rules.
  /// REQUIRES: the user was looked up.
  static func surroundings(
    _ asked: RequestSurroundings, _ context: ReadContext, _ scratch: ReadScratch
  ) throws(Fault) {
    try checkScenario(asked.scenario, context)
    scratch.query.token.add(context.scenario.name)
    scratch.query.token.add(asked.filter)
    scratch.query.token.add(asked.boost)
    let surroundings = asked.context
    if surroundings.timeMicroseconds != 0 {
      scratch.query.seconds = try seconds(surroundings.timeMicroseconds)
      scratch.query.token.add(UInt64(bitPattern: surroundings.timeMicroseconds))
    }
    var place: GeoPoint?
    if let location = surroundings.location {
      let checked = try GeoPoint(checking: location, field: "context.location")
      scratch.query.token.add(checked.latitude.bitPattern)
      scratch.query.token.add(checked.longitude.bitPattern)
      place = checked
    }
    scratch.query.location = place
    var attributes = scratch.query.user?.profile.attributes ?? [:]
    if !asked.userAttributes.isEmpty {
      let own = try CheckedAttributes.attributes(asked.userAttributes, field: "user_attributes")
      attributes.merge(own) { _, own in own }
      note(asked.userAttributes, scratch)
    }
    scratch.query.attributes = attributes
    var input = ExpressionInput(
      user: scratch.query.asker, attributes: attributes,
      context: ExpressionContext(seconds: Double(scratch.query.seconds), location: place))
    if !surroundings.attributes.isEmpty {
      input.context.attributes = try CheckedAttributes.attributes(
        surroundings.attributes, field: "context.attributes")
      note(surroundings.attributes, scratch)
    }
    try scratch.rules.begin(
      input, scenario: context.scenario, filter: asked.filter, boost: asked.boost, context.catalogue)
  }

  private static func checkScenario(_ scenario: [UInt8], _ context: ReadContext) throws(Fault) {
    if context.scenario.isMeant(by: scenario) { return }
    let name = try ScenarioName(String(decoding: scenario, as: UTF8.self))
    throw Fault(
      .scenarioUnknown,
      "There is no scenario \(name.text). Leave it empty for the default one, or configure it: magpie config set scenarios.\(name.text).hide_seen=true",
      field: "scenario")
  }

  private static func seconds(_ microseconds: Int64) throws(Fault) -> Int64 {
    // To the end of the year 9999, after which dates are no longer written with four digits.
    guard microseconds >= Limits.eventTimeMin.microseconds, microseconds < 253_402_300_800_000_000 else {
      throw Fault(
        .outOfRange, "context.time is \(microseconds); it is microseconds since 1970, from the year 2000 on.",
        field: "context.time")
    }
    return Timestamp(microseconds: microseconds).seconds
  }

  /// Attributes shape the list, so they are part of its name, in the order they came.
  private static func note(_ attributes: [AttributeDraft], _ scratch: ReadScratch) {
    for attribute in attributes {
      scratch.query.token.add(attribute.name)
      switch attribute.value {
      case .missing: break
      case .text(let text): scratch.query.token.add(text)
      case .number(let number): scratch.query.token.add(number.bitPattern)
      case .flag(let flag): scratch.query.token.add(flag ? 2 : 1)
      case .texts(let texts): scratch.query.token.add(texts)
      }
    }
  }
}
