import Fakes
import Storage

/// What is on stable storage, and what a power loss leaves.
extension SimulatedDisk {
  static let sectorBytes = 512

  /// fsync that succeeds: what changed since the last one is durable. What an fsync that failed gave up is not: the
  /// kernel counts it as written.
  func synchronize(_ node: Node) {
    for change in node.pending { change.apply(to: &node.durable) }
    node.pending = []
    guard node.isDirectory else { return }
    for change in pendingNames where change.touches(node) { change.make() }
    pendingNames.removeAll { $0.touches(node) }
  }

  /// fsync that fails: some changes got there, the others never will, though processes go on seeing them
  /// (A. Rebello et al., "Can Applications Recover from fsync Failures?", USENIX ATC 2020).
  func halfSynchronize(_ node: Node) {
    for change in node.pending {
      for piece in pieces(of: change) where Bool.random(using: &dice) { piece.apply(to: &node.durable) }
    }
    node.pending = []
    // A journal that fails takes the whole file system with it; names are then as after a power loss to come.
  }

  /// What of unsynchronised changes survives.
  private enum Survival: CaseIterable {
    case none, all, first, any
  }

  /// The machine stops. Of each file survive its durable bytes and, of what was written since, nothing, everything, the
  /// first part, or any sectors or parts of them; of names likewise, though none without those it rests on.
  package func losePower() {
    killProcess()
    var nodes: [Node] = []
    var seen = Set<ObjectIdentifier>()
    func note(_ node: Node) {
      guard seen.insert(ObjectIdentifier(node)).inserted else { return }
      nodes.append(node)
      for name in node.entries.keys.sorted() { node.entries[name].map(note) }
      for name in node.durableEntries.keys.sorted() { node.durableEntries[name].map(note) }
    }
    note(root)
    for change in pendingNames { change.added.map { note($0.node) } }
    for node in nodes where !node.isDirectory { settle(node) }
    settleNames()
    for node in nodes where node.isDirectory { node.entries = node.durableEntries }
  }

  private func settle(_ node: Node) {
    switch Survival.allCases.randomElement(using: &dice) ?? .none {
    case .none: break
    case .all: for change in node.pending { change.apply(to: &node.durable) }
    case .first:
      let parts = node.pending.flatMap { pieces(of: $0) }
      for part in parts.prefix(Int.random(in: 0...parts.count, using: &dice)) {
        part.apply(to: &node.durable)
      }
    case .any:
      for change in node.pending {
        for piece in pieces(of: change) where Bool.random(using: &dice) { piece.apply(to: &node.durable) }
      }
    }
    node.pending = []
    node.content = node.durable
  }

  /// A write cut at the borders of sectors, and one time in four also at some byte within: disks promise whole sectors,
  /// but not all keep it.
  private func pieces(of change: Change) -> [Change] {
    guard case .write(var start, var bytes) = change else { return [change] }
    var pieces: [Change] = []
    while !bytes.isEmpty {
      var count = min(bytes.count, Self.sectorBytes - start % Self.sectorBytes)
      if count > 1, Int.random(in: 0..<4, using: &dice) == 0 {
        count = Int.random(in: 1..<count, using: &dice)
      }
      pieces.append(.write(start, Array(bytes.prefix(count))))
      bytes.removeFirst(count)
      start += count
    }
    return pieces
  }

  private func settleNames() {
    switch Survival.allCases.randomElement(using: &dice) ?? .none {
    case .none: break
    case .all: for change in pendingNames { change.make() }
    case .first:
      for change in pendingNames.prefix(Int.random(in: 0...pendingNames.count, using: &dice)) {
        change.make()
      }
    case .any:
      var lost: [NameChange] = []
      for change in pendingNames {
        if Bool.random(using: &dice), !lost.contains(where: { change.restsOn($0) }) {
          change.make()
        } else {
          lost.append(change)
        }
      }
    }
    pendingNames = []
  }

  // MARK: Damage

  /// Paths of all files below one, sorted.
  package func files(below path: String) -> [String] {
    var found: [String] = []
    func visit(_ node: Node, _ path: String) {
      if !node.isDirectory, !node.isLink { found.append(path) }
      for (name, child) in node.entries { visit(child, path + "/" + name) }
    }
    if let node = node(at: path) { visit(node, path) }
    return found.sorted()
  }

  /// The bytes of a file as processes see them; nil if there is none.
  package func contents(of path: String) -> [UInt8]? { node(at: path)?.content }

  /// Changes a file behind everyone's back.
  package func damage(_ path: String, _ body: (inout [UInt8]) -> Void) {
    guard let node = node(at: path) else { return }
    body(&node.content)
    node.durable = node.content
    node.pending = []
  }

  /// Everything as processes see it, to compare: path, then bytes.
  package func image(below path: String) -> [String: [UInt8]] {
    Dictionary(uniqueKeysWithValues: files(below: path).map { ($0, contents(of: $0) ?? []) })
  }
}

extension SimulatedDisk.NameChange {
  func make() {
    if let (directory, name) = removed { directory.durableEntries[name] = nil }
    if let (directory, name, node) = added { directory.durableEntries[name] = node }
  }

  /// Whether a journal that lost `other` cannot have kept this: they concern the same name or the same file.
  func restsOn(_ other: Self) -> Bool {
    func places(_ change: Self) -> [(SimulatedDisk.Node, String)] {
      var places: [(SimulatedDisk.Node, String)] = []
      if let (directory, name) = change.removed { places.append((directory, name)) }
      if let (directory, name, _) = change.added { places.append((directory, name)) }
      return places
    }
    return places(self).contains { mine in places(other).contains { $0.0 === mine.0 && $0.1 == mine.1 } }
  }
}
