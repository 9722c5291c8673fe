import Metering
import Testing

struct MetricsTextTests {
  private func page(_ build: (inout MetricsText) -> Void) -> String {
    var text = MetricsText()
    build(&text)
    return String(decoding: text.bytes, as: UTF8.self)
  }

  @Test func aFamilyHasItsHeadOnceAndThenItsSamples() {
    let page = page { text in
      text.family("m_x", .gauge, "What x is.") { family in
        family.sample(1, [("a", "b")])
        family.sample(2.5, [("a", "c"), ("d", "e")])
      }
      text.counter("m_y_total", "How many y.", 7)
    }
    #expect(
      page == """
        # HELP m_x What x is.
        # TYPE m_x gauge
        m_x{a="b"} 1
        m_x{a="c",d="e"} 2.5
        # HELP m_y_total How many y.
        # TYPE m_y_total counter
        m_y_total 7

        """)
  }

  @Test func aLabelCannotBreakOutOfItsQuotes() {
    let page = page { text in
      text.family("m", .gauge, "h") { $0.sample(1, [("a", "x\"} 9\nevil 1\\")]) }
    }
    #expect(page.contains(#"m{a="x\"} 9\nevil 1\\"} 1"#))
    #expect(page.split(separator: "\n").count == 3)
  }

  @Test func numbersAreShownAsTheFormatWantsThem() {
    #expect(MetricsText.number(0) == "0")
    #expect(MetricsText.number(-3) == "-3")
    #expect(MetricsText.number(9_007_199_254_740_992) == "9007199254740992")
    #expect(MetricsText.number(0.000001024) == "1.024e-06")
    #expect(MetricsText.number(.infinity) == "+Inf")
    #expect(MetricsText.number(.nan) == "NaN")
  }

  @Test func bucketsAreCumulativeAndEndWithTheCount() throws {
    let histogram = Histogram()
    for value: UInt64 in [1_000, 2_000, 2_000_000, 60_000_000_000] { histogram.record(value) }
    let page = page { $0.histogram("m_seconds", "h", .nanoseconds, histogram) }
    let buckets = page.split(separator: "\n").filter { $0.hasPrefix("m_seconds_bucket") }.compactMap {
      $0.split(separator: " ").last.flatMap { Int($0) }
    }
    #expect(buckets == buckets.sorted())
    #expect(buckets.first == 1, "1000 ns are less than 1024")
    #expect(buckets.last == 4)
    #expect(buckets.dropLast().last == 3, "a minute is beyond every bound")
    #expect(page.contains("m_seconds_count 4\n"))
    #expect(page.contains("m_seconds_sum 60.002003\n"))
    #expect(page.contains("le=\"+Inf\""))
  }

  @Test func aTableHasEverySeriesFromTheBeginning() {
    let (left, right) = (CounterTable(["a", "b"]), CounterTable(["a", "b"]))
    left.add("a")
    right.add("a", 2)
    right.add("z")
    let page = page { $0.counters("m_total", "h", "k", [left, right], of: ["a", "b"]) { $0 } }
    #expect(page.contains("m_total{k=\"a\"} 3\n"))
    #expect(page.contains("m_total{k=\"b\"} 0\n"))
    #expect(!page.contains("z"))
  }
}
