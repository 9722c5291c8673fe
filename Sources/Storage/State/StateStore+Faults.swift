import Glibc

extension StateStore {
  private static let advice =
    "Nothing was changed; `magpied repair --data DIR` sets the state aside and rebuilds it from the log."

  static func damaged(_ file: String, _ finding: String) -> StorageFault {
    StorageFault(.corrupt, file: file, finding + " " + advice)
  }

  static func malformed(_ bytes: MalformedBytes, _ path: String, _ place: String) -> StorageFault {
    damaged(path, "\(place) does not decode: \(bytes.what) at byte \(bytes.offset).")
  }

  /// LevelDB speaks in sentences that begin with the kind of the error.
  static func fault(_ text: String, _ path: String, doing verb: String) -> StorageFault {
    if text.hasPrefix("IO error: lock") {
      return StorageFault(
        .locked(pid: 0), file: path, "Another process has the state open. Stop it first. (\(text))")
    }
    if text.hasSuffix("Permission denied") || text.hasSuffix("Read-only file system") {
      return StorageFault(
        .permission, file: path, "LevelDB could not \(verb) it: \(text). Let the user who runs Magpie own it."
      )
    }
    // What it calls an invalid argument is a place outside a table, which only a damaged table points to.
    let isDamage = text.hasSuffix("Invalid argument") || text.hasSuffix("No such file or directory")
    if text.hasPrefix("IO error"), !isDamage {
      return StorageFault(
        .io(errno: EIO), file: path,
        "LevelDB could not \(verb) it: \(text). Check disk and permissions, then restart the daemon.")
    }
    return damaged(path, "LevelDB could not \(verb) it: \(text).")
  }
}
