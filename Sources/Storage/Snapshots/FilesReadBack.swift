import Glibc
import Locking
import Vocabulary

/// Reads back the parts of an export after they were written and checks them as every later reader will.
///
/// Not sendable: the thread that writes the snapshot owns it.
final class FilesReadBack {
  /// A part that was written.
  struct Place: Sendable {
    var offset: UInt64
    var count: Int
  }

  /// Checks parts in order: the header, blocks, the trailer. Lives where it works.
  private struct Reading {
    private let file: DiskFile
    private var check: FilesExportCheck
    private let buffer = Buffer()
    private(set) var digest: String?
    /// Up to here the machine was told to begin writing.
    private var startedBytes: UInt64 = 0

    init(path: String, seed: UInt32, on disk: any Disk) throws(StorageFault) {
      file = try disk.open(path, flags: O_RDONLY)
      check = FilesExportCheck(path: path, seed: seed)
    }

    mutating func take(_ place: Place) throws(StorageFault) {
      let part = UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[..<place.count])
      guard try file.read(into: part, at: place.offset) == place.count else {
        throw check.damaged("the end of the file, too early")
      }
      let bytes = UnsafeRawBufferPointer(part)
      if place.offset == 0 {
        _ = try ExportFormat.header(Array(bytes), version: FilesExportFormat.version, file.path)
        check.header(bytes)
      } else if bytes.starts(with: ExportFormat.Trailer.magic) {
        digest = try check.trailer(bytes)
      } else {
        _ = try check.block(bytes)
      }
      // The disk works while we go on. Asked for here, because the thread that writes has more to do.
      if check.offset - startedBytes >= Limits.snapshotWritebackBytes {
        file.startWriting(from: startedBytes, count: check.offset - startedBytes)
        startedBytes = check.offset
      }
    }
  }

  /// Room for one part.
  private final class Buffer {
    let bytes = UnsafeMutableRawBufferPointer.allocate(
      byteCount: FilesExportFormat.blockHeaderBytes + Limits.snapshotBlockBytes, alignment: 64)

    deinit { bytes.deallocate() }
  }

  private let path: String
  private let places = Mailbox<Place>()
  private let outcome = Locked<Result<String, StorageFault>?>(nil)
  /// Nil where the caller's thread reads.
  private var thread: WorkerThread?
  private var reading: Reading?
  private let disk: any Disk
  private let seed: UInt32

  /// Begins to read where the disk takes several threads and the system has one left; else the caller's reads.
  init(path: String, seed: UInt32, on disk: any Disk) {
    self.path = path
    self.disk = disk
    self.seed = seed
    guard disk.takesSeveralThreads else { return }
    let work = Work(path: path, seed: seed, disk: disk, places: places, outcome: outcome)
    thread = WorkerThread("magpie-read-back", isBackground: true) { work.run() }
  }

  /// What the thread does.
  private struct Work: Sendable {
    let path: String
    let seed: UInt32
    let disk: any Disk
    let places: Mailbox<Place>
    let outcome: Locked<Result<String, StorageFault>?>

    /// Reads until no more parts come, or one is damaged.
    func run() {
      let result = Result { () throws(StorageFault) in try readAll() }
      outcome.withLock { $0 = result }
      // What comes after a failure is refused.
      places.close()
    }

    private func readAll() throws(StorageFault) -> String {
      var reading = try Reading(path: path, seed: seed, on: disk)
      var batch: [Place] = []
      while places.take(into: &batch) {
        for place in batch { try reading.take(place) }
        batch.removeAll(keepingCapacity: true)
      }
      return reading.digest ?? ""
    }
  }

  /// Has a part that was just written read. A fault may be of a part before it.
  func add(_ place: Place) throws(StorageFault) {
    if thread != nil {
      // Refused: it has failed already, and the end will say how.
      if !places.put(place) { _ = try finish() }
      return
    }
    if reading == nil { reading = try Reading(path: path, seed: seed, on: disk) }
    try reading?.take(place)
  }

  /// Waits until everything was read.
  /// - Returns: the digest.
  func finish() throws(StorageFault) -> String {
    stop()
    var digest = reading?.digest
    let outcome = outcome.withLock { $0 }
    if let outcome { digest = try outcome.get() }
    guard let digest, !digest.isEmpty else {
      throw SnapshotManifest.damaged(path, "It was not read to its end.")
    }
    return digest
  }

  /// Ends the thread once it has read what it was given. Idempotent.
  func stop() {
    places.close()
    thread?.join()
  }
}
