import Glibc
import Storage

/// How many different values there were, in 4 kB: HyperLogLog (Flajolet, Fusy, Gandouet and Meunier 2007) with linear
/// counting while few registers are set. The standard error is 1.04 / √4096, 1.6 %.
package struct DistinctCounter: Sendable {
  private static let bits = 12
  private static let count = 1 << bits
  private var registers: [UInt8] = []

  package init() {}

  /// - Parameter hash: of the value, all 64 bits of it well mixed.
  package mutating func insert(_ hash: UInt64) {
    if registers.isEmpty { registers = [UInt8](repeating: 0, count: Self.count) }
    let place = Int(hash >> UInt64(64 - Self.bits))
    let rank = UInt8((hash << UInt64(Self.bits) | 1 << UInt64(Self.bits - 1)).leadingZeroBitCount + 1)
    if rank > registers[place] { registers[place] = rank }
  }

  /// Counts what the other has seen, too.
  package mutating func merge(_ other: DistinctCounter) {
    if other.registers.isEmpty { return }
    if registers.isEmpty {
      registers = other.registers
      return
    }
    for place in registers.indices { registers[place] = max(registers[place], other.registers[place]) }
  }

  mutating func removeAll() {
    for place in registers.indices { registers[place] = 0 }
  }

  /// To 1.6 %.
  package var estimate: UInt64 {
    if registers.isEmpty { return 0 }
    let m = Double(Self.count)
    var sum = 0.0
    var zeros = 0
    for register in registers {
      sum += exp2(-Double(register))
      if register == 0 { zeros += 1 }
    }
    let raw = 0.7213 / (1 + 1.079 / m) * m * m / sum
    let estimate = raw <= 2.5 * m && zeros > 0 ? m * log(m / Double(zeros)) : raw
    // Registers that are all at their most stand for more than there are numbers.
    return UInt64(exactly: estimate.rounded()) ?? .max
  }
}

// MARK: Bytes

extension DistinctCounter {
  /// The registers that are set: place and value of each.
  func write(into writer: inout ByteWriter) {
    let used = registers.indices.filter { registers[$0] > 0 }
    writer.append(count: used.count)
    for place in used {
      writer.append(varint: UInt64(place))
      writer.append(byte: registers[place])
    }
  }

  init(_ reader: inout ByteReader) throws(MalformedBytes) {
    for _ in 0..<(try reader.count(least: 2)) {
      if registers.isEmpty { registers = [UInt8](repeating: 0, count: Self.count) }
      let place = try reader.varint()
      let value = try reader.byte()
      guard place < UInt64(Self.count), value <= UInt8(65 - Self.bits) else {
        throw MalformedBytes("no register", at: reader.offset)
      }
      registers[Int(place)] = value
    }
  }
}
