import Glibc

/// Latency against rate as an SVG: three percentiles, logarithmic upwards, the knee marked. No script, no font of its
/// own; readable in any browser.
package struct LatencyPlot {
  private static let width = 880.0
  private static let height = 480.0
  private static let left = 70.0
  private static let right = 130.0
  private static let top = 50.0
  private static let bottom = 60.0
  private static let curves: [(name: String, percent: Double, colour: String)] = [
    ("p50", 50, "#1b7837"), ("p99", 99, "#d95f02"), ("p99.9", 99.9, "#7b3294"),
  ]

  private let sweep: RateSweep
  private let caption: String
  private let rateMax: Double
  private let decades: ClosedRange<Int>

  /// - Parameter caption: below the title; say where and on what it was measured.
  package init(_ sweep: RateSweep, caption: String) {
    self.sweep = sweep
    self.caption = caption
    rateMax = max(1, (sweep.steps.map(\.rate).max() ?? 1) * 1.05)
    var values = [sweep.objective.p99Milliseconds]
    for step in sweep.steps {
      let total = step.measurement.total
      values += Self.curves.map { Double(total.intended.percentile($0.percent)) / 1e6 }.filter { $0 > 0 }
    }
    let low = Int(log10(values.min() ?? 0.1).rounded(.down))
    let high = Int(log10(values.max() ?? 100).rounded(.up))
    decades = low...max(high, low + 1)
  }

  package var svg: String {
    var parts = [
      #"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \#(Int(Self.width)) \#(Int(Self.height))" font-family="sans-serif" font-size="12">"#,
      #"<rect width="100%" height="100%" fill="white"/>"#,
      text(Self.left, 20, "Latency from the intended moment against rate", size: 15),
      text(Self.left, 38, caption, colour: "#555"),
    ]
    parts += axes()
    parts += Self.curves.enumerated().flatMap { index, curve in self.curve(curve, place: index) }
    if let knee = sweep.knee {
      let x = across(knee.rate)
      parts.append(line(x, Self.top, x, Self.height - Self.bottom, "#888", dashes: "5 4"))
      parts.append(text(x + 4, Self.top + 12, "knee \(Figures.decimals(knee.rate, 0))/s", colour: "#555"))
    }
    parts.append("</svg>")
    return parts.joined(separator: "\n") + "\n"
  }

  private func axes() -> [String] {
    var parts: [String] = []
    let floor = Self.height - Self.bottom
    for decade in decades {
      let value = pow(10, Double(decade))
      let y = up(value)
      parts.append(line(Self.left, y, Self.width - Self.right, y, "#ddd"))
      parts.append(
        text(Self.left - 6, y + 4, "\(Figures.decimals(value, max(0, -decade))) ms", anchor: "end"))
    }
    for tick in 0...5 {
      let rate = rateMax * Double(tick) / 5
      let x = across(rate)
      parts.append(line(x, floor, x, floor + 5, "#333"))
      parts.append(text(x, floor + 20, Figures.decimals(rate, 0), anchor: "middle"))
    }
    parts.append(line(Self.left, floor, Self.width - Self.right, floor, "#333"))
    parts.append(line(Self.left, Self.top, Self.left, floor, "#333"))
    parts.append(
      text((Self.left + Self.width - Self.right) / 2, Self.height - 18, "requests a second", anchor: "middle")
    )
    let y = up(sweep.objective.p99Milliseconds)
    parts.append(line(Self.left, y, Self.width - Self.right, y, "#b2182b", dashes: "2 3"))
    parts.append(text(Self.width - Self.right + 6, y + 4, "p99 wanted", colour: "#b2182b"))
    return parts
  }

  private func curve(_ curve: (name: String, percent: Double, colour: String), place: Int) -> [String] {
    let points = sweep.steps.sorted { $0.rate < $1.rate }.compactMap { step -> (Double, Double)? in
      let value = Double(step.measurement.total.intended.percentile(curve.percent)) / 1e6
      return value > 0 ? (across(step.rate), up(value)) : nil
    }
    let path = points.map { "\(Figures.decimals($0.0, 1)),\(Figures.decimals($0.1, 1))" }.joined(
      separator: " ")
    let legend = Self.top + 12 + Double(place) * 18
    let x = Self.width - Self.right + 20
    return [
      #"<polyline points="\#(path)" fill="none" stroke="\#(curve.colour)" stroke-width="2"/>"#,
      line(x, legend - 4, x + 20, legend - 4, curve.colour, width: 2),
      text(x + 26, legend, curve.name),
    ]
      + points.map {
        #"<circle cx="\#(Figures.decimals($0.0, 1))" cy="\#(Figures.decimals($0.1, 1))" r="3" fill="\#(curve.colour)"/>"#
      }
  }

  private func across(_ rate: Double) -> Double {
    Self.left + (Self.width - Self.left - Self.right) * rate / rateMax
  }

  private func up(_ milliseconds: Double) -> Double {
    let (low, high) = (Double(decades.lowerBound), Double(decades.upperBound))
    let share = (log10(max(milliseconds, pow(10, low))) - low) / (high - low)
    return Self.height - Self.bottom - (Self.height - Self.top - Self.bottom) * min(share, 1)
  }

  private func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ colour: String, dashes: String = "none",
    width: Int = 1
  ) -> String {
    let places = [x1, y1, x2, y2].map { Figures.decimals($0, 1) }
    return
      #"<line x1="\#(places[0])" y1="\#(places[1])" x2="\#(places[2])" y2="\#(places[3])" stroke="\#(colour)" stroke-width="\#(width)" stroke-dasharray="\#(dashes)"/>"#
  }

  private func text(
    _ x: Double, _ y: Double, _ words: String, anchor: String = "start", colour: String = "#222",
    size: Int = 12
  ) -> String {
    var safe = ""
    for character in words {
      switch character {
      case "&": safe += "&amp;"
      case "<": safe += "&lt;"
      case ">": safe += "&gt;"
      default: safe.append(character)
      }
    }
    return
      #"<text x="\#(Figures.decimals(x, 1))" y="\#(Figures.decimals(y, 1))" text-anchor="\#(anchor)" fill="\#(colour)" font-size="\#(size)">\#(safe)</text>"#
  }
}
