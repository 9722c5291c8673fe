/// What a part of an expression can be. Times are numbers, seconds since 1970; spans of time are seconds.
enum ValueType: Sendable, Hashable {
  case number, text, flag, texts, point
  /// A list written out in brackets.
  case list

  /// With its article, for messages.
  var words: String {
    switch self {
    case .number: "a number"
    case .text: "a text"
    case .flag: "true or false"
    case .texts: "a list of texts"
    case .point: "a place"
    case .list: "a list in brackets"
    }
  }
}

/// What can be called, with what it takes and gives.
enum ExpressionFunction: String, Sendable, Hashable, CaseIterable {
  case abs, sqrt, log, exp, floor, ceil, min, max, clamp
  case hour, weekday, time
  case point, distance
  case has, size, contains
  case startsWith = "starts_with"
  case choose = "if"
  case number, text, flag, texts

  /// As it is written, for messages.
  var usage: String {
    switch self {
    case .abs, .sqrt, .log, .exp, .floor, .ceil: "\(rawValue)(number)"
    case .min, .max: "\(rawValue)(number, number, …)"
    case .clamp: "clamp(number, lowest, highest)"
    case .hour, .weekday: "\(rawValue)(time)"
    case .time: "time(\"2026-01-31T12:00:00Z\")"
    case .point: "point(latitude, longitude)"
    case .distance: "distance(item.location, context.location)"
    case .has: "has(field)"
    case .size: "size(list)"
    case .contains: "contains(text, \"part\")"
    case .startsWith: "starts_with(text, \"beginning\")"
    case .choose: "if(condition, then, otherwise)"
    case .number, .text, .flag, .texts: "\(rawValue)(item.attribute)"
    }
  }

  /// How many arguments it takes.
  var arity: ClosedRange<Int> {
    switch self {
    case .min, .max: 2...16
    case .clamp, .choose: 3...3
    case .point, .distance, .contains, .startsWith: 2...2
    default: 1...1
    }
  }

  /// Nil where it depends on the arguments.
  var result: ValueType? {
    switch self {
    case .abs, .sqrt, .log, .exp, .floor, .ceil, .min, .max, .clamp, .hour, .weekday, .time, .distance, .size,
      .number:
      .number
    case .point: .point
    case .has, .contains, .startsWith, .flag: .flag
    case .text: .text
    case .texts: .texts
    case .choose: nil
    }
  }
}
