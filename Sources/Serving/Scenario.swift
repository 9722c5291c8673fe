import Expressions
import Vocabulary

/// One scenario, ready to be read with: its settings, and its expressions compiled. Made when settings change, for each
/// event loop its own, so that no core writes a reference count that others write, too.
package final class Scenario: Sendable {
  /// As requests name it; empty for the default one.
  package let name: [UInt8]
  package let settings: ReadingSettings
  let filter: Expression?
  /// The texts of the expressions, by which event loops keep what they said.
  let filterSource: [UInt8]
  let boostSource: [UInt8]
  let repeatableSource: [UInt8]
  let boost: Expression?
  /// What may be shown although it was seen.
  let repeatable: Expression?
  /// Of the shares whose groups are expressions, by place in the settings; nil for the others.
  let shareFilters: [ShareFilter?]

  /// Who belongs to a group: its text and the expression.
  struct ShareFilter: Sendable {
    var source: [UInt8]
    var expression: Expression
  }

  /// Expressions that do not compile are left out: the configuration takes none of those.
  package init(name: [UInt8] = [], _ settings: ReadingSettings) {
    self.name = name
    self.settings = settings
    filterSource = Array(settings.rules.filter.utf8)
    boostSource = Array(settings.rules.boost.utf8)
    repeatableSource = Array(settings.seen.repeatable.utf8)
    filter = Self.compile(settings.rules.filter, .filter)
    boost = Self.compile(settings.rules.boost, .number)
    repeatable = Self.compile(settings.seen.repeatable, .filter)
    shareFilters = settings.spread.shares.map { share in
      guard case .filter(let source) = share.group else { return nil }
      return Self.compile(source, .filter).map { ShareFilter(source: Array(source.utf8), expression: $0) }
    }
  }

  private static func compile(_ source: String, _ purpose: Expression.Purpose) -> Expression? {
    source.isEmpty ? nil : try? Expression(source, purpose: purpose)
  }

  /// Whether a request that names `asked` means this scenario.
  package func isMeant(by asked: [UInt8]) -> Bool { asked == name || (name.isEmpty && Self.isDefault(asked)) }

  /// Whether a request that names this means the default scenario.
  package static func isDefault(_ asked: [UInt8]) -> Bool {
    asked.isEmpty || asked.elementsEqual(ScenarioName.default.text.utf8)
  }
}
