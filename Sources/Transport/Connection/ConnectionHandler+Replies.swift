import NIOCore
import Vocabulary
import Wire

/// Replies, deadlines and the passing of time.
extension ConnectionHandler {
  // MARK: Writing

  /// Appends a reply to the batch.
  /// - Parameter question: method and body of the request, where the reply is at once.
  func append(
    _ outcome: Outcome, stream: UInt32, to question: (method: Method, body: UnsafeRawBufferPointer)? = nil
  ) {
    if case .failure(let fault) = outcome { loop.meters.faults.add(fault.reason) }
    loop.frames.write(outcome, stream: stream, to: question)
    appendFrame()
  }

  /// Appends the frame that was built last.
  func appendFrame() {
    guard let context else { return }
    loop.frames.withFrame { frame in
      if output == nil { output = context.channel.allocator.buffer(capacity: max(frame.count, 1024)) }
      output?.writeBytes(frame)
    }
  }

  /// Gives the batch to the channel, and stops reading if the peer has too much to read.
  func flush() {
    guard let context, let batch = output else { return }
    output = nil
    sentBytes &+= batch.readableBytes
    loop.meters.sentBytes.add(UInt64(batch.readableBytes))
    context.writeAndFlush(wrapOutboundOut(batch), promise: nil)
    // Small batches to a peer that reads are not worth the question.
    if countedUnread > 0 || batch.writerIndex > Limits.heldBytesUnderPressure { noteUnread() }
    if !context.channel.isWritable && !isPaused && machine.takesFrames {
      isPaused = true
      machine.readingPaused()
      setReading(false)
    }
  }

  /// Ends a batch: flush, then see whether the connection has done its duty.
  func endBatch() {
    flush()
    if machine.settled(hasInput: hasInput) == .close { hangUp() }
  }

  func setReading(_ isOn: Bool) {
    // Fails only if the channel is closed, and then there is nothing to read.
    try? context?.channel.syncOptions?.setOption(.autoRead, value: isOn)
  }

  /// Bytes the peer has not taken yet.
  private var unreadBytes: Int {
    (try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
  }

  /// Counts what the peer has not taken among what all peers of the loop have not.
  func noteUnread(_ bytes: Int? = nil) {
    let unread = bytes ?? unreadBytes
    loop.unreadBytes += unread - countedUnread
    countedUnread = unread
  }

  // MARK: Deferred requests

  /// A request that was taken for later is done. The caller ends the batch.
  func complete(
    _ stream: UInt32, _ outcome: Outcome, to question: (method: Method, body: UnsafeRawBufferPointer)? = nil
  ) {
    if machine.completed(stream, at: ContinuousNanoseconds.now) == .drop { return }
    append(outcome, stream: stream, to: question)
    guard let output, output.readableBytes >= loop.limits.replyBatchBytes else { return }
    flush()
    if isPaused && unreadBytes > loop.limits.unreadReplyBytesHardMax { abortSlowConsumer() }
  }

  private func abortSlowConsumer() {
    let fault = machine.slowConsumerFault(unreadBytes)
    loop.logger.debug("connection closed", metadata: ["reason": "\(fault.reason.rawValue)"])
    loop.meters.connectionFaults.add(fault.reason)
    abort()
  }

  /// Makes sure that something looks at deadlines when this one passes.
  func scheduleExpiry(at deadline: UInt64) {
    if let timer = deadlineTimer, timer.at <= deadline { return }
    deadlineTimer?.task.cancel()
    guard let context else { return }
    let now = ContinuousNanoseconds.now
    let delay = deadline > now ? deadline - now : 0
    let task = context.eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(Int64(clamping: delay))) {
      [weak self] () -> Void in
      self?.expire()
    }
    deadlineTimer = (task, deadline)
  }

  private func expire() {
    deadlineTimer = nil
    for stream in machine.expire(at: ContinuousNanoseconds.now) {
      append(
        .failure(
          Fault(
            .deadlineExceeded,
            "The request was not done in its time; what it had begun may still take effect. Retry with the same ids."
          )),
        stream: stream)
    }
    endBatch()
    if let next = machine.nextDeadline { scheduleExpiry(at: next) }
  }

  // MARK: Time and draining

  func tick() {
    let unread = unreadBytes
    noteUnread(unread)
    switch machine.tick(at: ContinuousNanoseconds.now, takenBytes: sentBytes &- unread, unreadBytes: unread) {
    case .stay:
      // Where memory is short, replies that nobody reads are the first to go.
      guard unread > Limits.heldBytesUnderPressure, machine.isStuck else { return }
      if loop.unreadBytes > loop.overload.heldBytesMax
        || loop.handler.refusal(of: .bulk)?.reason == .memoryLow
      {
        abortSlowConsumer()
      }
    case .fail(let fault): fail(fault)
    case .abort: abortSlowConsumer()
    }
  }

  /// Tells the peer to go elsewhere and refuses new requests from now on.
  func drain(at now: UInt64) {
    guard machine.drain(at: now) == .goAway else { return }
    loop.frames.writeGoAway(
      Fault(
        .draining, "The daemon is going down; connect again, elsewhere if you can.",
        retryAfterMilliseconds: 1000))
    appendFrame()
    flush()
  }

  /// Hangs up if a draining connection has nothing left to do.
  func finishDraining(at now: UInt64) {
    if isPaused || unreadBytes > 0 { return }
    if machine.isDrained(at: now) { hangUp() }
  }
}
