import CProcess
import Glibc
import Locking
import Logging
import Metering
import Synchronization
import Vocabulary

/// Keeps the daemon below its memory limit: looks on a thread of its own at how much is held, refuses what would add to
/// it before the limit is reached, and gives back what the allocator only keeps.
///
/// What counts is private memory. Pages of mapped files (generations, programs) are the kernel's, which takes them back
/// when somebody else needs memory.
package final class MemoryKeeper: Sendable {
  package let used = Gauge()
  private let pressure: Locked<MemoryPressure>
  /// `MemoryPressure.Level`, for event loops.
  private let current = Atomic<Int>(0)
  private let bell = Bell()
  private let isStopped = Atomic<Bool>(false)
  private let thread = Locked<WorkerThread?>(nil)
  private let logger: Logger

  /// How long between two times of giving memory back: it takes the allocator some milliseconds, in which others may wait. Where
  /// ingest is refused already, they wait for nothing better.
  private static func trimNanoseconds(_ level: MemoryPressure.Level) -> UInt64 {
    level >= .ingest ? 1_000_000_000 : 5_000_000_000
  }

  /// - Parameter limitBytes: resolved, not 0.
  package init(limitBytes: UInt64, logger: Logger) {
    pressure = Locked(
      MemoryPressure(limitBytes: limitBytes, reserveBytes: Limits.memoryReserveBytes(of: limitBytes)))
    self.logger = logger
  }

  package func start() {
    _ = magpie_map_large_allocations(Int32(Limits.mappedAllocationBytes))
    look()
    thread.withLock { $0 = WorkerThread("magpie-memory") { [self] in run() } }
  }

  package func stop() {
    isStopped.store(true, ordering: .releasing)
    bell.ring()
    thread.withLock { $0 }?.join()
  }

  package var limitBytes: UInt64 {
    get { pressure.withLock { $0.limitBytes } }
    set {
      pressure.withLock { pressure in
        pressure.limitBytes = newValue
        pressure.reserveBytes = Limits.memoryReserveBytes(of: newValue)
      }
    }
  }

  package var level: MemoryPressure.Level {
    MemoryPressure.Level(rawValue: current.load(ordering: .relaxed)) ?? .none
  }

  /// Why a request of this class is refused right now, or nil. One atomic load where memory is not short.
  package func refusal(of class: RequestClass) -> Fault? {
    let level = current.load(ordering: .relaxed)
    if level == 0 { return nil }
    guard MemoryPressure.Level(rawValue: level)?.refuses(`class`) == true else { return nil }
    return Fault(
      .memoryLow,
      "The daemon holds nearly as much memory as it may (memory_limit_bytes), so this is not begun; try again later.",
      retryAfterMilliseconds: 2 * `class`.retryAfterMilliseconds)
  }

  private func run() {
    var trimmed: UInt64 = 0
    while !isStopped.load(ordering: .acquiring) {
      bell.wait(milliseconds: Limits.memoryLookMilliseconds)
      let level = look()
      let now = ContinuousNanoseconds.now
      if level > .none, now &- trimmed >= Self.trimNanoseconds(level) {
        trimmed = now
        magpie_return_memory()
      }
    }
  }

  @discardableResult
  private func look() -> MemoryPressure.Level {
    let bytes = Self.privateBytes
    used.set(Int(clamping: bytes))
    let (before, now, limit) = pressure.withLock { pressure in
      let before = pressure.level
      return (before, pressure.look(usedBytes: bytes), pressure.limitBytes)
    }
    if now == before { return now }
    current.store(now.rawValue, ordering: .relaxed)
    let metadata: Logger.Metadata = [
      "event": now == .none ? "memory_recovered" : "memory_low", "used_bytes": "\(bytes)",
      "limit_bytes": "\(limit)",
    ]
    switch now {
    case .none: logger.notice("There is memory again: nothing is refused for lack of it.", metadata: metadata)
    case .bulk: logger.warning("Memory is short: bulk is refused.", metadata: metadata)
    case .ingest:
      logger.error(
        "Memory is short: ingest is refused, reads go on. Raise memory_limit_bytes.", metadata: metadata)
    case .read:
      logger.critical(
        "Memory is at its limit: reads are refused too. Raise memory_limit_bytes.", metadata: metadata)
    }
    return now
  }

  /// Private memory this process holds, by /proc; 0 if that cannot be read.
  static var privateBytes: UInt64 {
    let pages = statm
    return (pages.resident - min(pages.resident, pages.shared))
      &* UInt64(clamping: sysconf(Int32(_SC_PAGESIZE)))
  }

  /// All memory it holds, pages of files included.
  static var residentBytes: UInt64 { statm.resident &* UInt64(clamping: sysconf(Int32(_SC_PAGESIZE))) }

  private static var statm: (resident: UInt64, shared: UInt64) {
    let file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return (0, 0) }
    defer { close(file) }
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 128) { buffer in
      let count = Glibc.read(file, buffer.baseAddress, buffer.count)
      guard count > 0 else { return (0, 0) }
      // "size resident shared …", in pages.
      let fields = buffer[..<count].split(separator: UInt8(ascii: " "))
      guard fields.count > 2, let resident = UInt64(String(decoding: fields[1], as: UTF8.self)),
        let shared = UInt64(String(decoding: fields[2], as: UTF8.self))
      else { return (0, 0) }
      return (resident, shared)
    }
  }
}
