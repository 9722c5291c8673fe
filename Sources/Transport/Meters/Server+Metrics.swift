import Metering
import Vocabulary

extension Server {
  /// Writes every family that the transport knows. docs/operations.md lists them.
  package func writeMetrics(into text: inout MetricsText) {
    let meters = meters
    func sum(_ counter: (LoopMeters) -> UInt64) -> UInt64 { meters.reduce(0) { $0 &+ counter($1) } }
    text.gauge("magpie_connections", "Open connections.", Double(max(0, gauge.count)))
    text.gauge("magpie_connections_limit", "Connections served at once.", Double(connectionsMax))
    text.counter(
      "magpie_connections_accepted_total", "Connections accepted.", sum { $0.accepted.value })
    text.counter(
      "magpie_received_bytes_total", "Bytes read from connections.", sum { $0.receivedBytes.value })
    text.counter("magpie_sent_bytes_total", "Bytes given to connections.", sum { $0.sentBytes.value })
    text.counters(
      "magpie_faults_total", "Requests answered with a fault, by reason.", "reason", meters.map(\.faults),
      of: FaultReason.allCases, \.rawValue)
    text.counters(
      "magpie_requests_shed_total",
      "Requests refused because there was too much to do or the daemon was not able to.",
      "reason", meters.map(\.faults), of: FaultReason.allCases.filter(\.isShedding), \.rawValue)
    text.counters(
      "magpie_connection_faults_total", "Connections ended for breaking a rule or reaching a limit.",
      "reason",
      meters.map(\.connectionFaults), of: FaultReason.allCases.filter(\.endsConnections), \.rawValue)
    text.family(
      "magpie_loop_wait_seconds", .histogram,
      "Time a request waited on its event loop, behind others, before it was begun or refused."
    ) { family in
      for `class` in RequestClass.allCases {
        family.histogram(
          Histogram.Sum(meters.map { $0.waits[`class`.rawValue] }), .nanoseconds, [("class", `class`.name)])
      }
    }
    text.counters(
      "magpie_overload_refusals_total", "Requests refused because they waited too long or too much waited.",
      "class", meters.map(\.overloaded), of: RequestClass.allCases, \.name)
    text.counters(
      "magpie_memory_refusals_total", "Requests refused for lack of memory.", "class",
      meters.map(\.memoryRefusals), of: RequestClass.allCases, \.name)
    func byClass(_ gauges: (LoopMeters) -> [Gauge]) -> [(RequestClass, Double)] {
      RequestClass.allCases.map { each in
        (each, Double(meters.reduce(0) { $0 + gauges($1)[each.rawValue].value }))
      }
    }
    text.family("magpie_overloaded_loops", .gauge, "Event loops that refuse what waited too long.") {
      family in
      for (each, value) in byClass(\.overloads) { family.sample(value, [("class", each.name)]) }
    }
    text.family("magpie_loop_queue_length", .gauge, "Requests that wait for their event loop.") { family in
      for (each, value) in byClass(\.waitingCounts) { family.sample(value, [("class", each.name)]) }
    }
    text.gauge(
      "magpie_loop_queue_bytes", "Bytes of requests that wait for their event loop.",
      Double(meters.reduce(0) { $0 + $1.waitingBytes.value }))
    text.family("magpie_loop_silence_seconds", .gauge, "Time since an event loop is known to have turned.") {
      family in
      for (number, meter) in meters.enumerated() {
        family.sample(Double(meter.silence) / 1e9, [("loop", "\(number)")])
      }
    }
    text.gauge(
      "magpie_completions_waiting", "Answers that wait for their event loop.",
      Double(meters.reduce(0) { $0 + $1.completions() }))
  }

  /// Whether every event loop has turned lately. Depends on no disk and no peer.
  package var isTurning: Bool {
    let longest = ConnectionLimits.nanoseconds(seconds: Limits.loopSilenceSeconds)
    return meters.allSatisfy { $0.silence < longest }
  }
}

extension FaultReason {
  /// Whether the request itself was well-formed and only came at a bad time.
  var isShedding: Bool {
    switch self {
    case .deadlineExceeded, .draining, .queueFull, .overloaded, .memoryLow, .diskLow, .writePathFenced,
      .tooManyStreams:
      true
    default: false
    }
  }

  /// Whether the protocol ends connections for it; docs/protocol.md has the table.
  var endsConnections: Bool {
    switch self {
    case .notOurProtocol, .badLength, .frameTooLarge, .versionUnsupported, .headerChecksum, .payloadChecksum,
      .frameTypeUnknown, .flagUnknown, .reservedNotZero, .metaTooLarge, .badStreamId, .tooManyCancels,
      .tooManyPings, .memoryLow, .frameTimeout, .idleTimeout, .tooManyConnections, .slowConsumer:
      true
    default: false
    }
  }
}
