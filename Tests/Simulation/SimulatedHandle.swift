import Fakes
import Glibc
import Storage

/// An open file of the simulated disk. It does nothing once its process is gone.
final class SimulatedHandle: DiskHandle {
  private let disk: SimulatedDisk
  private let node: SimulatedDisk.Node
  private let path: String
  private let process: Int

  init(_ disk: SimulatedDisk, _ node: SimulatedDisk.Node, _ path: String) {
    self.disk = disk
    self.node = node
    self.path = path
    process = disk.process
  }

  private func call(_ kind: SimulatedDisk.Kind, partly: () -> Void = {}) throws(SystemError) {
    guard process == disk.process else { throw SystemError(EBADF) }
    try disk.call(kind, path, partly: partly)
  }

  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(SystemError) -> Int {
    try call(.read)
    guard let start = Int(exactly: offset), start < node.content.count else { return 0 }
    var count = min(buffer.count, node.content.count - start)
    // The system may give less than it was asked for.
    if count > 1, Int.random(in: 0..<16, using: &disk.dice) == 0 {
      count = Int.random(in: 1..<count, using: &disk.dice)
    }
    node.content.withUnsafeBytes { content in
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: content[start..<(start + count)]))
    }
    return count
  }

  func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(SystemError) -> Int {
    let start = Int(offset)
    try call(.write) {
      let count = Int.random(in: 0...bytes.count, using: &disk.dice)
      if count > 0 { put(bytes[..<count], at: start) }
    }
    var count = bytes.count
    let growth = max(0, start + count - node.content.count)
    let room = disk.capacity == .max ? Int.max : max(0, disk.capacity - disk.usedBytes)
    if growth > room {
      count -= growth - room
      guard count > 0 else {
        disk.fail(.write, path)
        throw SystemError(ENOSPC)
      }
    } else if count > 1, Int.random(in: 0..<16, using: &disk.dice) == 0 {
      // It may take less than it was given.
      count = Int.random(in: 1..<count, using: &disk.dice)
    }
    put(bytes[..<count], at: start)
    return count
  }

  private func put(_ bytes: Slice<UnsafeRawBufferPointer>, at start: Int) {
    let change = SimulatedDisk.Change.write(start, Array(bytes))
    change.apply(to: &node.content)
    node.pending.append(change)
  }

  func synchronizeData() throws(SystemError) { try synchronize() }

  func synchronize() throws(SystemError) {
    try call(.synchronise) { disk.halfSynchronize(node) }
    disk.synchronize(node)
  }

  /// Nothing of it is durable before an fsync.
  func startWriting(from offset: UInt64, count: UInt64) {}

  func truncate(to size: UInt64) throws(SystemError) {
    try call(.truncate)
    let change = SimulatedDisk.Change.truncate(Int(size))
    change.apply(to: &node.content)
    node.pending.append(change)
  }

  func size() throws(SystemError) -> UInt64 {
    try call(.examine)
    return UInt64(node.content.count)
  }

  func lock() throws(SystemError) {
    try call(.lock)
    if let holder = node.lockedBy, holder != ObjectIdentifier(self) { throw SystemError(EWOULDBLOCK) }
    node.lockedBy = ObjectIdentifier(self)
  }

  func close() {
    if process == disk.process, node.lockedBy == ObjectIdentifier(self) { node.lockedBy = nil }
  }
}

extension SimulatedDisk.Change {
  func apply(to content: inout [UInt8]) {
    switch self {
    case .write(let start, let bytes):
      if content.count < start { content += [UInt8](repeating: 0, count: start - content.count) }
      let overlap = min(bytes.count, content.count - start)
      content.replaceSubrange(start..<(start + overlap), with: bytes)
    case .truncate(let size):
      if content.count > size {
        content.removeLast(content.count - size)
      } else {
        content += [UInt8](repeating: 0, count: size - content.count)
      }
    }
  }
}
