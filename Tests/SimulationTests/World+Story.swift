import Glibc
import Simulation
import Storage
import Vocabulary

/// What happens in a simulated life, from its dice.
extension World {
  /// Some lives of the daemon on one directory, each ended in its own way and checked after the next start.
  func live() throws {
    try initialize()
    try startAgain()
    for life in 1...roll(2...4) {
      note("life \(life)")
      if oneIn(2) { plan() }
      for _ in 1...roll(3...14) {
        try step()
        if disk.isDead { break }
      }
      let ending =
        disk.isDead ? (oneIn(2) ? .kill : .powerLoss) : Ending.allCases.randomElement(using: &dice) ?? .stop
      note("\(ending)")
      end(ending)
      disk.plan = .none
      disk.capacity = .max
      if ending == .stop, disk.failed == nil, oneIn(2) { try flip() }
      // Recovery is interrupted as well.
      if oneIn(3) { plan() } else { disk.plan = .none }
      try startAgain()
      disk.plan = .none
      disk.capacity = .max
      if running?.ingestor.isFenced == true {
        end(.kill)
        try startAgain()
      }
      try check()
    }
  }

  /// Decides what shall fail.
  private func plan() {
    let errors = [EIO, ENOSPC, EINTR]
    switch roll(0...4) {
    case 0: disk.plan = .nth(roll(1...120), .death, forGood: false)
    case 1: disk.plan = .nth(roll(1...120), .error(EIO), forGood: oneIn(2))
    case 2:
      disk.plan = .some(oneIn: roll(5...60), kinds: Set(SimulatedDisk.Kind.allCases), errors: errors)
    case 3: disk.plan = .some(oneIn: roll(2...8), kinds: [.write, .synchronise], errors: errors)
    default: disk.capacity = disk.usedBytes + roll(0...4_000)
    }
    note("plan \(disk.plan), capacity \(disk.capacity)")
  }

  private func step() throws {
    switch roll(0...15) {
    case 0...4: send()
    case 5...8: try commit()
    case 9, 10: try store()
    case 11: try seal()
    case 12, 13: try snapshot()
    case 14: try restore()
    default: disk.clock += Int64(roll(-5_000_000...60_000_000))
    }
    disk.clock += 1_000
  }

  /// One bit of one file changes while nobody runs. A start comes back with everything, or says which file it is and
  /// changes nothing; with the bit as it was, it comes back.
  private func flip() throws {
    let files = disk.files(below: Self.root).filter {
      !$0.hasSuffix("/daemon.lock") && !$0.contains("/quarantine/")
    }
    guard let file = files.randomElement(using: &dice), let bytes = disk.contents(of: file), !bytes.isEmpty
    else {
      return
    }
    let (place, bit) = (roll(0...(bytes.count - 1)), UInt8(1 << roll(0...7)))
    note("flip \(bit) at \(place) of \(file)")
    disk.plan = .none
    disk.damage(file) { $0[place] ^= bit }
    var before = disk.image(below: Self.root)
    do {
      try start()
      try checkUnlessDamageIsPassedOver(file)
      end(.stop)
    } catch let fault as StorageFault {
      try require(fault.exitCode == 65, "a flipped bit in \(file) gave \(fault.exitCode): \(fault)")
      try require(fault.file.hasPrefix(Self.root), "a flipped bit in \(file) names \(fault.file)")
      end(.kill)
      var after = disk.image(below: Self.root)
      before[Self.root + "/daemon.lock"] = nil
      after[Self.root + "/daemon.lock"] = nil
      try require(before == after, "refusing because of \(file) changed \(changed(before, after))")
      note("refused: \(fault)")
    }
    // The disk gives the byte back, unless the file was set aside or rewritten meanwhile.
    if var now = disk.contents(of: file), now.count >= bytes.count, now[place] == bytes[place] ^ bit {
      now[place] = bytes[place]
      disk.damage(file) { $0[place] = bytes[place] }
    }
  }

  private func changed(_ before: [String: [UInt8]], _ after: [String: [UInt8]]) -> [String] {
    Set(before.keys).union(after.keys).filter { before[$0] != after[$0] }.sorted()
  }

  /// A record of a sealed segment that the state contains is not read by a start, and a snapshot only where it is needed.
  private func checkUnlessDamageIsPassedOver(_ file: String) throws {
    do {
      try check()
    } catch let fault as StorageFault {
      try require(
        fault.kind == .corrupt && fault.file == file && file.contains("/log/"),
        "a start passed over \(file): \(fault)")
    }
  }
}
