import Checksums
import MagpieClient

/// Derives an event's identifier from what it says.
///
/// Importing the same file again, in part or as a whole, with or without a state file, from CSV or from JSONL, gives
/// the same identifiers, and the daemon counts each event once. Part of the product's promises: never change it.
package enum EventIdentity {
  /// Everything an event says, unambiguously: each text with its length before it.
  static func content(_ event: Event) -> [UInt8] {
    var bytes = Array("magpie event 1".utf8)
    func put(_ text: String?) {
      // Absent and empty are told apart.
      guard let text else { return bytes.append(0) }
      bytes.append(1)
      put(UInt64(text.utf8.count))
      bytes.append(contentsOf: text.utf8)
    }
    func put(_ number: UInt64) {
      for shift in stride(from: 56, through: 0, by: -8) {
        bytes.append(UInt8(truncatingIfNeeded: number >> UInt64(shift)))
      }
    }
    put(event.type.rawValue)
    put(event.user)
    put(event.item)
    put(UInt64(bitPattern: event.timeMicroseconds ?? 0))
    // "2" and "2.0" are one value; no value is 1, as for the daemon.
    put((event.value ?? 1).bitPattern)
    put(event.session)
    put(event.recommendation)
    put(event.query)
    return bytes
  }

  /// 128 bits of SHA-256 over content and occurrence in hexadecimal: among a billion events the chance that two
  /// differ and collide is below 10^-20.
  static func identifier(_ content: [UInt8], occurrence: UInt32) -> String {
    var bytes = content
    for shift in stride(from: 24, through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: occurrence >> UInt32(shift)))
    }
    return String(bytes.withUnsafeBytes { SHA256.hex($0) }.prefix(32))
  }
}
