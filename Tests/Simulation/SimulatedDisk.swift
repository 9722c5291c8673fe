import Fakes
import Glibc
import Storage
import Vocabulary

/// A disk in memory that behaves as badly as a real one may, from a seed.
///
/// What it promises is what POSIX promises and no more: contents are durable after fsync of the file, names after fsync of
/// their directory, a rename happens whole or not at all. `losePower` decides what survives of the rest
/// (`SimulatedDisk+Power`). `calls` counts system calls; a plan makes one of them, or a share of them, fail.
///
/// Unchecked: a simulation runs on one thread.
package final class SimulatedDisk: Disk, @unchecked Sendable {
  /// Kinds of system calls, for plans and messages.
  package enum Kind: String, Sendable, CaseIterable {
    case open, read, write, synchronise, truncate, rename, unlink, makeDirectory, removeDirectory, list, lock
    case examine
  }

  /// What a failing call does.
  package enum Failure: Sendable, Hashable {
    /// It does half of what it was asked, or nothing, and gives this error.
    case error(Int32)
    /// The process is killed in the middle of it: no later call of that process does anything.
    case death
  }

  /// Which calls fail.
  package enum Plan: Sendable {
    case none
    /// The Nth from now on, and after it every one if it is `forGood`.
    case nth(Int, Failure, forGood: Bool)
    /// Each of these kinds, one time in `oneIn`.
    case some(oneIn: Int, kinds: Set<Kind>, errors: [Int32])
  }

  final class Node {
    let isDirectory: Bool
    let isLink: Bool
    /// What processes see, and what is on stable storage.
    var content: [UInt8] = []
    var durable: [UInt8] = []
    /// Changes since the last fsync, oldest first.
    var pending: [Change] = []
    var entries: [String: Node] = [:]
    var durableEntries: [String: Node] = [:]
    var lockedBy: ObjectIdentifier?

    init(isDirectory: Bool = false, isLink: Bool = false) {
      self.isDirectory = isDirectory
      self.isLink = isLink
    }
  }

  enum Change {
    case write(Int, [UInt8])
    case truncate(Int)
  }

  /// What a call did to names; on stable storage it is whole or not at all.
  struct NameChange {
    var removed: (directory: Node, name: String)?
    var added: (directory: Node, name: String, node: Node)?

    func touches(_ directory: Node) -> Bool {
      removed?.directory === directory || added?.directory === directory
    }
  }

  package var dice: Seeded
  package var plan = Plan.none {
    didSet { planned = 0 }
  }
  /// Microseconds since 1970; the simulation moves it, also backwards.
  package var clock: Int64 = 1_780_000_000_000_000
  /// Bytes that all files together may take; more is refused with ENOSPC.
  package var capacity = Int.max
  /// System calls so far.
  package private(set) var calls = 0
  /// The call that a plan made fail last, for messages.
  package private(set) var failed: (kind: Kind, path: String)?
  /// The kind of the call that failed last, whatever was forgotten.
  package private(set) var everFailed: Kind?
  /// Whether any call of the running process failed.
  package private(set) var hasFailed = false
  /// Whether the running process was killed by a plan.
  package private(set) var isDead = false
  /// Open files of an earlier process do nothing.
  private(set) var process = 0

  package let takesSeveralThreads = false

  let root = Node(isDirectory: true)
  var pendingNames: [NameChange] = []
  private var planned = 0

  package init(seed: UInt64) { dice = Seeded(seed: seed) }

  // MARK: Calls

  /// Counts a call and decides whether it fails. `partly` runs before it does.
  func call(_ kind: Kind, _ path: String, partly: () -> Void = {}) throws(SystemError) {
    if isDead {
      failed = failed ?? (kind, path)
      throw SystemError(EIO)
    }
    calls += 1
    planned += 1
    let failure: Failure
    switch plan {
    case .none: return
    case .nth(let number, let planned, let isForGood):
      guard self.planned == number || (isForGood && self.planned > number) else { return }
      failure = planned
    case .some(let oneIn, let kinds, let errors):
      guard kinds.contains(kind), Int.random(in: 0..<oneIn, using: &dice) == 0 else { return }
      failure = .error(errors.randomElement(using: &dice) ?? EIO)
    }
    fail(kind, path)
    partly()
    switch failure {
    case .error(let number): throw SystemError(number)
    case .death:
      isDead = true
      throw SystemError(EIO)
    }
  }

  func fail(_ kind: Kind, _ path: String) {
    failed = (kind, path)
    everFailed = kind
    hasFailed = true
  }

  /// What failed before does not count any more.
  package func forgetFailure() { failed = nil }

  /// The end of the process: its locks and open files go, what it wrote stays as it was seen.
  package func killProcess() {
    process += 1
    hasFailed = false
    isDead = false
    walk { $0.lockedBy = nil }
  }

  func walk(_ body: (Node) -> Void) {
    func visit(_ node: Node) {
      body(node)
      for child in node.entries.values { visit(child) }
    }
    visit(root)
  }

  // MARK: Names

  private func parts(_ path: String) -> [Substring] {
    var parts: [Substring] = []
    for part in path.split(separator: "/") where part != "." {
      if part == ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    return parts
  }

  func node(at path: String) -> Node? {
    var node = root
    for part in parts(path) {
      guard let next = node.entries[String(part)] else { return nil }
      node = next
    }
    return node
  }

  private func place(of path: String) throws(SystemError) -> (directory: Node, name: String) {
    var parts = parts(path)
    guard let name = parts.popLast() else { throw SystemError(EINVAL) }
    var node = root
    for part in parts {
      guard let next = node.entries[String(part)] else { throw SystemError(ENOENT) }
      node = next
    }
    guard node.isDirectory else { throw SystemError(ENOTDIR) }
    return (node, String(name))
  }

  /// Changes names as processes see them, and notes what is not durable yet.
  private func change(_ change: NameChange) {
    if let (directory, name) = change.removed { directory.entries[name] = nil }
    if let (directory, name, node) = change.added { directory.entries[name] = node }
    pendingNames.append(change)
  }

  package func handle(_ path: String, flags: Int32, mode: mode_t) throws(SystemError) -> any DiskHandle {
    try call(.open, path)
    let (directory, name) = path.hasSuffix("/..") ? (root, "") : try place(of: path)
    if name.isEmpty || node(at: path) != nil, let node = node(at: path) {
      if flags & O_CREAT != 0, flags & O_EXCL != 0 { throw SystemError(EEXIST) }
      if node.isDirectory, flags & (O_WRONLY | O_RDWR) != 0 { throw SystemError(EISDIR) }
      let handle = SimulatedHandle(self, node, path)
      if flags & O_TRUNC != 0 { try handle.truncate(to: 0) }
      return handle
    }
    guard flags & O_CREAT != 0 else { throw SystemError(ENOENT) }
    let node = Node()
    change(NameChange(removed: nil, added: (directory, name, node)))
    return SimulatedHandle(self, node, path)
  }

  package func names(in path: String) throws(SystemError) -> [String] {
    try call(.list, path)
    guard let node = node(at: path) else { throw SystemError(ENOENT) }
    guard node.isDirectory else { throw SystemError(ENOTDIR) }
    return Array(node.entries.keys)
  }

  package func makeDirectory(_ path: String) throws(SystemError) {
    try call(.makeDirectory, path)
    let (directory, name) = try place(of: path)
    guard directory.entries[name] == nil else { throw SystemError(EEXIST) }
    change(NameChange(removed: nil, added: (directory, name, Node(isDirectory: true))))
  }

  package func removeDirectory(_ path: String) throws(SystemError) {
    try call(.removeDirectory, path)
    let (directory, name) = try place(of: path)
    guard let node = directory.entries[name] else { throw SystemError(ENOENT) }
    guard node.isDirectory else { throw SystemError(ENOTDIR) }
    guard node.entries.isEmpty else { throw SystemError(ENOTEMPTY) }
    change(NameChange(removed: (directory, name), added: nil))
  }

  package func unlink(_ path: String) throws(SystemError) {
    try call(.unlink, path)
    let (directory, name) = try place(of: path)
    guard let node = directory.entries[name] else { throw SystemError(ENOENT) }
    guard !node.isDirectory else { throw SystemError(EISDIR) }
    change(NameChange(removed: (directory, name), added: nil))
  }

  package func rename(_ source: String, to target: String) throws(SystemError) {
    try call(.rename, source)
    let from = try place(of: source)
    let to = try place(of: target)
    guard let node = from.directory.entries[from.name] else { throw SystemError(ENOENT) }
    if let old = to.directory.entries[to.name], old.isDirectory, !old.entries.isEmpty {
      throw SystemError(ENOTEMPTY)
    }
    change(NameChange(removed: from, added: (to.directory, to.name, node)))
  }

  package func link(_ path: String, to target: String) throws(SystemError) {
    try call(.makeDirectory, path)
    let (directory, name) = try place(of: path)
    guard directory.entries[name] == nil else { throw SystemError(EEXIST) }
    change(NameChange(removed: nil, added: (directory, name, Node(isLink: true))))
  }

  package func examine(_ path: String, followingLinks: Bool) throws(SystemError) -> DiskEntry {
    try call(.examine, path)
    guard let node = node(at: path) else { return .missing }
    return node.isDirectory ? .directory : node.isLink ? .other : .file
  }

  // MARK: The rest of the machine

  /// Never the whole truth: another process may fill the disk at any moment.
  package func freeBytes(at path: String) -> UInt64 { 1 << 40 }

  /// Bytes in all files that have a name.
  package var usedBytes: Int {
    var sum = 0
    walk { sum += $0.content.count }
    return sum
  }

  package func now() -> Timestamp { Timestamp(microseconds: clock) }

  package func randomBytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8.random(in: 1...255, using: &dice) }
  }

  package func database(at path: String, creating: Bool) throws(StorageFault) -> any StateDatabase {
    try ModelDatabase(on: self, path: path, creating: creating)
  }
}
