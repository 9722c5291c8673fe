import ArgumentParser
import MagpieClient
import Reading

/// Where and when a list is shown, and what may be in it: common to all commands that print one.
struct SurroundingsOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Where the list will be shown.", valueName: "name"))
  var scenario: String?

  @Option(
    help: ArgumentHelp(
      "Only items for which this is true, such as 'item.price < 20'.", valueName: "expression"))
  var filter = ""

  @Option(
    help: ArgumentHelp(
      "A number that scores are multiplied with, such as 'item.margin ?? 1'.", valueName: "expression"))
  var boost = ""

  @Option(
    help: ArgumentHelp(
      "The moment the list is made for, such as 2026-01-31T12:00:00Z. Default: now.", valueName: "time"))
  var at: String?

  @Option(
    name: .customLong("location"),
    help: ArgumentHelp("context.location of expressions: latitude and longitude.", valueName: "lat,lon"))
  var place: String?

  @Option(
    name: .customLong("context"),
    help: ArgumentHelp("context.NAME of expressions; repeat for more.", valueName: "name=value"))
  var attributes: [String] = []

  func validate() throws { _ = try context() }

  /// - Throws: `ValidationError` for what cannot be read.
  func context() throws -> QueryContext {
    var context = QueryContext()
    if let at {
      guard let time = try? ISO8601.microseconds(at, field: "at") else {
        throw ValidationError("--at takes a time such as 2026-01-31T12:00:00Z, not '\(at)'.")
      }
      context.timeMicroseconds = time
    }
    if let place {
      let numbers = place.split(separator: ",").compactMap { Double($0.drop { $0 == " " }) }
      guard numbers.count == 2, place.split(separator: ",").count == 2 else {
        throw ValidationError("--location takes latitude and longitude, such as 48.85,2.35, not '\(place)'.")
      }
      context.location = GeoPoint(latitude: numbers[0], longitude: numbers[1])
    }
    context.attributes = try Self.attributes(attributes, flag: "--context")
    return context
  }

  /// `name=value` as attributes: true and false are flags, numbers are numbers, all else is text.
  static func attributes(_ assignments: [String], flag: String) throws -> [String: AttributeValue] {
    var attributes: [String: AttributeValue] = [:]
    for assignment in assignments {
      let parts = assignment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[0].isEmpty else {
        throw ValidationError("\(flag) takes NAME=VALUE, not '\(assignment)'.")
      }
      let text = String(parts[1])
      let value: AttributeValue =
        switch text {
        case "true": .flag(true)
        case "false": .flag(false)
        default: Double(text).map { .number($0) } ?? .text(text)
        }
      attributes[String(parts[0])] = value
    }
    return attributes
  }
}
