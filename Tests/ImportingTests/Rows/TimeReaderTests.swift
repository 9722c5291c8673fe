import Fakes
import Foundation
import Importing
import Reading
import Testing

@Suite struct TimeReaderTests {
  private func read(_ text: String, unit: TimeReader.Unit? = nil) -> Result<Int64, Problem> {
    var reader = TimeReader(unit: unit)
    do throws(Problem) { return .success(try reader.read(text, field: "time")) } catch {
      return .failure(error)
    }
  }

  @Test(
    arguments: [
      ("1302439980", 1_302_439_980_000_000), ("1302439980.25", 1_302_439_980_250_000),
      ("1302439980123", 1_302_439_980_123_000), ("1302439980123456", 1_302_439_980_123_456),
      ("1302439980123456789", 1_302_439_980_123_456), ("1302439980123.5", 1_302_439_980_123_500),
      ("2011-04-10T12:53:00Z", 1_302_439_980_000_000), ("2011-04-10 12:53", 1_302_439_980_000_000),
      (" 2011-04-10T14:53:00+02:00 ", 1_302_439_980_000_000),
      ("2011-04-10T05:23:00.5-0730", 1_302_439_980_500_000),
      ("2000-02-29", 951_782_400_000_000),
    ] as [(String, Int64)])
  func findsTheUnit(_ text: String, _ microseconds: Int64) {
    #expect((try? read(text).get()) == microseconds)
  }

  @Test(arguments: [
    ("0", "time_ambiguous"), ("1302439", "time_ambiguous"), ("20101201", "time_ambiguous"),
    ("01/12/2010", "time_ambiguous"), ("1.12.2010 08:26", "time_ambiguous"),
    ("-1302439980", "time_ambiguous"),
    ("9223372036854775807", "time_ambiguous"), ("99999999999999999999", "time_invalid"), ("", "time_invalid"),
    ("yesterday", "time_invalid"), ("2011-13-01", "time_invalid"), ("2011-02-29", "time_invalid"),
    ("2011-04-10T24:00:00Z", "time_invalid"), ("2011-04-10T12:53:00 CET", "time_invalid"),
    ("2011-04-10T", "time_invalid"), ("1302439980e3", "time_invalid"), ("0x4DA1A5EC", "time_invalid"),
    ("1970-01-01T00:00:00Z", "time_invalid"), ("1970-01-01", "time_invalid"),
  ])
  func refusesWithAReason(_ text: String, _ reason: String) {
    guard case .failure(let problem) = read(text) else {
      Issue.record("\(text) was read as a time")
      return
    }
    #expect(problem.reason == reason, "\(text): \(problem.message)")
  }

  @Test func insistsOnOneUnit() throws {
    var reader = TimeReader()
    _ = try reader.read("1302439980", field: "time")
    #expect(reader.unit == .seconds)
    #expect(throws: Problem.self) { try reader.read("1302439980123", field: "time") }
    #expect(throws: Problem.self) { try reader.read("2011-04-10", field: "time") }
    // A bad line changes nothing for those after it.
    #expect(try reader.read("1302439981", field: "time") == 1_302_439_981_000_000)
  }

  @Test func aGivenUnitIsBelieved() {
    #expect((try? read("1302439", unit: .seconds).get()) == 1_302_439_000_000)
    #expect((try? read("1302439980", unit: .milliseconds).get()) == 1_302_439_980_000)
    #expect((try? read("2011-04-10", unit: .seconds).get()) == nil)
    #expect((try? read("1302439980", unit: .iso8601).get()) == nil)
    #expect((try? read("9223372036854775807", unit: .seconds).get()) == nil)
  }

  /// Against Foundation's calendar, over two thousand years.
  @Test(arguments: 1...100 as ClosedRange<UInt64>)
  func datesAgreeWithFoundation(seed: UInt64) throws {
    var generator = Seeded(seed: seed)
    let seconds = Int64.random(in: -12_000_000_000...50_000_000_000, using: &generator)
    let date = Date(timeIntervalSince1970: Double(seconds))
    let text = date.formatted(.iso8601)
    #expect(ISO8601.text(microseconds: seconds * 1_000_000) == text, "seed \(seed)")
    #expect((try? read(text).get()) == seconds * 1_000_000, "\(text); seed \(seed)")
  }
}
