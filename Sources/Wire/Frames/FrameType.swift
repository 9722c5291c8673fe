/// What a frame is. Raw values travel in the header: never reuse one.
package enum FrameType: UInt8, Sendable, Hashable, CaseIterable {
  /// Client to server: a method's message.
  case request = 1
  /// Server to client: the message of status OK, or a fault.
  case reply = 2
  /// Client to server: nobody waits for this stream any more.
  case cancel = 3
  /// Either way: are you there? The body, at most `Limits.pingBytesMax` bytes, comes back in a PONG.
  case ping = 4
  case pong = 5
  /// Either way: no new streams on this connection; the body is a fault that says why.
  case goAway = 6
}
