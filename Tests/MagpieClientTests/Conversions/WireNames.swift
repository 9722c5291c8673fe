import Vocabulary

/// The names of the words that travel, apart from the public words of the same name.
enum WireNames {
  static let eventTypes = EventType.allCases.map(\.name)
  static let sources = SourceKind.allCases.map(\.name)
  static let explanations = ExplanationCode.allCases.map(\.name)
  static let fallbacks = Fallback.allCases.map(\.name)
  static let steps = StepKind.allCases.map(\.name)
  static let trainingStates = [TrainingState.idle, .running, .succeeded, .failed].map(\.name)
  static let statuses = StatusCode.allCases.filter { $0 != .ok }.map(\.rawValue)
  static let statusNames = StatusCode.allCases.filter { $0 != .ok }.map(\.name)
}
