import CCrypto

/// SHA-256 by libcrypto, for whole files: generations and snapshots.
///
/// Not sendable: feed it from one thread.
package final class SHA256 {
  // The context is libcrypto's; it is freed in deinit and never leaves this object.
  private let context: OpaquePointer

  package init() {
    guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
      fatalError("libcrypto cannot compute SHA-256: out of memory, or the algorithm is disabled")
    }
    self.context = context
  }

  deinit { EVP_MD_CTX_free(context) }

  package func update(_ bytes: UnsafeRawBufferPointer) {
    if let base = bytes.baseAddress { EVP_DigestUpdate(context, base, bytes.count) }
  }

  /// The 32 bytes of the digest. REQUIRES: called once, last.
  package func finish() -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 32)
    var length: UInt32 = 32
    EVP_DigestFinal_ex(context, &digest, &length)
    return digest
  }

  /// Digest of `bytes` in lower-case hex.
  package static func hex(_ bytes: UnsafeRawBufferPointer) -> String {
    let hash = SHA256()
    hash.update(bytes)
    return hex(digest: hash.finish())
  }

  package static func hex(digest: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(2 * digest.count)
    for byte in digest {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}
