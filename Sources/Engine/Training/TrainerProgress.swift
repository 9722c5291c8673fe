import Foundation

/// One line of `magpie-train --progress json`.
struct TrainerProgress: Decodable, Sendable, Hashable {
  var stage: String?
  /// 0 to 1 over the whole run.
  var fraction: Float?
  var done: Bool?
  var generation: UInt64?
  /// Why it failed, for people.
  var error: String?
  /// The same as a stable code.
  var reason: String?

  /// Nil for a line that is something else.
  init?(line: String) {
    guard line.hasPrefix("{"), let progress = try? JSONDecoder().decode(Self.self, from: Data(line.utf8))
    else {
      return nil
    }
    self = progress
  }
}
