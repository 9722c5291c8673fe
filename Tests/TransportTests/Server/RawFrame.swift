import Checksums
import Vocabulary
import Wire

/// Frames that no client library would send, with sums that fit.
enum RawFrame {
  static func request(method: UInt16, stream: UInt32, meta: [UInt8], body: [UInt8]) -> [UInt8] {
    frame(FrameHeader(type: .request, code: method, stream: stream), meta: meta, body: body)
  }

  static func frame(_ header: FrameHeader, meta: [UInt8] = [], body: [UInt8] = []) -> [UInt8] {
    var header = header
    header.metaBytes = meta.count
    header.bodyBytes = body.count
    header.payloadChecksum = CRC32C.of(meta + body)
    return bytes(header) + meta + body
  }

  /// The header alone, as if its payload were still to come.
  static func bytes(_ header: FrameHeader) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: Limits.headerBytes)
    bytes.withUnsafeMutableBytes { if let base = $0.baseAddress { header.encode(into: base) } }
    return bytes
  }
}
