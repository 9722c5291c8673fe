import COpenBLAS
import Glibc
import Synchronization

/// A fixed set of threads that run numbered tasks.
///
/// Which thread runs which task is left to chance; results must therefore depend on the task's number only.
/// That is how training gives the same bytes for any number of threads.
///
/// BLAS is told to stay on the calling thread: two levels of threads fight over the same cores.
///
/// Unchecked because mutex and conditions are C memory; the job is reached only while the mutex is held.
package final class ThreadPool: @unchecked Sendable {
  /// Threads that work, the caller of `run` included.
  package let threads: Int

  private struct Job {
    var body: (@Sendable (_ worker: Int, _ task: Int) -> Void)?
    /// Counts jobs, so that a thread can tell a new one from the one it just finished.
    var number = 0
    var tasks = 0
    var busy = 0
    var isClosed = false
  }

  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let began: UnsafeMutablePointer<pthread_cond_t>
  private let ended: UnsafeMutablePointer<pthread_cond_t>
  private let nextTask = Atomic<Int>(0)
  private var job = Job()
  private var handles: [pthread_t] = []

  /// - Parameter threads: at least 1; threads that cannot be started are done without.
  package init(threads wanted: Int) {
    openblas_set_num_threads(1)
    threads = max(1, wanted)
    mutex = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    pthread_mutex_init(mutex, nil)
    began = .allocate(capacity: 1)
    began.initialize(to: pthread_cond_t())
    pthread_cond_init(began, nil)
    ended = .allocate(capacity: 1)
    ended.initialize(to: pthread_cond_t())
    pthread_cond_init(ended, nil)
    for worker in 1..<max(2, threads) where worker < threads {
      let seat = Unmanaged.passRetained(Seat(pool: Unmanaged.passUnretained(self), worker: worker))
      var handle = pthread_t()
      let status = pthread_create(
        &handle, nil,
        { context in
          guard let context else { return nil }
          let seat = Unmanaged<Seat>.fromOpaque(context).takeRetainedValue()
          // The pool outlives its threads: deinit joins them.
          seat.pool._withUnsafeGuaranteedRef { $0.work(as: seat.worker) }
          return nil
        }, seat.toOpaque())
      if status == 0 {
        handles.append(handle)
      } else {
        seat.release()
      }
    }
  }

  private final class Seat {
    let pool: Unmanaged<ThreadPool>
    let worker: Int
    init(pool: Unmanaged<ThreadPool>, worker: Int) {
      self.pool = pool
      self.worker = worker
    }
  }

  deinit {
    pthread_mutex_lock(mutex)
    job.isClosed = true
    pthread_cond_broadcast(began)
    pthread_mutex_unlock(mutex)
    for handle in handles { pthread_join(handle, nil) }
    pthread_cond_destroy(began)
    pthread_cond_destroy(ended)
    pthread_mutex_destroy(mutex)
    began.deallocate()
    ended.deallocate()
    mutex.deallocate()
  }

  /// Runs `body` once for each task in `0..<tasks`, in any order, and returns when all are done. `worker`
  /// is in `0..<threads` and no two running tasks share it: it selects scratch memory.
  ///
  /// REQUIRES: not called from within a task.
  package func run(tasks: Int, _ body: @Sendable (_ worker: Int, _ task: Int) -> Void) {
    if tasks <= 0 { return }
    if handles.isEmpty || tasks == 1 {
      for task in 0..<tasks { body(0, task) }
      return
    }
    withoutActuallyEscaping(body) { body in
      pthread_mutex_lock(mutex)
      nextTask.store(0, ordering: .relaxed)
      job.body = body
      job.tasks = tasks
      job.number &+= 1
      job.busy = handles.count
      pthread_cond_broadcast(began)
      pthread_mutex_unlock(mutex)
      takeTasks(of: body, until: tasks, as: 0)
      pthread_mutex_lock(mutex)
      while job.busy > 0 { pthread_cond_wait(ended, mutex) }
      job.body = nil
      pthread_mutex_unlock(mutex)
    }
  }

  private func takeTasks(of body: (Int, Int) -> Void, until tasks: Int, as worker: Int) {
    while true {
      let task = nextTask.wrappingAdd(1, ordering: .relaxed).oldValue
      if task >= tasks { return }
      body(worker, task)
    }
  }

  private func work(as worker: Int) {
    var last = 0
    while true {
      pthread_mutex_lock(mutex)
      while job.number == last && !job.isClosed { pthread_cond_wait(began, mutex) }
      if job.isClosed {
        pthread_mutex_unlock(mutex)
        return
      }
      last = job.number
      var body = job.body
      let tasks = job.tasks
      pthread_mutex_unlock(mutex)
      if let body { takeTasks(of: body, until: tasks, as: worker) }
      // The closure does not escape `run`: it is let go of before `run` may return.
      body = nil
      pthread_mutex_lock(mutex)
      job.busy -= 1
      if job.busy == 0 { pthread_cond_signal(ended) }
      pthread_mutex_unlock(mutex)
    }
  }
}
