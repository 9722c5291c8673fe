import Glibc
import Vocabulary

/// A conversation with script/bench: a line in, a measurement, a JSON line out.
enum Session {
  /// Calls `answer` with the words of each line until the input ends.
  static func run(_ answer: ([String]) throws -> JSONLine) throws {
    while let line = readLine() {
      let words = line.split(separator: " ").map(String.init)
      if words.isEmpty { continue }
      say(try answer(words))
    }
  }

  static func say(_ line: JSONLine) {
    print(line.text)
    fflush(nil)
  }

  /// Seconds that `body` takes by the wall clock, and of processor time of the whole process.
  static func time(_ body: () throws -> Void) rethrows -> (seconds: Double, processor: Double) {
    let (began, used) = (ContinuousNanoseconds.now, processorSeconds)
    try body()
    return (Double(ContinuousNanoseconds.now - began) / 1e9, processorSeconds - used)
  }

  private static var processorSeconds: Double {
    var now = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
  }
}

/// One flat JSON object.
struct JSONLine {
  private var fields: [String] = []

  init() {}

  mutating func add(_ name: String, _ value: Double) {
    fields.append("\"\(name)\":\(value.isFinite ? "\(value)" : "null")")
  }

  mutating func add(_ name: String, _ value: Int) { fields.append("\"\(name)\":\(value)") }

  /// REQUIRES: nothing in `value` that JSON would escape.
  mutating func add(_ name: String, _ value: String) { fields.append("\"\(name)\":\"\(value)\"") }

  var text: String { "{" + fields.joined(separator: ",") + "}" }
}
