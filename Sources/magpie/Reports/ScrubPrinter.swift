import MagpieClient

/// Scrubs in words.
enum ScrubPrinter {
  static func size(_ report: ScrubReport) -> String {
    "\(Figures.bytes(report.bytes)) in \(Figures.count(report.files)) files"
  }

  /// When it ended, as words behind a sentence; empty while it goes on.
  static func ended(_ report: ScrubReport) -> String {
    moment(report.finishedMicroseconds).map { ", \($0)" } ?? ""
  }

  /// One line for `status`.
  static func words(_ report: ScrubReport, nowMicroseconds: Int64) -> String {
    let age = Figures.duration(seconds: Double(max(0, nowMicroseconds &- report.finishedMicroseconds)) / 1e6)
    switch report.state {
    case .idle: return "Scrub: none yet; begin one with magpie scrub"
    case .running:
      let share = report.bytesTotal > 0 ? Double(report.bytes) / Double(report.bytesTotal) : 0
      return "Scrub: running, \(Int(min(1, share) * 100))%"
    case .whole: return "Scrub: everything stored was whole \(age) ago, \(size(report))"
    case .damaged:
      return
        "Scrub: \(Figures.count(report.damagesTotal)) damaged, found \(age) ago, \(size(report)); magpie scrub --last names them"
    case .failed: return "Scrub: the last one failed \(age) ago: \(DisplayText.plain(report.message))"
    }
  }
}

/// A scrub, as `--json` prints it.
struct ScrubJSON: Encodable {
  struct Damage: Encodable {
    var file: String
    var message: String
  }

  var state: String
  var job: UInt64
  var bytes: UInt64
  var bytes_total: UInt64
  var files: UInt64
  @OrNull var started: String? = nil
  @OrNull var finished: String? = nil
  @OrNull var last_whole: String? = nil
  @OrNull var message: String? = nil
  var damages: [Damage]
  var damages_total: UInt64

  init(_ report: ScrubReport) {
    state = report.state.rawValue
    job = report.job
    bytes = report.bytes
    bytes_total = report.bytesTotal
    files = report.files
    damages = report.damages.map { Damage(file: $0.file, message: $0.message) }
    damages_total = report.damagesTotal
    started = moment(report.startedMicroseconds)
    finished = moment(report.finishedMicroseconds)
    last_whole = moment(report.lastWholeMicroseconds)
    message = report.message.isEmpty ? nil : report.message
  }
}
