import Foundation
import Vocabulary
import Wire

/// The daemon is gone, or closed the connection.
struct ConnectionClosed: Error {}

/// One blocking connection. Not sendable: a thread has its own.
final class Connection {
  private let descriptor: Int32
  private var nextStream: UInt32 = 1
  private let arena = MessageArena()

  /// - Throws: `ConnectionClosed` if nobody listens.
  init(port: UInt16, timeoutSeconds: Int = 20) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw HarnessFailure("socket: errno \(errno)") }
    var timeout = timeval(tv_sec: timeoutSeconds, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    var one: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    if result != 0 {
      close(descriptor)
      throw ConnectionClosed()
    }
  }

  deinit { close(descriptor) }

  // MARK: Bytes

  func send(_ bytes: [UInt8]) throws {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        Glibc.send(
          descriptor, buffer.baseAddress.map { $0 + sent }, buffer.count - sent, Int32(MSG_NOSIGNAL))
      }
      if count > 0 {
        sent += count
      } else if errno != EINTR {
        throw ConnectionClosed()
      }
    }
  }

  /// No more will be sent; replies can still arrive.
  func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  private func receive(_ count: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var filled = 0
    while filled < count {
      let got = bytes.withUnsafeMutableBytes { buffer in
        recv(descriptor, buffer.baseAddress.map { $0 + filled }, count - filled, 0)
      }
      if got > 0 {
        filled += got
      } else if got == 0 {
        throw ConnectionClosed()
      } else if errno == EAGAIN || errno == EWOULDBLOCK {
        throw HarnessFailure("no answer in time")
      } else if errno != EINTR {
        throw ConnectionClosed()
      }
    }
    return bytes
  }

  /// The next frame.
  /// - Throws: `ConnectionClosed`, or `HarnessFailure` if nothing comes in time.
  func receiveFrame() throws -> ReceivedFrame {
    let header = try receive(NativeFrame.headerBytes)
    func number(_ offset: Int, _ count: Int) -> Int {
      header[offset..<(offset + count)].reduce(0) { $0 << 8 | Int($1) }
    }
    let payload = try receive(number(0, 4) + 4 - NativeFrame.headerBytes)
    return ReceivedFrame(
      type: header[7], code: UInt16(number(10, 2)), stream: UInt32(number(12, 4)),
      body: Array(payload.dropFirst(number(20, 2))))
  }

  /// Everything until the daemon closes the connection.
  func drainFrames() throws -> [ReceivedFrame] {
    var frames: [ReceivedFrame] = []
    do {
      while true { frames.append(try receiveFrame()) }
    } catch is ConnectionClosed {
      return frames
    }
  }

  // MARK: Calls

  /// Sends a request and returns its stream.
  @discardableResult
  func send(_ request: Request, timeoutMilliseconds: UInt32 = 0) throws -> UInt32 {
    let stream = nextStream
    nextStream += 2
    let frame = NativeFrame(
      code: request.method.rawValue, stream: stream, timeout: timeoutMilliseconds,
      body: RequestCodec.encode(request))
    try send(frame.bytes)
    return stream
  }

  /// Sends a request and waits for its answer.
  /// - Throws: the daemon's `Fault`, or `ConnectionClosed`.
  func call(_ request: Request, timeoutMilliseconds: UInt32 = 0) throws -> Reply {
    let stream = try send(request, timeoutMilliseconds: timeoutMilliseconds)
    let frame = try receiveFrame()
    if frame.type == ReceivedFrame.goAway { throw ConnectionClosed() }
    guard frame.type == ReceivedFrame.reply, frame.stream == stream else {
      throw HarnessFailure(
        "expected the reply of stream \(stream), got type \(frame.type), stream \(frame.stream)")
    }
    return try reply(frame, to: request.method)
  }

  /// Reads the body of a reply.
  func reply(_ frame: ReceivedFrame, to method: Vocabulary.Method) throws -> Reply {
    if frame.code != 0 { throw try fault(frame) }
    return try frame.body.withUnsafeBytes { try ReplyCodec.decode(method, $0, arena: arena) }
  }

  func fault(_ frame: ReceivedFrame) throws -> Fault {
    try frame.body.withUnsafeBytes { try FaultCodec.decode($0, arena: arena) }
  }

  /// Sends events and returns their verdicts.
  func ingest(_ events: [EventDraft]) throws -> VerdictsReply {
    var request = IngestEventsRequest()
    request.events = events
    guard case .ingestEvents(let reply) = try call(.ingestEvents(request)) else {
      throw HarnessFailure("the reply to IngestEvents is another one")
    }
    guard reply.verdicts.count == events.count else {
      throw HarnessFailure("\(events.count) events, but \(reply.verdicts.count) verdicts")
    }
    return reply
  }
}
