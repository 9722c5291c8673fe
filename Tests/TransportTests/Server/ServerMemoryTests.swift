import Foundation
import Testing
import Transport
import Vocabulary
import Wire

/// How much memory hostile peers can cost. Each test runs in a process of its own, so that nothing else is
/// measured.
@Suite struct ServerMemoryTests {
  @Test func announcedFramesCostNothingUntilTheyCome() async {
    await #expect(processExitsWith: .success) {
      try await RunningServer.run { running in
        var header = FrameHeader(type: .request, code: 2, stream: 1)
        header.bodyBytes = Limits.frameBytesMax - 28
        let announced = RawFrame.bytes(header)
        let before = residentBytes()
        var peers: [RawPeer] = []
        for _ in 0..<90 {
          let peer = try await running.connect()
          try await peer.send(announced)
          peers.append(peer)
        }
        try await running.until("all are open") { running.gauge.count == 90 }
        // 90 frames of 4 MiB were announced.
        require(residentBytes() - before < 64_000_000)
        require(running.handler.handledCount == 0)
      }
    }
  }

  @Test func framesTooLargeCostNothing() async {
    await #expect(processExitsWith: .success) {
      try await RunningServer.run { running in
        let before = residentBytes()
        for length in [UInt8(0x00), 0x01, 0x7F, 0xFF] {
          for _ in 0..<20 {
            let peer = try await running.connect()
            try await peer.send(
              [length, 0xFF, 0xFF, 0xFF, 0xAB, 0xEC, 1] + [UInt8](repeating: 7, count: 100_000))
            let goAway = try await peer.receive()
            require(goAway?.fault?.reason == .frameTooLarge)
          }
        }
        require(residentBytes() - before < 32_000_000)
      }
    }
  }

  @Test func unreadRepliesAreBounded() async {
    await #expect(processExitsWith: .success) {
      try await RunningServer.run(loops: 1, { $0.unreadReplyBytesMax = 1 << 20 }) { running in
        let peer = try await running.connect(receiveBuffer: 4096)
        var bytes: [UInt8] = []
        for number in 0..<4000 { bytes += try peer.hello("big 100000", stream: UInt32(2 * number + 1)) }
        let before = residentBytes()
        _ = try await peer.sendWithoutReading(bytes, milliseconds: 500)
        // 400 MB of replies were asked for.
        require(residentBytes() - before < 64_000_000)
      }
    }
  }

  @Test func hostileMessagesCostNoMoreThanTheArenas() async {
    await #expect(processExitsWith: .success) {
      try await RunningServer.run(loops: 2) { running in
        let empties = [UInt8]((0..<2_000_000).flatMap { _ in [UInt8(0x0A), 0] })
        let before = residentBytes()
        let peer = try await running.connect()
        for round in 0..<10 {
          for method in [Method.ingestEvents, .putItems] {
            let stream = UInt32(4 * round + (method == .putItems ? 3 : 1))
            try await peer.send(
              RawFrame.request(method: method.rawValue, stream: stream, meta: [], body: empties))
            require(try await peer.receive()?.fault?.reason == .messageTooLarge)
          }
        }
        // Two arenas of 32 MiB, and some frames of 4 MiB here and there.
        require(residentBytes() - before < 160_000_000)
      }
    }
  }
}

/// Resident memory of this process.
private func residentBytes() -> Int {
  let fields = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ")
  return (Int(fields?.dropFirst().first ?? "") ?? 0) * Int(getpagesize())
}

/// Ends the process, and so the test, if the condition does not hold.
private func require(_ condition: Bool, line: Int = #line) {
  if condition { return }
  FileHandle.standardError.write(Data("line \(line): the requirement does not hold\n".utf8))
  exit(1)
}
