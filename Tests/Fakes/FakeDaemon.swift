import Locking
import NIOCore
import NIOPosix
import Vocabulary
import Wire

/// A daemon that does what its script says, on a loopback socket, in real frames.
package final class FakeDaemon: Sendable {
  /// A frame from the client.
  package struct Arrival: Sendable {
    /// Which connection, from 1 in the order accepted.
    package var connection: Int
    package var type: FrameType
    package var stream: UInt32
    package var timeoutMilliseconds: UInt32
    package var tenant: String
    package var request: Request?
    package var body: [UInt8]
  }

  /// The client, as the script sees it.
  package struct Peer: Sendable {
    package let channel: any Channel

    package func reply(_ stream: UInt32, _ outcome: Outcome) { send { $0.write(outcome, stream: stream) } }
    package func goAway(_ fault: Fault) { send { $0.writeGoAway(fault) } }
    package func ping(_ bytes: [UInt8]) {
      send { writer in bytes.withUnsafeBytes { writer.write(.ping, echoing: $0) } }
    }
    package func pong(_ bytes: [UInt8]) {
      send { writer in bytes.withUnsafeBytes { writer.write(.pong, echoing: $0) } }
    }
    package func raw(_ bytes: [UInt8]) {
      channel.writeAndFlush(channel.allocator.buffer(bytes: bytes), promise: nil)
    }
    /// Sends a reply in pieces of one byte, each in a segment of its own as far as the kernel lets it.
    package func dribble(_ stream: UInt32, _ outcome: Outcome) {
      for byte in frame({ $0.write(outcome, stream: stream) }) { raw([byte]) }
    }
    package func close() { channel.close(promise: nil) }
    /// Closes with a RST instead of a FIN.
    package func reset() {
      let linger = linger(l_onoff: 1, l_linger: 0)
      if let options = channel as? any SocketOptionProvider {
        _ = options.setSoLinger(linger).map { channel.close(promise: nil) }
      } else {
        channel.close(promise: nil)
      }
    }

    private func send(_ build: (FrameWriter) -> Void) { raw(frame(build)) }

    private func frame(_ build: (FrameWriter) -> Void) -> [UInt8] {
      let writer = FrameWriter()
      build(writer)
      return writer.withFrame { Array($0) }
    }
  }

  package typealias Script = @Sendable (Arrival, Peer) -> Void

  private struct State {
    var arrivals: [Arrival] = []
    var accepted = 0
    var peers: [Int: Peer] = [:]
  }

  private let state: Locked<State>
  private let listener: any Channel
  package let port: Int

  private init(listener: any Channel, port: Int, state: Locked<State>) {
    self.listener = listener
    self.port = port
    self.state = state
  }

  /// Every frame so far.
  package var arrivals: [Arrival] { state.withLock { $0.arrivals } }
  /// The requests among them.
  package var requests: [Arrival] { arrivals.filter { $0.type == .request } }
  /// Connections accepted so far.
  package var accepted: Int { state.withLock { $0.accepted } }
  /// The connections that were accepted.
  package var peers: [Peer] { state.withLock { $0.peers.sorted { $0.key < $1.key }.map(\.value) } }

  /// Starts listening; `script` is called on an event loop for every frame.
  package static func start(port: Int = 0, _ script: @escaping Script) async throws -> FakeDaemon {
    let state = Locked(State())
    let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let peer = Peer(channel: channel)
          let number = state.withLock { state in
            state.accepted += 1
            state.peers[state.accepted] = peer
            return state.accepted
          }
          try channel.pipeline.syncOperations.addHandler(
            Ear(number: number) { arrival in
              state.withLock { $0.arrivals.append(arrival) }
              script(arrival, peer)
            })
        }
      }
      .bind(host: "127.0.0.1", port: port).get()
    return FakeDaemon(listener: listener, port: listener.localAddress?.port ?? 0, state: state)
  }

  /// Stops listening; open connections stay.
  package func stopListening() async { try? await listener.close() }

  /// Stops listening and closes every connection; nothing is answered once this returns.
  package func stop() async {
    await stopListening()
    for peer in peers { try? await peer.channel.close() }
  }
}

/// Hears frames.
private final class Ear: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let number: Int
  private let heard: (FakeDaemon.Arrival) -> Void
  private var decoder = FrameDecoder()
  private var buffer = ByteBuffer()
  private let arena = MessageArena()

  init(number: Int, _ heard: @escaping (FakeDaemon.Arrival) -> Void) {
    self.number = number
    self.heard = heard
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var incoming = unwrapInboundIn(data)
    buffer.writeBuffer(&incoming)
    while let (arrival, bytes) = next() {
      buffer.moveReaderIndex(forwardBy: bytes)
      heard(arrival)
    }
    buffer.discardReadBytes()
  }

  private func next() -> (FakeDaemon.Arrival, Int)? {
    buffer.withUnsafeReadableBytes { bytes in
      guard let frame = try? decoder.next(in: bytes) else { return nil }
      let header = frame.header
      let method = header.type == .request ? Method(rawValue: header.code) : nil
      let tenant = (try? MetaCodec.decode(frame.meta))?.tenant ?? []
      let arrival = FakeDaemon.Arrival(
        connection: number, type: header.type, stream: header.stream,
        timeoutMilliseconds: header.timeoutMilliseconds, tenant: String(decoding: tenant, as: UTF8.self),
        request: method.flatMap { try? RequestCodec.decode($0, frame.body, arena: arena) },
        body: Array(frame.body))
      return (arrival, header.frameBytes)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
