import Glibc
import NIOCore
import Vocabulary

/// Takes no connection for a moment after the system had no descriptor or no memory for one.
///
/// A connection that cannot be taken stays in the kernel's queue, and the listening socket readable: without a pause its
/// event loop would try again and again, at the cost of the connections it has. Belongs to the listening channel.
final class AcceptPause: ChannelInboundHandler {
  typealias InboundIn = Channel

  private static let passing: Set<CInt> = [EMFILE, ENFILE, ENOBUFS, ENOMEM]

  func errorCaught(context: ChannelHandlerContext, error: Error) {
    guard let failure = error as? IOError, Self.passing.contains(failure.errnoCode) else {
      return context.fireErrorCaught(error)
    }
    let channel = context.channel
    try? channel.syncOptions?.setOption(.autoRead, value: false)
    context.eventLoop.scheduleTask(in: .milliseconds(Limits.acceptPauseMilliseconds)) {
      channel.setOption(.autoRead, value: true)
    }
  }
}
