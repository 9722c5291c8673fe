import NIOCore
import NIOPosix

/// One run against one daemon.
package enum LoadRun {
  /// Connects, sends what the plan says, waits for the answers, and reports.
  /// - Parameters:
  ///   - journal: where acknowledged events are written down; nil keeps none.
  ///   - progress: called on the sending thread after each second; must not block.
  /// - Throws: `LoadFault` if the plan makes no sense, nothing listens there, or the journal cannot be written.
  package static func measure(
    _ plan: LoadPlan, journal path: String? = nil,
    progress: @escaping @Sendable (SecondRow) -> Void = { _ in }
  ) async throws(LoadFault) -> Measurement {
    try plan.check()
    // Made here, so that a bad path is told before anything is sent.
    let writer = try path.map { path throws(LoadFault) in try JournalFile.create(path) }
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let loop = group.next()
    let result: Result<Measurement, LoadFault>
    do {
      let promise = loop.makePromise(of: Measurement.self)
      loop.execute {
        let journal = writer.map { JournalWriter($0) }
        LoadDriver(plan, on: loop, journal: journal, progress: progress, finished: promise).start()
      }
      result = .success(try await promise.futureResult.get())
    } catch let fault as LoadFault {
      result = .failure(fault)
    } catch {
      result = .failure(LoadFault(.daemon, "The run ended early: \(error)."))
    }
    try? await group.shutdownGracefully()
    return try result.get()
  }
}
