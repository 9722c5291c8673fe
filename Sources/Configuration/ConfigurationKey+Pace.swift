import Vocabulary

/// Keys of what gives way when answers come late, and of what is remembered of them.
extension ConfigurationKey {
  static let pace: [ConfigurationKey] =
    PaceSettings.bounded.map { step in
      ConfigurationKey(
        path: "reading.step_ceilings_us.\(step.name)",
        about:
          "Microseconds after which the step \(step.name) leaves out what it can do without; 0 leaves it to the deadline.",
        accepted: "a whole number from 0 to 60000000", shapesAnswers: false,
        read: { String($0.reading.pace[step]) },
        write: { settings, value in
          guard let number = value.integer, (0...60_000_000).contains(number) else { return false }
          settings.reading.pace[step] = UInt32(number)
          return true
        })
    } + [
      .integer(
        "reading.quality.target_us", \.reading.pace.targetMicroseconds, in: 0...60_000_000,
        "An answer that takes longer than this many microseconds narrows the search of the next ones; 0 never does."
      ),
      .number(
        "reading.quality.floor", \.reading.pace.qualityFloor, in: 0...1, above: true,
        "The share of reading.source_width below which lateness does not narrow the search."),
    ]

  static let feedback: [ConfigurationKey] = [
    .number(
      "feedback.exposure_sample", \.feedback.exposureSample, in: 0...1,
      "Share of lists written to the exposure log, chosen by their identifier; 0 writes none."),
    .integer(
      "feedback.lists", \.feedback.lists, in: 1...Limits.rememberedListsMax,
      "Lists remembered in memory, so that events which name them count for them."),
    .integer(
      "feedback.exposure_bytes_max", \.feedback.exposureBytesMax, in: (1 << 20)...(1 << 40),
      "Bytes of exposure log kept on disk; the oldest files go first."),
  ]
}
