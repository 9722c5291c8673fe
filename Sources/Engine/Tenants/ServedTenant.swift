import LiveState
import Locking
import Metering
import Models
import Serving
import Synchronization
import Vocabulary

/// One tenant as the engine serves it: live state, the generation in use, its shelf, its training.
final class ServedTenant: Sendable {
  /// Place in the engine's list, and in each scratch's.
  let number: Int
  let live: LiveTenant
  let shelf: GenerationShelf
  let training = Locked(TrainingStatus())
  let trainingMeters = JobMeters()
  private let view = Locked<GenerationView?>(nil)
  /// Generations that experiments name.
  private let pins = Locked<[GenerationNumber: GenerationView]>([:])
  /// Grows with each switch of the view; event loops compare it with what they cached.
  private let switches = Atomic<UInt64>(0)
  /// Held while the shelf is changed: promotion, rollback and pruning come from different threads.
  private let shelfTurn = Locked(())

  init(number: Int, live: LiveTenant, shelf: GenerationShelf) {
    self.number = number
    self.live = live
    self.shelf = shelf
  }

  var name: TenantName { live.name }

  /// The view in use, by way of a lock. For everything but the read path.
  var current: GenerationView? { view.withLock { $0 } }

  /// Serves another generation from the next request on. Requests under way keep the one they began with; the
  /// last of them frees it.
  func serve(_ next: GenerationView?) {
    view.withLock { $0 = next }
    switches.add(1, ordering: .releasing)
  }

  var pinnedNumbers: Set<GenerationNumber> { pins.withLock { Set($0.keys) } }

  /// Opens the generations named, keeps those that are open and lets go of all others. Blocks: reads files whole.
  /// - Returns: those that cannot be served.
  func pin(_ wanted: Set<GenerationNumber>, reading settings: ReadingSettings) -> [GenerationNumber] {
    var next = pins.withLock { $0 }.filter { wanted.contains($0.key) }
    var missing: [GenerationNumber] = []
    for number in wanted.sorted() where next[number] == nil {
      if let view = try? view(of: number, reading: settings) {
        next[number] = view
      } else {
        missing.append(number)
      }
    }
    let pinned = next
    pins.withLock { $0 = pinned }
    switches.add(1, ordering: .releasing)
    return missing
  }

  func withShelf<Result, Failure: Error>(
    _ body: (GenerationShelf) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try shelfTurn.withLock { (_) throws(Failure) in try body(shelf) }
  }

  /// An event loop's own reference to the view. Taking the shared one on every request would make all cores
  /// write the same reference count; this way they only read a counter that seldom changes.
  struct CachedView {
    fileprivate var switches: UInt64 = .max
    fileprivate(set) var view: GenerationView?
    fileprivate(set) var pinned: [GenerationNumber: GenerationView] = [:]
  }

  func refresh(_ cached: inout CachedView) {
    let now = switches.load(ordering: .acquiring)
    guard now != cached.switches else { return }
    // If another switch comes between, the counter differs again at the next request.
    cached.switches = now
    cached.view = current
    cached.pinned = pins.withLock { $0 }
  }
}
