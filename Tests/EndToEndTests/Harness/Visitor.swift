import Foundation

/// One HTTP exchange on a raw socket: what a scraper or a probe does.
struct Visitor {
  var status: Int
  var headers: [String: String]
  var body: String

  /// Asks for a page.
  static func get(_ path: String, port: UInt16) throws -> Visitor {
    try send("GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", port: port)
  }

  /// Sends bytes as they are and reads until the other side closes.
  static func send(_ text: String, port: UInt16, seconds: Int = 20) throws -> Visitor {
    let bytes = try exchange(Array(text.utf8), port: port, seconds: seconds)
    let answer = String(decoding: bytes, as: UTF8.self)
    guard let end = answer.range(of: "\r\n\r\n") else {
      throw HarnessFailure("no HTTP answer on port \(port): \(answer.prefix(200))")
    }
    let lines = answer[..<end.lowerBound].components(separatedBy: "\r\n")
    let words = (lines.first ?? "").split(separator: " ")
    guard words.count > 1, let status = Int(words[1]) else {
      throw HarnessFailure("not an HTTP status line: \(lines.first ?? "")")
    }
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(
        in: .whitespaces)
    }
    return Visitor(status: status, headers: headers, body: String(answer[end.upperBound...]))
  }

  /// Sends bytes and returns everything that comes back until the other side closes.
  static func exchange(_ bytes: [UInt8], port: UInt16, seconds: Int = 20) throws -> [UInt8] {
    let descriptor = try open(port: port, seconds: seconds)
    defer { close(descriptor) }
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress.map { $0 + sent }, $0.count - sent, Int32(MSG_NOSIGNAL))
      }
      // Closed early: what was said before that can still be read.
      if count <= 0 { break }
      sent += count
    }
    return try readAll(descriptor)
  }

  static func open(port: UInt16, seconds: Int = 20) throws -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw HarnessFailure("socket: errno \(errno)") }
    var timeout = timeval(tv_sec: seconds, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
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
    return descriptor
  }

  /// - Throws: `HarnessFailure` if the other side neither speaks nor closes in time.
  static func readAll(_ descriptor: Int32) throws -> [UInt8] {
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
      if count > 0 {
        all.append(contentsOf: buffer[..<count])
      } else if count == 0 || errno == ECONNRESET {
        return all
      } else if errno != EINTR {
        throw HarnessFailure("the connection was not closed in time; so far \(all.count) bytes came")
      }
    }
  }
}
