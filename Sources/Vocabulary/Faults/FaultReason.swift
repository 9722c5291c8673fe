/// Stable reason codes. The raw value is part of the protocol: never rename or reuse one.
package enum FaultReason: String, Sendable, Hashable, CaseIterable {
  // Identifiers and names
  case idEmpty = "id_empty"
  case idTooLong = "id_too_long"
  case idContainsNul = "id_contains_nul"
  case nameInvalid = "name_invalid"
  case textInvalid = "text_invalid"
  case textTooLong = "text_too_long"

  // Values
  case nonFinite = "non_finite"
  case outOfRange = "out_of_range"
  case tooMany = "too_many"
  case missingField = "missing_field"
  case duplicateName = "duplicate_name"

  // Events
  case eventTypeUnknown = "event_type_unknown"
  case eventTimeTooOld = "event_time_too_old"
  case eventTimeFuture = "event_time_future"
  case eventIdReused = "event_id_reused"

  // Requests
  case kOutOfRange = "k_out_of_range"
  case tenantUnknown = "tenant_unknown"
  case scenarioUnknown = "scenario_unknown"
  case cursorInvalid = "cursor_invalid"
  case cursorExpired = "cursor_expired"
  case cursorMismatch = "cursor_mismatch"
  case itemUnknown = "item_unknown"
  case userUnknown = "user_unknown"
  case generationUnknown = "generation_unknown"
  case expressionInvalid = "expression_invalid"
  case configurationInvalid = "configuration_invalid"
  case configurationChanged = "configuration_changed"
  case positionNotReached = "position_not_reached"
  case tokenInvalid = "token_invalid"
  case replayStateMoved = "replay_state_moved"
  case methodUnknown = "method_unknown"
  case malformedMessage = "malformed_message"
  case messageTooLarge = "message_too_large"

  // Protocol
  case notOurProtocol = "not_our_protocol"
  case badLength = "bad_length"
  case frameTooLarge = "frame_too_large"
  case versionUnsupported = "version_unsupported"
  case frameTypeUnknown = "frame_type_unknown"
  case flagUnknown = "flag_unknown"
  case reservedNotZero = "reserved_not_zero"
  case headerChecksum = "header_checksum"
  case payloadChecksum = "payload_checksum"
  case metaTooLarge = "meta_too_large"
  case badStreamId = "bad_stream_id"
  case tooManyStreams = "too_many_streams"
  case tooManyCancels = "too_many_cancels"
  case tooManyPings = "too_many_pings"
  case tooManyConnections = "too_many_connections"
  case slowConsumer = "slow_consumer"
  case frameTimeout = "frame_timeout"
  case idleTimeout = "idle_timeout"

  // Running
  case deadlineExceeded = "deadline_exceeded"
  case cancelled = "cancelled"
  case draining = "draining"
  case queueFull = "queue_full"
  case overloaded = "overloaded"
  case memoryLow = "memory_low"
  case diskLow = "disk_low"
  case writePathFenced = "write_path_fenced"
  case trainingBusy = "training_busy"
  case trainingFailed = "training_failed"
  case noTrainingData = "no_training_data"
  case generationInvalid = "generation_invalid"
  case generationRefused = "generation_refused"
  case snapshotBusy = "snapshot_busy"
  case snapshotUnknown = "snapshot_unknown"
  case snapshotFailed = "snapshot_failed"
  case connectionLost = "connection_lost"
  case internalError = "internal_error"

  /// The gRPC status this reason travels under.
  package var code: StatusCode {
    switch self {
    case .idEmpty, .idTooLong, .idContainsNul, .nameInvalid, .textInvalid, .textTooLong, .nonFinite,
      .outOfRange, .tooMany, .missingField, .duplicateName, .eventTypeUnknown, .kOutOfRange,
      .malformedMessage, .expressionInvalid, .configurationInvalid, .cursorInvalid, .cursorMismatch,
      .tokenInvalid:
      .invalidArgument
    case .eventTimeTooOld, .eventTimeFuture: .outOfRange
    case .eventIdReused: .alreadyExists
    case .tenantUnknown, .scenarioUnknown, .itemUnknown, .userUnknown, .generationUnknown,
      .snapshotUnknown:
      .notFound
    case .cursorExpired, .positionNotReached, .replayStateMoved, .noTrainingData, .generationInvalid,
      .generationRefused,
      .trainingBusy, .snapshotBusy, .configurationChanged:
      .failedPrecondition
    case .methodUnknown, .versionUnsupported, .flagUnknown, .frameTypeUnknown: .unimplemented
    case .messageTooLarge, .tooManyStreams, .tooManyCancels, .tooManyPings, .tooManyConnections, .queueFull,
      .overloaded, .memoryLow, .diskLow, .metaTooLarge, .frameTooLarge, .slowConsumer:
      .resourceExhausted
    case .notOurProtocol, .badLength, .reservedNotZero, .badStreamId: .invalidArgument
    case .headerChecksum, .payloadChecksum: .dataLoss
    case .frameTimeout, .idleTimeout, .draining, .connectionLost, .writePathFenced: .unavailable
    case .deadlineExceeded: .deadlineExceeded
    case .cancelled: .cancelled
    case .trainingFailed, .snapshotFailed, .internalError: .internal
    }
  }
}
