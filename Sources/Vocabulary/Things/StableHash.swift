/// A hash that is the same in every process and release: it decides shards and buckets, so it is part of the
/// formats. FNV-1a over the bytes, then the finaliser of MurmurHash3 so that low bits are usable.
package enum StableHash {
  /// O(bytes). The value for a given input never changes.
  package static func of(_ bytes: some Sequence<UInt8>, seed: UInt64 = 0) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325 ^ seed
    for byte in bytes {
      hash ^= UInt64(byte)
      hash = hash &* 0x0000_0100_0000_01b3
    }
    return mix(hash)
  }

  /// The same for an array, the usual case: no iterator, so no allocation where the generic form is not specialised.
  package static func of(_ bytes: [UInt8], seed: UInt64 = 0) -> UInt64 {
    bytes.withUnsafeBufferPointer { bytes in
      var hash: UInt64 = 0xcbf2_9ce4_8422_2325 ^ seed
      for byte in bytes {
        hash ^= UInt64(byte)
        hash = hash &* 0x0000_0100_0000_01b3
      }
      return mix(hash)
    }
  }

  /// The finaliser alone: spreads a counter or an index over 64 bits.
  package static func mix(_ value: UInt64) -> UInt64 {
    var hash = value
    hash ^= hash >> 33
    hash = hash &* 0xff51_afd7_ed55_8ccd
    hash ^= hash >> 33
    hash = hash &* 0xc4ce_b9fe_1a85_ec53
    hash ^= hash >> 33
    return hash
  }
}
