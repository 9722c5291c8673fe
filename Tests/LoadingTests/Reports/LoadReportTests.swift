import Foundation
import Loading
import Testing

struct LoadReportTests {
  private let environment = Environment(
    processor: "A processor", cores: 2, kernel: "Linux", version: "1", isDebugBuild: false,
    daemonVersion: "2",
    durability: "committed", isLoopback: true, address: "127.0.0.1:7700")

  private func plan() throws -> LoadPlan {
    LoadPlan(mix: try MethodMix("recommend=3,check=1"), run: 255, epochMicroseconds: 0)
  }

  /// Programs rely on these names.
  @Test func theNamesInJSONStay() throws {
    var measurement = Measurement()
    measurement.duration = 2
    measurement.okInWindow = 99
    measurement.tallies[0].offered = 100
    measurement.tallies[0].ok = 99
    measurement.tallies[0].errors = ["item_unknown": 1]
    measurement.seconds = [SecondRow(second: 0, isWarmup: true)]
    let json = LoadReport(try plan(), environment, measurement, Verification()).json
    let top = try #require(JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    #expect(
      top.keys.sorted() == [
        "achieved_rate", "achieved_share", "connections_lost", "environment", "events_sent", "format",
        "generator", "held_rate", "methods", "plan", "seconds", "slates_empty", "slates_sampled", "total",
        "verification",
      ])
    let methods = try #require(top["methods"] as? [String: [String: Any]])
    #expect(methods.keys.sorted() == ["check", "recommend"])
    #expect(
      methods["recommend"]?.keys.sorted() == [
        "error", "errors", "latency", "offered", "ok", "sent", "service", "shed", "timed_out", "unsent",
      ])
    #expect(top["achieved_rate"] as? Double == 49.5)
    #expect(top["held_rate"] as? Bool == true)
    let environment = try #require(top["environment"] as? [String: Any])
    #expect(environment["durability"] as? String == "committed")
  }

  @Test func theSummaryNamesDurabilityAndWhetherTheRateWasHeld() throws {
    var measurement = Measurement()
    measurement.duration = 1
    measurement.okInWindow = 98
    measurement.tallies[0].offered = 100
    measurement.tallies[0].sent = 99
    measurement.tallies[0].unsent = 1
    let lines = TextReport.lines(try plan(), environment, measurement)
    #expect(lines[0].hasPrefix("offered 100.0/s  sent 99"))
    #expect(lines[0].contains("unsent 1  achieved 98.0/s, 98.000 %  durability=committed"))
    #expect(lines.contains { $0.hasPrefix("NOT HELD") })
  }

  @Test func aClosedLoopIsLabelledAsSuch() throws {
    var closed = try plan()
    closed.loop = .closed(concurrency: 4)
    #expect(TextReport.heading(closed, environment).contains { $0.contains("CLOSED loop, 4 at once") })
    #expect(TextReport.lines(closed, environment, Measurement())[0].hasPrefix("closed loop"))
  }

  @Test(arguments: [
    (0, 0, "0"), (1234.5678, 2, "1234.57"), (-0.5, 1, "-0.5"), (0.004, 3, "0.004"), (9.999, 2, "10.00"),
  ])
  func decimals(value: Double, places: Int, text: String) {
    #expect(Figures.decimals(value, places) == text)
    #expect(Figures.count(1_234_567) == "1,234,567" && Figures.count(-12) == "-12")
  }
}
