/// Why something on disk could not be read or written, for the person who runs the daemon.
package struct StorageFault: Error, Sendable, Hashable {
  package var kind: Kind
  /// The file or directory at fault.
  package var file: String
  /// What happened and what to do next, in one or two sentences.
  package var message: String

  package enum Kind: Sendable, Hashable {
    /// There is no data directory at the path.
    case notInitialized
    /// A new data directory was asked for where something lies already.
    case notEmpty
    /// The files are not ours, or belong to another data directory.
    case foreign
    /// Written by a later release that this one cannot read.
    case newerFormat
    /// Another process holds the directory; 0 if it did not say which.
    case locked(pid: Int32)
    /// Bytes that are not what was written, or are missing. Nothing was changed.
    case corrupt
    /// The operating system refused; the value of `errno`.
    case io(errno: Int32)
    /// An earlier failure left it unknown what is on disk, so nothing more is done.
    case fenced
    case permission
    /// The caller broke a rule of this module; nothing was written.
    case invalid
    /// The caller asked to stop before it was done.
    case stopped
    /// There is no snapshot of that name, or none that fits.
    case noSnapshot
  }

  package init(_ kind: Kind, file: String, _ message: String) {
    self.kind = kind
    self.file = file
    self.message = message
  }

  /// The exit code of a program that stops for this reason, after sysexits.h.
  package var exitCode: Int32 {
    switch kind {
    case .corrupt: 65
    case .invalid: 70
    case .notEmpty: 73
    case .io, .fenced: 74
    case .locked, .stopped: 75
    case .noSnapshot: 1
    case .permission: 77
    case .notInitialized, .foreign, .newerFormat: 78
    }
  }
}

extension StorageFault {
  /// What helps where the truth itself, log or superblock, is damaged.
  static let restoreAdvice =
    "restore into a new directory: magpie snapshot restore latest --directory DIR --to NEW (--log DIR adds the log)."
}

extension StorageFault: CustomStringConvertible {
  package var description: String { "\(file): \(message)" }
}
