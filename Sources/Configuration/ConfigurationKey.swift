import Expressions
import Vocabulary

/// One key: where it lives in `Settings`, what it accepts, and what it is for.
package struct ConfigurationKey: Sendable {
  /// Full path with dots, such as `training.factors`.
  package let path: String
  /// One sentence for people.
  package let about: String
  /// What is accepted, in words that follow "must be".
  package let accepted: String
  /// Whether the same request may be answered differently when this changes: such keys make the
  /// configuration hash.
  package let shapesAnswers: Bool
  /// The value in force, as it would be written in the file.
  package let read: @Sendable (Settings) -> String
  /// Puts a value in. Returns false, and changes nothing, if the key does not accept it.
  let write: @Sendable (inout Settings, ConfigurationValue) -> Bool
  /// The setting that a search may choose unless this key is written; nil for all others.
  var tunable: TunableSetting?
  /// What is wrong with a value that was not accepted, where `accepted` does not say enough.
  var problem: (@Sendable (ConfigurationValue) -> String?)?

  /// A sentence on a value that `write` did not take.
  func refusal(of value: ConfigurationValue) -> String {
    problem?(value) ?? "It must be \(accepted), but is \(value.shown)."
  }

  /// The environment variable: `MAGPIE_TRAINING_FACTORS`.
  package var environmentName: String {
    Self.environmentPrefix + path.uppercased().replacing(".", with: "_")
  }

  package static let environmentPrefix = "MAGPIE_"

  /// The last part of the path: what is written in the file at its place.
  package var name: Substring { path.split(separator: ".").last ?? "" }
}

extension ConfigurationKey {
  /// The same key; writing it, whatever the value, keeps a search from choosing the setting.
  func choosing(_ setting: TunableSetting) -> ConfigurationKey {
    let write = write
    return ConfigurationKey(
      path: path, about: about, accepted: accepted, shapesAnswers: shapesAnswers, read: read,
      write: { settings, value in
        guard write(&settings, value) else { return false }
        // `auto` is nobody's choice.
        if settings.training.isAuto(setting) {
          settings.training.given.remove(setting)
        } else {
          settings.training.given.insert(setting)
        }
        return true
      }, tunable: setting)
  }
}

/// The kinds of value. Each pairs a check with the words that explain it.
extension ConfigurationKey {
  static func integer<Value: FixedWidthInteger & Sendable>(
    _ path: String, _ field: WritableKeyPath<Settings, Value> & Sendable, in range: ClosedRange<Value>,
    shapesAnswers: Bool = false, _ about: String
  ) -> ConfigurationKey {
    ConfigurationKey(
      path: path, about: about,
      accepted: "a whole number from \(range.lowerBound) to \(range.upperBound)",
      shapesAnswers: shapesAnswers,
      read: { String($0[keyPath: field]) },
      write: { settings, value in
        guard let integer = value.integer, let exact = Value(exactly: integer), range.contains(exact) else {
          return false
        }
        settings[keyPath: field] = exact
        return true
      })
  }

  /// Range bounds are part of the range; `above` makes the lower bound an open one.
  static func number(
    _ path: String, _ field: WritableKeyPath<Settings, Double> & Sendable, in range: ClosedRange<Double>,
    above isOpen: Bool = false, shapesAnswers: Bool = false, _ about: String
  ) -> ConfigurationKey {
    number(
      path, in: range, above: isOpen, shapesAnswers: shapesAnswers, about,
      get: { $0[keyPath: field] }, set: { $0[keyPath: field] = $1 })
  }

  static func number(
    _ path: String, in range: ClosedRange<Double>, above isOpen: Bool = false, shapesAnswers: Bool,
    _ about: String,
    get: @escaping @Sendable (Settings) -> Double, set: @escaping @Sendable (inout Settings, Double) -> Void
  ) -> ConfigurationKey {
    let from = isOpen ? "above \(shown(range.lowerBound)), up to" : "from \(shown(range.lowerBound)) to"
    return ConfigurationKey(
      path: path, about: about, accepted: "a number \(from) \(shown(range.upperBound))",
      shapesAnswers: shapesAnswers,
      read: { shown(get($0)) },
      write: { settings, value in
        guard let number = value.number, range.contains(number), !isOpen || number > range.lowerBound else {
          return false
        }
        set(&settings, number)
        return true
      })
  }

  /// A whole number, or a word for none.
  static func integer(
    _ path: String, _ field: WritableKeyPath<Settings, Int?> & Sendable, in range: ClosedRange<Int>,
    or word: String, _ about: String
  ) -> ConfigurationKey {
    ConfigurationKey(
      path: path, about: about,
      accepted: "a whole number from \(range.lowerBound) to \(range.upperBound), or \(word)",
      shapesAnswers: false,
      read: { $0[keyPath: field].map { String($0) } ?? word },
      write: { settings, value in
        if value.text == word {
          settings[keyPath: field] = nil
          return true
        }
        guard let integer = value.integer, let exact = Int(exactly: integer), range.contains(exact) else {
          return false
        }
        settings[keyPath: field] = exact
        return true
      })
  }

  /// A number above the lower bound, or a word for none.
  static func number(
    _ path: String, _ field: WritableKeyPath<Settings, Double?> & Sendable, in range: ClosedRange<Double>,
    or word: String, _ about: String
  ) -> ConfigurationKey {
    ConfigurationKey(
      path: path, about: about,
      accepted: "a number above \(shown(range.lowerBound)), up to \(shown(range.upperBound)), or \(word)",
      shapesAnswers: false,
      read: { $0[keyPath: field].map { shown($0) } ?? word },
      write: { settings, value in
        if value.text == word {
          settings[keyPath: field] = nil
          return true
        }
        guard let number = value.number, range.contains(number), number > range.lowerBound else {
          return false
        }
        settings[keyPath: field] = number
        return true
      })
  }

  /// One of two words.
  static func either(
    _ path: String, _ field: WritableKeyPath<Settings, Bool> & Sendable, yes: String, no: String,
    _ about: String
  ) -> ConfigurationKey {
    ConfigurationKey(
      path: path, about: about, accepted: "\(yes) or \(no)", shapesAnswers: false,
      read: { $0[keyPath: field] ? yes : no },
      write: { settings, value in
        guard let text = value.text, text == yes || text == no else { return false }
        settings[keyPath: field] = text == yes
        return true
      })
  }

  static func flag(
    _ path: String, _ field: WritableKeyPath<Settings, Bool> & Sendable, shapesAnswers: Bool = false,
    _ about: String
  ) -> ConfigurationKey {
    ConfigurationKey(
      path: path, about: about, accepted: "true or false", shapesAnswers: shapesAnswers,
      read: { String($0[keyPath: field]) },
      write: { settings, value in
        guard let flag = value.flag else { return false }
        settings[keyPath: field] = flag
        return true
      })
  }

  /// One of an enumeration's words.
  static func choice<Value: RawRepresentable<String> & CaseIterable & Sendable>(
    _ path: String, _ field: WritableKeyPath<Settings, Value> & Sendable, shapesAnswers: Bool = false,
    _ about: String
  ) -> ConfigurationKey {
    ConfigurationKey(
      path: path, about: about,
      accepted: "one of \(Value.allCases.map(\.rawValue).joined(separator: ", "))",
      shapesAnswers: shapesAnswers,
      read: { $0[keyPath: field].rawValue },
      write: { settings, value in
        guard let text = value.text, let choice = Value(rawValue: text) else { return false }
        settings[keyPath: field] = choice
        return true
      })
  }

  /// An expression of docs/expressions.md, or an empty text for none. Compiled before it is taken, so that one with a
  /// mistake is refused with its line and character.
  static func expression(
    _ path: String, _ field: WritableKeyPath<Settings, String> & Sendable, _ purpose: Expression.Purpose,
    _ about: String
  ) -> ConfigurationKey {
    var key = ConfigurationKey(
      path: path, about: about,
      accepted: purpose == .filter
        ? "a true or false expression, or \"\"" : "an expression that is a number, or \"\"",
      shapesAnswers: true,
      read: { quoted($0[keyPath: field]) },
      write: { settings, value in
        guard let text = value.text else { return false }
        guard text.isEmpty || (try? Expression(text, purpose: purpose)) != nil,
          text.utf8.allSatisfy({ $0 >= 32 && $0 != 127 })
        else { return false }
        settings[keyPath: field] = text
        return true
      })
    key.problem = { value in
      guard let text = value.text, !text.isEmpty else { return nil }
      if !text.utf8.allSatisfy({ $0 >= 32 && $0 != 127 }) { return "An expression is one line without tabs." }
      do throws(ExpressionFault) {
        _ = try Expression(text, purpose: purpose)
        return nil
      } catch {
        return "At character \(error.character): \(error.message)"
      }
    }
    return key
  }

  static func text(
    _ path: String, _ field: WritableKeyPath<Settings, String> & Sendable, bytes range: ClosedRange<Int>,
    _ about: String
  ) -> ConfigurationKey {
    ConfigurationKey(
      path: path, about: about,
      accepted: "a text of \(range.lowerBound) to \(range.upperBound) bytes without control characters",
      shapesAnswers: false,
      read: { quoted($0[keyPath: field]) },
      write: { settings, value in
        guard let text = value.text, range.contains(text.utf8.count),
          text.utf8.allSatisfy({ $0 >= 32 && $0 != 127 })
        else { return false }
        settings[keyPath: field] = text
        return true
      })
  }

  /// Shortest decimal notation that reads back as the same number; whole numbers without a fraction.
  private static func shown(_ number: Double) -> String {
    Int64(exactly: number).map(String.init) ?? "\(number)"
  }

  static func quoted(_ text: String) -> String {
    "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }
}
