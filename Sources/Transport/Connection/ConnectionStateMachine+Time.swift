import Vocabulary

/// What may not last for ever: silence, half a frame, replies nobody reads.
extension ConnectionStateMachine {
  /// A read was worked off. `isPartial` says whether it left the beginning of a frame, `hadFrames` whether it
  /// completed any.
  package mutating func readEnded(isPartial: Bool, hadFrames: Bool, at now: UInt64) {
    if !isPartial {
      partialSince = nil
    } else if hadFrames || partialSince == nil {
      partialSince = now
    }
  }

  /// Reading was stopped because the peer does not read: half a frame is then not its fault.
  package mutating func readingPaused() { partialSince = nil }

  package enum OnTick: Sendable, Hashable {
    case stay
    /// Say so in a GOAWAY and hang up.
    case fail(Fault)
    /// The peer would not read a GOAWAY: close at once.
    case abort(Fault)
  }

  /// Time has passed. `takenBytes` is what the peer has taken of our replies so far, `unreadBytes` what still
  /// waits.
  package mutating func tick(at now: UInt64, takenBytes taken: Int, unreadBytes: Int) -> OnTick {
    if unreadBytes == 0 || taken != takenBytes {
      takenBytes = taken
      stuckTicks = 0
      stuckSince = unreadBytes == 0 ? nil : now
    } else if let since = stuckSince {
      stuckTicks += 1
      if now &- since >= limits.slowConsumer { return .abort(slowConsumerFault(unreadBytes)) }
    } else {
      stuckSince = now
    }
    if phase != .open { return .stay }
    if let since = partialSince, now &- since >= limits.frameArrival {
      return .fail(
        Fault(
          .frameTimeout,
          "A frame was not complete \(limits.frameArrival / 1_000_000_000) seconds after its first byte."))
    }
    if awaitingCount == 0 && unreadBytes == 0 && now &- lastTraffic >= limits.idle {
      return .fail(
        Fault(
          .idleTimeout,
          "Nothing was sent for \(limits.idle / 1_000_000_000) seconds; connect again when there is something."
        ))
    }
    return .stay
  }

  /// Whether replies wait and the peer has taken none of them between the last two ticks.
  package var isStuck: Bool { stuckTicks > 0 }

  /// Why a peer that lets replies pile up is disconnected.
  package func slowConsumerFault(_ unreadBytes: Int) -> Fault {
    Fault(
      .slowConsumer,
      "\(unreadBytes) bytes of replies were not read; read replies while sending requests.")
  }
}
