import Locking
import Logging
import Metering
import Storage
import Vocabulary

/// Where refused events go, so that an operator can see them and try them again: a bounded number, the oldest
/// leaving first.
///
/// `put` may be called from anywhere and only takes a lock for a moment; whatever touches the file is for the store
/// thread and for threads that may block.
package final class DeadLetterDesk: Sendable {
  /// Refused events that are not in the file yet.
  private let waiting = Locked<[DeadLetter]>([])
  private let drawer: Locked<Drawer>
  private let logger: Logger
  /// Letters that found no room, or were too large, or made room for newer ones.
  package let lost = Counter()
  /// Letters kept now, of all tenants.
  package let kept = Gauge()

  private struct Drawer {
    /// Nil once the file failed: letters are then kept in memory only.
    var file: DeadLetterFile?
    /// By rising number.
    var letters: [DeadLetter] = []
    var bytes = 0
    var lastNumber: UInt64 = 0
  }

  /// Reads what was kept. A file that cannot be had is logged; letters then last as long as the process.
  package init(_ directory: DataDirectory, logger: Logger) {
    self.logger = logger
    var drawer = Drawer()
    do {
      let (file, found) = try DeadLetterFile.open(directory)
      drawer.file = file
      drawer.letters = found.letters
      drawer.bytes = found.letters.reduce(0) { $0 + Self.bytes(of: $1) }
      drawer.lastNumber = found.letters.map(\.number).max() ?? 0
      if found.tornBytes > 0 || !found.setAside.isEmpty {
        logger.warning(
          "Dead letters were damaged; what could be read is kept. They were refused events, so nothing acknowledged was among them.",
          metadata: [
            "event": "dead_letters_damaged", "bytes": "\(found.tornBytes)", "set_aside": "\(found.setAside)",
          ])
      }
    } catch {
      Self.complain(error, logger)
    }
    kept.set(drawer.letters.count)
    self.drawer = Locked(drawer)
  }

  private static func complain(_ fault: StorageFault, _ logger: Logger) {
    logger.error(
      "Dead letters cannot be stored and are kept in memory only: \(fault).",
      metadata: ["event": "dead_letters_failed"])
  }

  /// About what a letter takes in memory and on disk.
  private static func bytes(of letter: DeadLetter) -> Int {
    letter.event.approximateBytes + letter.message.utf8.count + 128
  }

  // MARK: In

  /// Any thread; does not touch the disk.
  func put(_ event: EventDraft, _ fault: Fault, of tenant: TenantName) {
    guard event.approximateBytes <= Limits.deadLetterEventBytesMax else { return lost.add() }
    var letter = DeadLetter(number: 0)
    letter.time = .now
    letter.tenant = tenant
    letter.reason = fault.reason.rawValue
    letter.message = fault.message
    letter.field = fault.field
    letter.event = event
    let isTaken = waiting.withLock { waiting in
      guard waiting.count < Limits.deadLettersWaitingMax else { return false }
      waiting.append(letter)
      return true
    }
    if !isTaken { lost.add() }
  }

  /// Writes down what waits. Blocks.
  package func store() {
    let new = waiting.withLock { waiting in
      defer { waiting = [] }
      return waiting
    }
    guard !new.isEmpty else { return }
    drawer.withLock { drawer in
      let numbered = new.enumerated().map { offset, letter in
        var letter = letter
        letter.number = drawer.lastNumber &+ UInt64(offset) &+ 1
        return letter
      }
      drawer.lastNumber &+= UInt64(numbered.count)
      drawer.letters += numbered
      drawer.bytes += numbered.reduce(0) { $0 + Self.bytes(of: $1) }
      let dropped = trim(&drawer)
      lost.add(UInt64(dropped))
      kept.set(drawer.letters.count)
      let letters = drawer.letters
      write(&drawer) { (file) throws(StorageFault) in
        // A file is written anew where letters left; else only its end.
        if dropped > 0 { try file.replace(with: letters) } else { try file.append(numbered) }
      }
    }
  }

  /// Makes room, a tenth more than needed, so that not every new letter means a new file.
  private func trim(_ drawer: inout Drawer) -> Int {
    guard drawer.letters.count > Limits.deadLettersMax || drawer.bytes > Limits.deadLetterBytesMax else {
      return 0
    }
    var dropped = 0
    var bytes = drawer.bytes
    for letter in drawer.letters {
      let isRoomy =
        drawer.letters.count - dropped <= Limits.deadLettersMax / 10 * 9
        && bytes <= Limits.deadLetterBytesMax / 10 * 9
      if isRoomy { break }
      bytes -= Self.bytes(of: letter)
      dropped += 1
    }
    drawer.letters.removeFirst(dropped)
    drawer.bytes = bytes
    return dropped
  }

  private func write(_ drawer: inout Drawer, _ body: (DeadLetterFile) throws(StorageFault) -> Void) {
    guard let file = drawer.file else { return }
    do {
      try body(file)
    } catch {
      drawer.file = nil
      Self.complain(error, logger)
    }
  }

  // MARK: Out

  /// Letters of a tenant with a higher number than `after`, the lowest first, and how many there are in all. Blocks.
  package func list(
    of tenant: TenantName, after: UInt64, limit: Int
  ) -> (letters: [DeadLetter], total: Int) {
    store()
    return drawer.withLock { drawer in
      let own = drawer.letters.filter { $0.tenant == tenant }
      return (Array(own.lazy.filter { $0.number > after }.prefix(limit)), own.count)
    }
  }

  /// The letters of a tenant with these numbers; those there are. Blocks.
  package func letters(_ numbers: Set<UInt64>, of tenant: TenantName) -> [DeadLetter] {
    store()
    return drawer.withLock { drawer in
      drawer.letters.filter { $0.tenant == tenant && numbers.contains($0.number) }
    }
  }

  /// Forgets letters; returns how many there were. Blocks.
  @discardableResult
  package func remove(_ numbers: Set<UInt64>, of tenant: TenantName) -> Int {
    store()
    return drawer.withLock { drawer in
      let before = drawer.letters.count
      drawer.letters.removeAll { $0.tenant == tenant && numbers.contains($0.number) }
      let removed = before - drawer.letters.count
      guard removed > 0 else { return 0 }
      drawer.bytes = drawer.letters.reduce(0) { $0 + Self.bytes(of: $1) }
      kept.set(drawer.letters.count)
      let letters = drawer.letters
      write(&drawer) { (file) throws(StorageFault) in try file.replace(with: letters) }
      return removed
    }
  }

  /// Gives letters that were refused once more their new reason. Blocks.
  package func update(_ faults: [UInt64: Fault], of tenant: TenantName) {
    guard !faults.isEmpty else { return }
    drawer.withLock { drawer in
      for index in drawer.letters.indices where drawer.letters[index].tenant == tenant {
        guard let fault = faults[drawer.letters[index].number] else { continue }
        drawer.letters[index].reason = fault.reason.rawValue
        drawer.letters[index].message = fault.message
        drawer.letters[index].field = fault.field
      }
      let letters = drawer.letters
      write(&drawer) { (file) throws(StorageFault) in try file.replace(with: letters) }
    }
  }
}

extension EventDraft {
  /// About how many bytes its fields take.
  var approximateBytes: Int {
    id.count + user.count + item.count + session.count + recommendation.count + query.count + 64
  }

  /// The event as it would be sent.
  init(of event: Event) {
    self.init()
    id = event.id.bytes
    type = Int32(event.type.rawValue)
    user = event.user.bytes
    item = event.item?.bytes ?? []
    timeMicroseconds = event.time.microseconds
    value = Double(event.value)
    session = event.session?.bytes ?? []
    recommendation = event.recommendation?.bytes ?? []
    query = Array(event.query.utf8)
  }
}
