import Models
import Storage
import Vocabulary

extension Scrubber {
  /// One scrub: superblock, changes to the configuration, log, state, generations, snapshots.
  struct Work {
    private let scrubber: Scrubber
    private let began = ContinuousNanoseconds.now
    private var bytes: UInt64 = 0

    init(_ scrubber: Scrubber) { self.scrubber = scrubber }

    mutating func run() throws(StorageFault) {
      let scrubber = scrubber
      let log = LogScrub(scrubber.directory)
      let committed = scrubber.ingestor.committed
      let segments = try log.segments()
      let names = try scrubber.snapshots.names()
      var expected = scrubber.ingestor.stateBytes
      for first in segments { expected &+= log.bytes(of: first) }
      for entry in try scrubber.snapshots.list() { expected &+= entry.manifest?.bytes ?? 0 }
      scrubber.expect(bytes: expected)

      try look { (_) throws(StorageFault) in try scrubber.directory.checkSuperblock() }
      try look { (_) throws(StorageFault) in _ = try ChangeFile.read(at: scrubber.directory.path) }
      for (place, first) in segments.enumerated() {
        let following = place + 1 < segments.count ? segments[place + 1] : nil
        try look { (each) throws(StorageFault) in
          try log.check(first, followedBy: following, committed: committed, each: each)
        }
      }
      try look { (each) throws(StorageFault) in try scrubber.ingestor.scrubState(each: each) }
      try generations()
      for name in names {
        let path = scrubber.snapshots.path(of: name)
        try look { (each) throws(StorageFault) in
          do throws(StorageFault) {
            _ = try SnapshotShelf.verify(at: path, on: scrubber.directory.disk, each: each)
          } catch {
            // Pruned meanwhile.
            if try scrubber.directory.disk.entry(at: path) != .missing { throw error }
          }
        }
      }
    }

    /// Runs one check. Damage is noted and the scrub goes on; that the daemon stops, or the disk gives errors that are not
    /// damage, ends it.
    private mutating func look(
      _ body: ((UInt64) throws(StorageFault) -> Void) throws(StorageFault) -> Void
    ) throws(StorageFault) {
      let (scrubber, began, before) = (scrubber, began, bytes)
      var after = before
      defer { bytes = after }
      do throws(StorageFault) {
        try body { (done) throws(StorageFault) in
          after = before &+ done
          try scrubber.read(after, since: began)
        }
        scrubber.looked(nil)
      } catch {
        switch error.kind {
        case .corrupt, .foreign, .newerFormat, .noSnapshot:
          scrubber.looked(ScrubDamage(file: error.file, message: error.description))
        case .io:
          // A sector that cannot be read is damage too, and the files behind it are still worth reading.
          scrubber.looked(ScrubDamage(file: error.file, message: error.description))
        default: throw error
        }
      }
    }

    /// Opening a generation reads and checks all of it; the rate is kept between one and the next.
    private mutating func generations() throws(StorageFault) {
      for tenant in scrubber.tenants {
        let entries: [GenerationShelf.Entry]
        do throws(ModelFault) {
          _ = try tenant.shelf.current()
          entries = try tenant.shelf.list()
        } catch {
          scrubber.looked(ScrubDamage(file: error.file, message: error.description))
          continue
        }
        for entry in entries {
          let path = tenant.shelf.path(of: entry.number)
          do throws(ModelFault) {
            _ = try Generation.open(at: path, tenant: tenant.name)
            scrubber.looked(nil)
          } catch {
            // Pruned meanwhile.
            let isThere = ((try? scrubber.directory.disk.entry(at: path)) ?? .missing) != .missing
            scrubber.looked(isThere ? ScrubDamage(file: error.file, message: error.description) : nil)
          }
          bytes &+= entry.manifest?.arrays.reduce(0) { $0 &+ $1.bytes } ?? 0
          try scrubber.read(bytes, since: began)
        }
      }
    }
  }
}
