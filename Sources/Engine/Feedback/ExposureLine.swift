import Vocabulary

/// One list as a line of the exposure log: JSON, names as docs/storage.md lists them.
enum ExposureLine {
  /// Appends the line. Identifiers that are not UTF-8 are written with replacement characters.
  static func write(_ exposure: Exposure, _ key: FeedbackKey, _ now: Timestamp, into lines: inout [UInt8]) {
    let slate = exposure.slate
    var text = "{\"time\":\(now.microseconds)"
    text += ",\"recommendation\":" + quoted(slate.recommendation)
    text += ",\"tenant\":" + quoted(Array(key.tenant.text.utf8))
    text += ",\"scenario\":" + quoted(Array(key.scenario.utf8))
    text += ",\"generation\":\(slate.generation.value),\"position\":\(slate.position.value)"
    text += ",\"configuration\":\"\(String(slate.configurationHash, radix: 16))\",\"seed\":\(slate.seed)"
    text += ",\"experiment\":" + quoted(Array(slate.experiment.utf8))
    text += ",\"propensity\":\(exposure.propensity)"
    text += ",\"user\":" + quoted(exposure.user) + ",\"items\":["
    for (place, item) in slate.items.enumerated() {
      if place > 0 { text += "," }
      text += "{\"item\":" + quoted(item.item.bytes)
      text += ",\"rank\":\(place + 1),\"score\":\(item.score.isFinite ? item.score : 0)"
      if item.placement != .ranked { text += ",\"placement\":\"\(item.placement.name)\"" }
      if let propensity = item.propensity { text += ",\"propensity\":\(propensity)" }
      text += "}"
    }
    lines.append(contentsOf: (text + "]}\n").utf8)
  }

  private static func quoted(_ bytes: [UInt8]) -> String {
    var text = "\""
    for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + "\""
  }
}
