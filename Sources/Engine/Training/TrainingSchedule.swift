import Locking
import Vocabulary

/// Starts a training of each tenant every so often, if events have come since the last one.
package final class TrainingSchedule: Sendable {
  private let thread: WorkerThread
  private let bell = Bell()

  /// Nil if no thread is left. How often is asked of the supervisor each second, because it may change.
  init?(tenants: [ServedTenant], supervisor: TrainingSupervisor) {
    let bell = bell
    let thread = WorkerThread("magpie-schedule") {
      var attempts = tenants.map { tenant in
        // After a restart the clock goes on from the serving generation.
        let manifest = tenant.current?.generation.manifest
        return Attempt(seconds: manifest.map { $0.created / 1_000_000 }, through: manifest?.position ?? .zero)
      }
      while !bell.wait(milliseconds: 1_000) {
        let everySeconds = supervisor.settings.everySeconds
        guard everySeconds > 0 else { continue }
        let now = Timestamp.now.seconds
        for tenant in tenants {
          let isDue = attempts[tenant.number].isDue(
            at: now, everySeconds: everySeconds, position: tenant.live.position)
          guard isDue, tenant.live.counts.events > 0 else { continue }
          attempts[tenant.number] = Attempt(seconds: now, through: tenant.live.position)
          // A refusal is in the log and in Status; the next attempt comes in its time.
          supervisor.train(tenant) { _ in }
        }
      }
    }
    guard let thread else { return nil }
    self.thread = thread
  }

  /// When training was last tried, and up to where. A tenant that never was is due at once.
  package struct Attempt: Sendable, Hashable {
    package var seconds: Int64?
    package var through: Position

    package init(seconds: Int64?, through: Position) {
      self.seconds = seconds
      self.through = through
    }

    package func isDue(at now: Int64, everySeconds: Int64, position: Position) -> Bool {
      guard position > through else { return false }
      guard let seconds else { return true }
      // A clock that went back must not postpone training for as long.
      return now - seconds >= everySeconds || now < seconds
    }
  }

  func stop() {
    bell.ring()
    thread.join()
  }
}
