import Glibc
import Locking

/// Blocks of an export on their way from the thread that encodes them to the one that writes them.
///
/// A few blocks are under way at most; their storage goes back and forth.
final class ExportRelay: Sendable {
  /// Encodes everything: gives each block to the closure, which leaves another buffer in its place; returns the trailer.
  typealias Encoding =
    @Sendable (
      _ give: (inout [UInt8]) throws(StorageFault) -> Void
    ) throws(StorageFault) -> [UInt8]

  private enum Arrival: Sendable {
    case block([UInt8])
    case end(Result<[UInt8], StorageFault>)
  }

  /// Enough that neither waits for the other where one has a block that takes longer.
  private static let underWay = 8

  /// The encoding thread yields to those that answer: a snapshot may take longer, a request should not.
  private static let niceness: Int32 = 5

  private let full = Mailbox<Arrival>()
  private let empty = Mailbox<[UInt8]>()
  private let thread: WorkerThread

  /// Begins to encode. Nil if the system has no thread left.
  init?(_ encode: @escaping Encoding) {
    for _ in 0..<Self.underWay { _ = empty.put([]) }
    let (full, empty) = (full, empty)
    let worker = WorkerThread("magpie-export") {
      // Of this thread alone: that is how Linux takes it. Best effort.
      setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, Self.niceness)
      var spare: [[UInt8]] = []
      let outcome = Result { () throws(StorageFault) in
        try encode { (block) throws(StorageFault) in
          if spare.isEmpty, !empty.take(into: &spare) {
            throw StorageFault(.stopped, file: "", "Nobody takes the blocks of the export any more.")
          }
          var next = spare.popLast() ?? []
          swap(&next, &block)
          _ = full.put(.block(next))
        }
      }
      _ = full.put(.end(outcome))
    }
    guard let worker else { return nil }
    thread = worker
  }

  /// Hands each block to `body`, in order, and returns the trailer. The thread has ended when this returns or throws.
  /// REQUIRES: called once.
  func run(_ body: ([UInt8]) throws(StorageFault) -> Void) throws(StorageFault) -> [UInt8] {
    defer {
      empty.close()
      thread.join()
    }
    var arrivals: [Arrival] = []
    while full.take(into: &arrivals) {
      arrivals.reverse()
      while let arrival = arrivals.popLast() {
        switch arrival {
        case .end(let outcome): return try outcome.get()
        case .block(let block):
          try body(block)
          _ = empty.put(block)
        }
      }
    }
    throw StorageFault(.stopped, file: "", "The export ended without its trailer.")
  }
}
