import Reading

/// Times of events: numbers in any unit, or dates.
enum EventTime {
  /// Microseconds. A number's unit is told by its size: seconds below 10^11 (the year 5138), then milliseconds,
  /// microseconds, nanoseconds by factors of a thousand. Only order and distance matter here, so old data are as good
  /// as new.
  static func read(_ field: ArraySlice<UInt8>, file: String, line: Int) throws(EvaluationFault) -> Int64 {
    if let number = Fields.number(field) {
      let size = number.magnitude
      let scaled =
        size < 1e11 ? number * 1e6 : size < 1e14 ? number * 1e3 : size < 1e17 ? number : number / 1e3
      if let time = Int64(exactly: scaled.rounded()) { return time }
      throw EvaluationFault(file: file, line: line, "the time \"\(DataReader.text(field))\" is out of range.")
    }
    do throws(Problem) {
      return try ISO8601.microseconds(String(decoding: field, as: UTF8.self), field: "the time")
    } catch {
      throw EvaluationFault(file: file, line: line, error.message)
    }
  }
}
