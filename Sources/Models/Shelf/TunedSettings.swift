import FoundationEssentials
import Vocabulary

/// `tuned-settings.json` on the shelf: what the last search found, for later runs. docs/tuning.md is the format.
package struct TunedSettings: Codable, Sendable, Hashable {
  package static let formatVersionCurrent = 1
  fileprivate static let fileName = "tuned-settings.json"
  fileprivate static let newName = "tuned-settings.new"

  package var formatVersion = TunedSettings.formatVersionCurrent
  /// Event weights of the search, as in a manifest's `settings`.
  package var weights: String
  package var tuning: Manifest.Tuning

  package init(weights: String, tuning: Manifest.Tuning) {
    self.weights = weights
    self.tuning = tuning
  }
}

extension GenerationShelf {
  /// Nil if no search was finished here.
  /// - Throws: what is wrong with the file; it can be removed.
  package func tunedSettings() throws(ModelFault) -> TunedSettings? {
    let file = path + "/" + TunedSettings.fileName
    if !Disk.exists(file) { return nil }
    let bytes = try Disk.read(file, limit: Limits.manifestBytesMax)
    guard let settings = try? JSONDecoder().decode(TunedSettings.self, from: Data(bytes)) else {
      throw ModelFault(
        .corrupt, file: file, "It holds no settings of a search. Remove it, and search again with --tune.")
    }
    guard settings.formatVersion == TunedSettings.formatVersionCurrent else {
      throw ModelFault(
        .newerFormat, file: file,
        "It has format version \(settings.formatVersion); this release reads \(TunedSettings.formatVersionCurrent). Search again with --tune."
      )
    }
    return settings
  }

  /// Replaces what an earlier search found, atomically and durably.
  /// REQUIRES: the trainer's lock is held.
  package func keep(_ settings: TunedSettings) throws(ModelFault) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let new = path + "/" + TunedSettings.newName
    guard let bytes = try? encoder.encode(settings) else {
      throw ModelFault(.inconsistent, file: new, "A value of the search is not a finite number.")
    }
    try Disk.removeFile(new)
    try Disk.write(new, Array(bytes))
    try Disk.rename(new, to: path + "/" + TunedSettings.fileName)
    try Disk.syncDirectory(path)
  }
}
