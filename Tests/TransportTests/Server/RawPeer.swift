import Dispatch
import Glibc
import Vocabulary
import Wire

/// A client made of one blocking socket, so that a test decides every byte. Each call runs on a dispatch thread,
/// never on the test's own.
///
/// Unchecked because calls are made one after the other by one test.
final class RawPeer: @unchecked Sendable {
  struct Received: Sendable {
    let header: FrameHeader
    let body: [UInt8]

    /// The text of a `Hello` reply.
    var text: String? {
      guard header.code == 0,
        case .hello(let reply)? = try? body.withUnsafeBytes({
          try ReplyCodec.decode(.hello, $0, arena: MessageArena())
        })
      else { return nil }
      return reply.version
    }

    var fault: Fault? {
      if header.code == 0 { return nil }
      return try? body.withUnsafeBytes { try FaultCodec.decode($0, arena: MessageArena()) }
    }
  }

  struct Failure: Error { let what: String }

  private let descriptor: Int32
  private var decoder = FrameDecoder()
  private var held: [UInt8] = []
  private let writer = FrameWriter()
  private(set) var isAtEnd = false

  private init(descriptor: Int32) { self.descriptor = descriptor }

  deinit { Glibc.close(descriptor) }

  static func connect(port: UInt16, receiveBuffer: Int32? = nil) async throws -> RawPeer {
    try await blocking {
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      guard descriptor >= 0 else { throw Failure(what: "socket: \(errno)") }
      if var size = receiveBuffer {
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
      }
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = port.bigEndian
      address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
      let result = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
      guard result == 0 else {
        Glibc.close(descriptor)
        throw Failure(what: "connect: \(errno)")
      }
      return RawPeer(descriptor: descriptor)
    }
  }

  private static func blocking<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      DispatchQueue.global().async { continuation.resume(with: Result { try body() }) }
    }
  }

  // MARK: Sending

  /// The bytes of a `Hello` request.
  func hello(
    _ text: String, stream: UInt32, timeout: UInt32 = 0, tenant: String = ""
  ) throws -> [UInt8] {
    var request = HelloRequest()
    request.client = Array(text.utf8)
    try writer.write(
      .hello(request), stream: stream, timeoutMilliseconds: timeout, meta: Meta(tenant: Array(tenant.utf8)))
    return writer.withFrame { Array($0) }
  }

  func cancel(_ stream: UInt32) -> [UInt8] {
    writer.writeCancel(stream: stream)
    return writer.withFrame { Array($0) }
  }

  func ping(_ body: [UInt8]) -> [UInt8] {
    body.withUnsafeBytes { writer.write(.ping, echoing: $0) }
    return writer.withFrame { Array($0) }
  }

  func send(_ bytes: [UInt8]) async throws {
    let descriptor = descriptor
    try await Self.blocking {
      var sent = 0
      while sent < bytes.count {
        let count = bytes.withUnsafeBytes { bytes -> Int in
          let rest = UnsafeRawBufferPointer(rebasing: bytes[sent...])
          return Glibc.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
        }
        guard count > 0 else { throw Failure(what: "send: \(errno)") }
        sent += count
      }
    }
  }

  /// Sends what the socket takes within `milliseconds` without reading anything. Returns the bytes taken.
  func sendWithoutReading(_ bytes: [UInt8], milliseconds: Int32) async throws -> Int {
    let descriptor = descriptor
    return try await Self.blocking {
      var sent = 0
      while sent < bytes.count {
        var poller = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        if poll(&poller, 1, milliseconds) != 1 { break }
        let count = bytes.withUnsafeBytes { bytes -> Int in
          let rest = UnsafeRawBufferPointer(rebasing: bytes[sent...])
          return Glibc.send(
            descriptor, rest.baseAddress, rest.count,
            Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
        }
        if count <= 0 { break }
        sent += count
      }
      return sent
    }
  }

  /// Closes the sending side only.
  func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  // MARK: Receiving

  /// The next frame, or nil at the end of the stream. Fails after `seconds` of silence.
  func receive(seconds: Int32 = 10) async throws -> Received? {
    while true {
      let frame = try held.withUnsafeBytes { bytes -> Received? in
        guard let frame = try decoder.next(in: bytes) else { return nil }
        return Received(header: frame.header, body: Array(frame.body))
      }
      if let frame {
        held.removeFirst(frame.header.frameBytes)
        return frame
      }
      let descriptor = descriptor
      let chunk = try await Self.blocking { () -> [UInt8] in
        var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&poller, 1, seconds * 1000) == 1 else {
          throw Failure(what: "nothing came in \(seconds) s")
        }
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        let count = recv(descriptor, &chunk, chunk.count, 0)
        if count < 0 { throw Failure(what: "recv: \(errno)") }
        return Array(chunk[..<count])
      }
      if chunk.isEmpty {
        isAtEnd = true
        return nil
      }
      held += chunk
    }
  }

  /// The next `count` frames, by stream.
  func receive(_ count: Int) async throws -> [UInt32: Received] {
    var frames: [UInt32: Received] = [:]
    for _ in 0..<count {
      guard let frame = try await receive() else { throw Failure(what: "the stream ended early") }
      frames[frame.header.stream] = frame
    }
    return frames
  }
}
