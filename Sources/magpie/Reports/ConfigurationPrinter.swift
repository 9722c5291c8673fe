import MagpieClient

/// Configurations, for people and as JSON.
enum ConfigurationPrinter {
  private struct ReportJSON: Encodable {
    var configuration_hash: String
    var revision: UInt64
    var changed: [String]
    var warnings: [String]
    var text: String
  }

  private struct RevisionJSON: Encodable {
    var number: UInt64
    var time_us: Int64
    var action: String
    var keys: [String]
    var configuration_hash: String
  }

  private struct HistoryJSON: Encodable {
    var revisions: [RevisionJSON]
  }

  private static func json(_ report: ConfigurationReport) -> ReportJSON {
    ReportJSON(
      configuration_hash: hex(report.configurationHash), revision: report.revision, changed: report.changed,
      warnings: report.warnings, text: report.text)
  }

  private static func hex(_ hash: UInt64) -> String { String(hash, radix: 16) }

  /// The configuration itself.
  static func print(_ report: ConfigurationReport, options: DaemonOptions) {
    if options.json { return Terminal.say(JSONText.of(json(report))) }
    Terminal.say(report.text)
    Terminal.complain("Hash \(hex(report.configurationHash)), change \(report.revision).")
    for warning in report.warnings { Terminal.complain(warning) }
  }

  /// What a change did, or would do.
  static func printOutcome(_ report: ConfigurationReport, did: String, options: DaemonOptions) {
    if options.json { return Terminal.say(JSONText.of(json(report))) }
    if report.changed.isEmpty {
      Terminal.say("Nothing \(did): these values are in force already.")
    } else {
      for key in report.changed { Terminal.say("\(did): \(key)") }
    }
    Terminal.say("Hash \(hex(report.configurationHash)), change \(report.revision).")
    for warning in report.warnings { Terminal.complain(warning) }
  }

  /// Changes of the past.
  static func print(_ revisions: [ConfigurationRevision], options: DaemonOptions) {
    if options.json {
      let rows = revisions.map {
        RevisionJSON(
          number: $0.number, time_us: $0.timeMicroseconds, action: $0.action, keys: $0.paths,
          configuration_hash: hex($0.configurationHash))
      }
      return Terminal.say(JSONText.of(HistoryJSON(revisions: rows)))
    }
    if revisions.isEmpty { return Terminal.say("Nothing was changed at run time.") }
    for revision in revisions {
      let keys = revision.paths.isEmpty ? "nothing" : revision.paths.joined(separator: ", ")
      Terminal.say(
        "\(revision.number)  \(Figures.time(microseconds: revision.timeMicroseconds))  \(revision.action)  \(hex(revision.configurationHash))  \(keys)"
      )
    }
  }

  /// The lines of a rendered configuration that say something of a key, with full paths: `reading.hide_seen: true`.
  static func lines(of key: String, in text: String) -> [String] {
    var open: [String] = []
    var found: [String] = []
    for line in text.split(separator: "\n") {
      let indent = line.prefix { $0 == " " }.count / 2
      let content = line.drop { $0 == " " }
      guard !content.hasPrefix("#") || content.contains(": "),
        let colon = content.firstIndex(of: ":")
      else { continue }
      let isOpen = content.hasPrefix("# ")
      let name = String(content[..<colon].drop { $0 == "#" || $0 == " " })
      open = Array(open.prefix(indent)) + [name]
      let path = open.joined(separator: ".")
      let rest = content[content.index(after: colon)...].drop { $0 == " " }
      guard !rest.isEmpty, path == key || path.hasPrefix(key + ".") else { continue }
      found.append("\(isOpen ? "# " : "")\(path): \(rest)")
    }
    return found
  }
}
