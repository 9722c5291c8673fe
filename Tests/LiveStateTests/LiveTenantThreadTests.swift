import Glibc
import LiveState
import Locking
import Synchronization
import Testing
import Vocabulary

/// One writer, several readers and the store thread at once. Run under the thread sanitizer it finds races; run
/// without it finds torn state.
@Suite struct LiveTenantThreadTests {
  @Test func readersSeeWholeStates() throws {
    let tenant = try #require(LiveState(tenants: [.default], weights: .standard).tenant(.default))
    var changes = RandomChanges(seed: 77)
    changes.itemCount = 400
    let log = try (0..<4_000).map { _ in try changes.next() }
    let users = try (0..<3).map { try UserIdentifier("u\($0)") }
    let isDone = Atomic<Bool>(false)
    let problems = Locked<[String]>([])

    withoutActuallyEscaping({
      (reader: Int) in
      var last = Position.zero
      var rounds = 0
      while !isDone.load(ordering: .relaxed) || rounds < 10 {
        rounds += 1
        let position = tenant.position
        let catalogue = tenant.catalogue()
        if position < last { problems.withLock { $0.append("position went back") } }
        last = position
        for index in 0..<min(catalogue.count, 50) {
          let item = ItemIndex(UInt32(index))
          if tenant.itemIndex(catalogue.identifier(item)) != item {
            problems.withLock { $0.append("an index changed") }
          }
        }
        if let user = tenant.user(users[reader % users.count]) {
          let known = tenant.counts.items
          let isSorted = zip(user.history, user.history.dropFirst()).allSatisfy { $0.seconds <= $1.seconds }
          if !isSorted { problems.withLock { $0.append("history out of order") } }
          if user.items.contains(where: { Int($0.item.value) >= known }) {
            problems.withLock { $0.append("an item nobody knows") }
          }
        }
        let trending = tenant.trending()
        if trending.items.count != trending.scores.count { problems.withLock { $0.append("torn list") } }
        if reader == 0 { _ = tenant.drainDirty(usersMax: 2) }
      }
    }) { (read: @escaping (Int) -> Void) in
      let threads = (0..<3).map { reader in TestThread { read(reader) } }
      for (number, change) in log.enumerated() {
        let position = Position(UInt64(number + 1))
        tenant.apply(change, at: position, ingestTime: .zero)
        if number % 20 == 0 { tenant.publish(through: position) }
      }
      tenant.publish(through: Position(UInt64(log.count)))
      isDone.store(true, ordering: .relaxed)
      for thread in threads { thread.join() }
    }
    #expect(problems.withLock { $0 } == [])
  }
}

/// A thread that can be joined.
final class TestThread {
  private var thread = pthread_t()

  private final class Body {
    let run: () -> Void
    init(_ run: @escaping () -> Void) { self.run = run }
  }

  init(_ run: @escaping () -> Void) {
    let body = Unmanaged.passRetained(Body(run)).toOpaque()
    pthread_create(
      &thread, nil,
      { pointer in
        if let pointer { Unmanaged<Body>.fromOpaque(pointer).takeRetainedValue().run() }
        return nil
      }, body)
  }

  func join() { pthread_join(thread, nil) }
}
