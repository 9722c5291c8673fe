import Vocabulary

extension ConfigurationKey {
  /// Widths and budgets of sources, and what the source `near` takes for near.
  static let sources: [ConfigurationKey] =
    [
      .integer(
        "reading.source_budget_us", \.reading.sourceLimits.budgetMicroseconds, in: 0...budgetMax,
        shapesAnswers: true,
        "Microseconds each source may be expected to take, or it is skipped; 0 means no bound but the deadline."
      ),
      .number(
        "reading.near.kilometres", \.reading.near.kilometres, in: 0...Limits.nearKilometresMax, above: true,
        shapesAnswers: true, "What is further away is not near."),
      .number(
        "reading.near.half_kilometres", \.reading.near.halfKilometres, in: 0...Limits.nearKilometresMax,
        above: true, shapesAnswers: true, "Distance at which nearness counts half."),
    ]
    + SourceKind.allCases.map { source in
      own(
        "reading.source_widths.\(source.name)", \.widths, source, upTo: 10_000,
        "Candidates taken from the source \(source.name); 0 means as reading.source_width.")
    }
    + SourceKind.allCases.map { source in
      own(
        "reading.source_budgets_us.\(source.name)", \.budgetsMicroseconds, source, upTo: budgetMax,
        "Microseconds the source \(source.name) may be expected to take; 0 means as reading.source_budget_us."
      )
    }

  /// Ten seconds: the deadline of a request that has none.
  private static let budgetMax = Int(Limits.timeoutMillisecondsDefault) * 1000

  private static func own(
    _ path: String, _ field: WritableKeyPath<SourceLimits, [SourceKind: Int]> & Sendable,
    _ source: SourceKind, upTo most: Int, _ about: String
  ) -> ConfigurationKey {
    ConfigurationKey(
      path: path, about: about, accepted: "a whole number from 0 to \(most)", shapesAnswers: true,
      read: { String($0.reading.sourceLimits[keyPath: field][source] ?? 0) },
      write: { settings, value in
        guard let integer = value.integer, let exact = Int(exactly: integer), (0...most).contains(exact)
        else {
          return false
        }
        // Absent and 0 are the same; one of them, so that equal settings are equal.
        settings.reading.sourceLimits[keyPath: field][source] = exact == 0 ? nil : exact
        return true
      })
  }
}
