import Foundation
import Synchronization
import Testing
import Vocabulary

extension EndToEnd {
  /// An hour of hostile load in a minute: whatever would fill memory, all at once.
  @Suite(.enabled(if: !Sanitizer.isOn, "a sanitizer's own memory is under no limit"))
  struct MemoryCeilingTests {
    private static let limit: UInt64 = 512 << 20

    @Test("Memory stays bounded whatever comes; what is refused says why and when to try again")
    func hostileHour() async throws {
      try await onThread {
        let daemon = try Daemon(in: Workplace())
        daemon.arguments = ["--set", "memory_limit_bytes=\(Self.limit)", "--set", "disk_free_bytes_min=0"]
        try daemon.start()
        let process = try daemon.running()
        try Self.putLongItems(daemon)

        let (stop, refusals, port) = (StopSign(), Refusals(), daemon.port)
        var workers: [Worker<Void>] = []
        for number in 0..<3 {
          workers.append(Worker { try Crowd(port, number, refusals).send(until: stop) })
        }
        workers.append(Worker { try Catalogue(port, refusals).send(until: stop) })
        workers.append(Worker { try Self.readNothing(port, until: stop) })
        workers.append(Worker { try Self.sendHalfFrames(port, until: stop) })
        // The halves of frames and the unread replies come and go for as long as the rest goes on.
        let deadline = Date(timeIntervalSinceNow: 240)
        var firstRefusal: Date?
        var (sample, answered, peak) = (0, 0, UInt64(0))
        while Date() < deadline {
          usleep(50_000)
          sample += 1
          guard process.isRunning else { break }
          if peak > 2 * Self.limit { break }
          peak = max(peak, UInt64(process.privateBytes ?? 0))
          if sample % 4 == 0, Self.recommends(daemon) { answered += 1 }
          if firstRefusal == nil, refusals.ingest.load(ordering: .relaxed) > 0 { firstRefusal = Date() }
          // Long enough for refused events to come again and again.
          if let firstRefusal, Date().timeIntervalSince(firstRefusal) > 20 { break }
        }
        stop.raise()
        for worker in workers { try worker.join() }
        #expect(process.isRunning, "\(daemon.log)")
        #expect(firstRefusal != nil, "memory never became short")
        #expect(refusals.bulk.load(ordering: .relaxed) > 0)
        #expect(refusals.withoutRetry.load(ordering: .relaxed) == 0)
        // Reads go last: refused while memory is shortest, and answered before and between.
        #expect(answered > 10)
        let resident = UInt64(try require(process.peakBytes, "the daemon is gone"))
        print("Private memory at most \(peak >> 20) MiB, resident \(resident >> 20) MiB")
        // Pages of files are the kernel's and count for nobody; what is private stays below the limit.
        #expect(peak > 0 && peak <= Self.limit)
        #expect(try daemon.stop() == .exit(0))
      }
    }

    /// A reply of three megabytes for whoever asks for them.
    private static func putLongItems(_ daemon: Daemon) throws {
      let connection = try daemon.connect()
      var request = PutItemsRequest()
      for number in 0..<200 {
        var item = ItemDraft()
        item.id = Array("long\(number)".utf8)
        item.text = [UInt8](repeating: UInt8(ascii: "x"), count: Limits.textBytesMax)
        request.items.append(item)
      }
      guard case .putItems = try connection.call(.putItems(request)) else {
        throw HarnessFailure("items were not taken")
      }
    }

    private static func recommends(_ daemon: Daemon) -> Bool {
      guard let connection = try? daemon.connect() else { return false }
      var request = RecommendRequest()
      request.user = Array("somebody".utf8)
      request.k = 10
      guard case .recommend? = try? connection.call(.recommend(request)) else { return false }
      return true
    }

    /// 150 connections that each ask for 60 MB and read nothing, again and again.
    private static func readNothing(_ port: UInt16, until stop: StopSign) throws {
      var request = GetItemsRequest()
      request.items = (0..<200).map { Array("long\($0)".utf8) }
      while !stop.isUp {
        var connections: [Connection] = []
        for _ in 0..<150 where !stop.isUp {
          guard let connection = try? Connection(port: port) else { continue }
          for _ in 0..<20 { _ = try? connection.send(.getItems(request)) }
          connections.append(connection)
        }
        for _ in 0..<50 where !stop.isUp { usleep(100_000) }
      }
    }

    /// 200 connections that each send all but the last byte of the largest frame, again and again.
    private static func sendHalfFrames(_ port: UInt16, until stop: StopSign) throws {
      var frame = NativeFrame(code: Vocabulary.Method.ingestEvents.rawValue, stream: 1)
      frame.body = [UInt8](repeating: 0, count: Limits.frameBytesMax - 28)
      let bytes = frame.bytes.dropLast()
      while !stop.isUp {
        var connections: [Connection] = []
        for _ in 0..<200 where !stop.isUp {
          guard let connection = try? Connection(port: port, timeoutSeconds: 2) else { continue }
          try? connection.send(Array(bytes))
          connections.append(connection)
        }
        for _ in 0..<50 where !stop.isUp { usleep(100_000) }
      }
    }
  }
}

/// What callers were told.
private final class Refusals: Sendable {
  let ingest = Atomic(0)
  let bulk = Atomic(0)
  /// Refusals for lack of memory that do not say when to try again.
  let withoutRetry = Atomic(0)

  func note(_ fault: Fault, isBulk: Bool) {
    guard fault.reason == .memoryLow else { return }
    if fault.retryAfterMilliseconds == nil { withoutRetry.add(1, ordering: .relaxed) }
    if isBulk { bulk.add(1, ordering: .relaxed) } else { ingest.add(1, ordering: .relaxed) }
  }
}

/// Batches of events of ever new users and items, and a few users who do everything.
private struct Crowd {
  let port: UInt16
  let number: Int
  let refusals: Refusals

  init(_ port: UInt16, _ number: Int, _ refusals: Refusals) {
    (self.port, self.number, self.refusals) = (port, number, refusals)
  }

  func send(until stop: StopSign) throws {
    var sequence = 0
    while !stop.isUp {
      // A connection that is ended for what others hold is opened again.
      guard let connection = try? Connection(port: port) else { continue }
      var isBulk = true
      while !stop.isUp {
        let count = isBulk ? 5_000 : 200
        var request = IngestEventsRequest()
        for offset in 0..<count {
          var event = EventDraft()
          let name = "\(number)-\(sequence + offset)"
          event.id = Array("event \(name)".utf8)
          event.type = Int32(EventType.view.rawValue)
          event.user = Array((offset % 20 == 0 ? "busy \(offset % 100)" : "user \(name)").utf8)
          event.item = Array("item \(name)".utf8)
          request.events.append(event)
        }
        do {
          _ = try connection.call(.ingestEvents(request))
          sequence += count
        } catch let fault as Fault {
          refusals.note(fault, isBulk: isBulk)
          // Small batches pass where large ones are refused, until they are refused as well.
          isBulk.toggle()
          usleep(20_000)
        } catch {
          break
        }
      }
    }
  }
}

/// Items as large as they may be, ever new ones.
private struct Catalogue {
  let port: UInt16
  let refusals: Refusals

  init(_ port: UInt16, _ refusals: Refusals) { (self.port, self.refusals) = (port, refusals) }

  func send(until stop: StopSign) throws {
    var sequence = 0
    let text = [UInt8](repeating: UInt8(ascii: "y"), count: Limits.attributeBytesMax)
    while !stop.isUp {
      guard let connection = try? Connection(port: port) else { continue }
      while !stop.isUp {
        var request = PutItemsRequest()
        for _ in 0..<20 {
          var item = ItemDraft()
          item.id = Array("wide \(sequence)".utf8)
          sequence += 1
          item.text = [UInt8](repeating: UInt8(ascii: "x"), count: Limits.textBytesMax)
          item.attributes = (0..<Limits.attributesMax).map {
            AttributeDraft(name: Array("attribute \($0)".utf8), value: .text(text))
          }
          request.items.append(item)
        }
        do {
          _ = try connection.call(.putItems(request))
        } catch let fault as Fault {
          refusals.note(fault, isBulk: true)
          usleep(50_000)
        } catch {
          break
        }
      }
    }
  }
}
