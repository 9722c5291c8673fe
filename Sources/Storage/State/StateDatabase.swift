/// What the state needs of a key-value store. LevelDB keeps this contract; the simulated disk has a model of it.
///
/// Contract:
/// 1. A batch is taken whole or not at all.
/// 2. Batches outlive the process. A power loss may take the newest of them, never one from between.
/// 3. Keys are ordered by their bytes. An iterator shows the moment it was made.
/// 4. After an error nothing is known of what later calls do: the caller fences the handle.
package protocol StateDatabase: AnyObject, Sendable {
  /// The value of a key, or nil.
  func value(of key: UnsafeRawBufferPointer) throws(StateDatabaseError) -> [UInt8]?
  func makeBatch() -> any StateDatabaseBatch
  /// Nil if the store gives none.
  func makeIterator() -> (any StateDatabaseIterator)?
  /// Holds the files that contain exactly what was written so far: opened under the same names in another directory, they
  /// are a store with the same records. REQUIRES: no batch is being written.
  func holdFiles() throws(StorageFault) -> any StateFiles
  /// Compares what it remembers of its files with what is there.
  func checkFiles() throws(StorageFault)
  /// About how many bytes the files take.
  var approximateBytes: UInt64 { get }
  /// REQUIRES: called once; no iterator is open.
  func close()
}

/// Changes that are taken all together.
package protocol StateDatabaseBatch: AnyObject {
  func put(key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer)
  /// Hands it to the store it was made by. REQUIRES: called once.
  func write() throws(StateDatabaseError)
}

/// A walk over keys in order. Not sendable as such: one thread at a time uses it.
package protocol StateDatabaseIterator: AnyObject {
  /// Goes to the first key that is not before this one.
  func seek(_ key: UnsafeRawBufferPointer)
  var isValid: Bool { get }
  /// Of the current record; valid until the next call. REQUIRES: `isValid`.
  var key: UnsafeRawBufferPointer { get }
  var value: UnsafeRawBufferPointer { get }
  func next()
  /// Throws what it met on its way: a damaged block is skipped, and only this tells.
  func check() throws(StateDatabaseError)
  /// REQUIRES: called once, last.
  func close()
}

/// A sentence that begins with the kind of the error, as LevelDB's do: "Corruption: …", "IO error: …".
package struct StateDatabaseError: Error, Sendable, Hashable {
  package var text: String

  package init(_ text: String) { self.text = text }
}
