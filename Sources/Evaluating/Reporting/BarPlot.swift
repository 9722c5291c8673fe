/// Bars with their intervals as SVG: one panel a metric, one bar a model.
package struct BarPlot: Sendable {
  private let report: EvaluationReport
  private let metrics: [String]

  /// The metrics people look at first.
  package init(_ report: EvaluationReport) {
    self.report = report
    if report.task == .rating {
      metrics = ["RMSE", "MAE"]
    } else {
      metrics =
        report.lengths.flatMap { k in ["Recall@\(k)", "NDCG@\(k)"] }
        + (report.lengths.last.map { ["Coverage@\($0)"] } ?? [])
    }
  }

  /// Writes the picture to a file.
  /// - Throws: `file` if it cannot be written in full.
  package func write(to path: String) throws(EvaluationFault) { try TextFile.write(svg, to: path) }

  /// The picture. Ends with the rules, without which the numbers mean nothing.
  package var svg: String {
    let (rowHeight, labelWidth, barWidth, valueWidth) = (22.0, 150.0, 360.0, 130.0)
    let panelHeight = 34 + rowHeight * Double(report.models.count)
    let rules = report.rules.filter {
      ["split", "seen items", "ideal rule", "tie rule", "intervals"].contains($0.name)
    }
    let width = labelWidth + barWidth + valueWidth
    let height = panelHeight * Double(metrics.count) + 18 * Double(rules.count) + 20
    var body = ""
    for (panel, metric) in metrics.enumerated() {
      let top = panelHeight * Double(panel)
      let largest =
        report.models.compactMap { model in
          model.estimates.first { $0.name == metric }.map { max($0.value, $0.high ?? 0) }
        }.filter(\.isFinite).max() ?? 0
      let scale = largest > 0 ? barWidth / largest : 0
      body += text(0, top + 20, metric, weight: "bold")
      for (row, model) in report.models.enumerated() {
        let y = top + 28 + rowHeight * Double(row)
        body += text(labelWidth - 8, y + 14, model.name, anchor: "end")
        guard let estimate = model.estimates.first(where: { $0.name == metric }), estimate.value.isFinite
        else {
          body += text(labelWidth + 4, y + 14, "none")
          continue
        }
        body +=
          "<rect x=\"\(number(labelWidth))\" y=\"\(number(y + 3))\" width=\"\(number(estimate.value * scale))\" height=\"\(number(rowHeight - 6))\" fill=\"#4878a8\"/>\n"
        if let low = estimate.low, let high = estimate.high, low.isFinite, high.isFinite {
          let (a, b, middle) = (labelWidth + low * scale, labelWidth + high * scale, y + rowHeight / 2)
          body +=
            "<path d=\"M\(number(a)) \(number(middle - 5))v10M\(number(a)) \(number(middle))H\(number(b))M\(number(b)) \(number(middle - 5))v10\" stroke=\"#202020\" fill=\"none\"/>\n"
        }
        body += text(
          labelWidth + max(estimate.value, estimate.high ?? 0) * scale + 8, y + 14,
          Digits.four(estimate.value))
      }
    }
    for (row, rule) in rules.enumerated() {
      body += text(
        0, panelHeight * Double(metrics.count) + 16 + 18 * Double(row), "\(rule.name): \(rule.text)", size: 11
      )
    }
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="-10 0 \(number(width + 20)) \(number(height))" width="\(number(width + 20))" height="\(number(height))" font-family="sans-serif" font-size="13">
      <rect x="-10" width="100%" height="100%" fill="white"/>
      \(body)</svg>

      """
  }

  private func number(_ value: Double) -> String {
    Digits.four(value).replacing(/\.?0+$/, with: "")
  }

  private func text(
    _ x: Double, _ y: Double, _ words: String, anchor: String = "start", weight: String = "normal",
    size: Int = 13
  ) -> String {
    // Names come from the command line and from files.
    let safe = words.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    return
      "<text x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor)\" font-weight=\"\(weight)\" font-size=\"\(size)\">\(safe)</text>\n"
  }
}
