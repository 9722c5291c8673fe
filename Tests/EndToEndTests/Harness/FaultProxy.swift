import Foundation
import Synchronization

/// A bad network between a client and the daemon, in user space: forwards bytes both ways, and does one harm to what
/// the client sends on each connection. Replies pass as they are.
///
/// Two threads for each connection; gone with the test.
final class FaultProxy: Sendable {
  enum Harm: Sendable {
    case none
    /// Passes on this many bytes at a time, with a pause of microseconds between.
    case trickle(bytes: Int, pause: UInt32)
    /// Flips one bit of what the client sends, counted over the connection.
    case flip(bit: Int)
    /// After this many bytes both sides are closed.
    case cut(after: Int)
    /// After this many bytes both sides are reset.
    case reset(after: Int)
    /// After this many bytes the daemon is told that no more will come; replies still pass.
    case finish(after: Int)
  }

  let port: UInt16
  private let listener: Int32
  private let target: UInt16
  private let harm: Harm
  private let recording = Recording()

  /// What clients sent, before any harm was done to it.
  ///
  /// Unchecked because the lock guards the bytes.
  private final class Recording: @unchecked Sendable {
    private let lock = NSLock()
    private var all: [UInt8] = []

    func add(_ bytes: ArraySlice<UInt8>) { lock.withLock { all += bytes } }
    var bytes: [UInt8] { lock.withLock { all } }
  }

  init(to target: UInt16, _ harm: Harm) throws {
    self.target = target
    self.harm = harm
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = Self.loopback(0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length) == 0 && listen(listener, 128) == 0
          && getsockname(listener, $0, &length) == 0
      }
    }
    guard isBound else { throw HarnessFailure("the proxy cannot listen: errno \(errno)") }
    self.listener = listener
    port = UInt16(bigEndian: address.sin_port)
    Thread { [recording] in
      while true {
        let client = accept(listener, nil, nil)
        if client < 0 { return }
        Self.join(client, target, harm, recording)
      }
    }.start()
  }

  deinit {
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
  }

  /// Every byte that clients sent so far.
  var sent: [UInt8] { recording.bytes }

  private static func loopback(_ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return address
  }

  private static func join(_ client: Int32, _ target: UInt16, _ harm: Harm, _ recording: Recording) {
    let daemon = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = loopback(target)
    let isConnected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(daemon, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    // Both threads must have ended before the numbers may belong to somebody else.
    let users = Users(client, daemon)
    guard isConnected else { return users.leave(2) }
    Thread {
      upstream(client, daemon, harm, recording)
      users.leave(1)
    }.start()
    Thread {
      var buffer = [UInt8](repeating: 0, count: 65_536)
      while true {
        let count = recv(daemon, &buffer, buffer.count, 0)
        if count <= 0 || !pass(buffer[..<count], to: client) { break }
      }
      shutdown(client, Int32(SHUT_RDWR))
      shutdown(daemon, Int32(SHUT_RDWR))
      users.leave(1)
    }.start()
  }

  private final class Users: Sendable {
    private let count = Atomic(2)
    private let descriptors: [Int32]

    init(_ descriptors: Int32...) { self.descriptors = descriptors }

    func leave(_ number: Int) {
      if count.subtract(number, ordering: .acquiringAndReleasing).newValue == 0 {
        for descriptor in descriptors { close(descriptor) }
      }
    }
  }

  private static func upstream(_ client: Int32, _ daemon: Int32, _ harm: Harm, _ recording: Recording) {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    var passed = 0
    while true {
      let count = recv(client, &buffer, buffer.count, 0)
      if count < 0 { break }
      if count == 0 {
        // Half-closed: replies still pass.
        shutdown(daemon, Int32(SHUT_WR))
        return
      }
      var part = buffer[..<count]
      recording.add(part)
      var last: Int?
      switch harm {
      case .none, .trickle: break
      case .flip(let bit):
        let offset = bit / 8 - passed
        if part.indices.contains(offset) { part[offset] ^= 1 << UInt8(bit % 8) }
      case .cut(let after), .reset(let after), .finish(let after):
        if passed + count >= after { last = after - passed }
      }
      if let last { part = part.prefix(max(0, last)) }
      if case .trickle(let bytes, let pause) = harm {
        while !part.isEmpty {
          if !pass(part.prefix(bytes), to: daemon) { return }
          part = part.dropFirst(bytes)
          usleep(pause)
        }
      } else if !pass(part, to: daemon) {
        return
      }
      passed += count
      guard last != nil else { continue }
      if case .finish = harm {
        shutdown(daemon, Int32(SHUT_WR))
        return
      }
      if case .reset = harm {
        for descriptor in [client, daemon] { resetOnClose(descriptor) }
      }
      break
    }
    shutdown(client, Int32(SHUT_RDWR))
    shutdown(daemon, Int32(SHUT_RDWR))
  }

  /// Makes the end of a connection a reset.
  static func resetOnClose(_ descriptor: Int32) {
    var linger = Glibc.linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
  }

  private static func pass(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) -> Bool {
    var rest = bytes
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if count <= 0 { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }
}
