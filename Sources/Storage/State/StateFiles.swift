/// The files of a state database as they were at one moment: what is written afterwards does not show in them.
///
/// Not sendable as such: one thread at a time uses it.
package protocol StateFiles: AnyObject {
  /// In the order of their names, each of which is given once.
  var files: [StateFile] { get }
  /// Opens one of them. The file may be longer by now: only the first `bytes` of it belong to that moment.
  func open(_ file: StateFile) throws(StorageFault) -> DiskFile
  /// Lets them go. REQUIRES: called once, last.
  func close()
}

/// One file of a state database.
package struct StateFile: Sendable, Hashable {
  /// What can be said about the bytes of a file by themselves. PERSISTED in snapshots.
  package enum Form: UInt8, Sendable {
    case plain = 1
    /// A table of LevelDB.
    case table = 2
    /// A file of records as LevelDB's log_format.md has them: a write-ahead log or a MANIFEST.
    case log = 3
  }

  /// Without a directory.
  package var name: String
  package var form: Form
  package var bytes: UInt64

  package init(name: String, form: Form, bytes: UInt64) {
    self.name = name
    self.form = form
    self.bytes = bytes
  }
}
