import FaultPoints
import Vocabulary

/// The generations of one tenant: `generations/TENANT/`. Holds no state but the path.
///
/// REQUIRES: one process changes the shelf at a time (the daemon; a trainer only makes its own directory).
package struct GenerationShelf: Sendable {
  package let path: String

  /// Does not touch the disk.
  package init(path: String) { self.path = path }

  private static let currentName = "current"
  private static let currentNewName = "current.new"
  private static let lastNumberName = "last-number"
  private static let lastNumberNewName = "last-number.new"

  /// Path of a generation's directory.
  package func path(of number: GenerationNumber) -> String { path + "/" + number.directoryName }

  /// One directory on the shelf.
  package struct Entry: Sendable {
    package let number: GenerationNumber
    /// Nil if it cannot be read; then `problem` says why.
    package let manifest: Manifest?
    /// Why it cannot be served, or empty.
    package let problem: String

    /// Whether the gate refused it.
    package var isRefused: Bool { manifest?.isRefused ?? false }

    /// Whether it may serve without anybody insisting, as far as its manifest and file sizes tell.
    package var isEligible: Bool { problem.isEmpty && !isRefused }
  }

  /// Newest first. Reads manifests and file sizes, not contents: `Generation.open` verifies those.
  package func list() throws(ModelFault) -> [Entry] {
    var entries: [Entry] = []
    for number in try numbers().reversed() {
      do {
        let manifest = try Manifest.read(from: path(of: number))
        entries.append(Entry(number: number, manifest: manifest, problem: sizeProblem(manifest)))
      } catch {
        entries.append(Entry(number: number, manifest: nil, problem: error.description))
      }
    }
    return entries
  }

  /// The generation `current` points to, nil if there is no `current`. Whether it can be served is for
  /// `Generation.open` to say.
  package func current() throws(ModelFault) -> GenerationNumber? {
    let link = path + "/" + Self.currentName
    guard let target = try Disk.readLink(link) else { return nil }
    guard let number = GenerationNumber(directoryName: target) else {
      throw ModelFault(
        .foreign, file: link,
        "It points to \(target), which is no generation. Promote one of those in the list.")
    }
    return number
  }

  /// Points `current` at a generation, atomically and durably. Refuses one whose manifest or file sizes are wrong;
  /// the caller has opened it before.
  package func promote(_ number: GenerationNumber) throws(ModelFault) {
    let manifest = try Manifest.read(from: path(of: number))
    let problem = sizeProblem(manifest)
    if !problem.isEmpty { throw ModelFault(.corrupt, file: path(of: number), problem) }
    let new = path + "/" + Self.currentNewName
    try Disk.removeFile(new)
    try Disk.makeLink(new, to: number.directoryName)
    FaultPoints.reach(.promoteLinked)
    try Disk.rename(new, to: path + "/" + Self.currentName)
    FaultPoints.reach(.promoteNamed)
    try Disk.syncDirectory(path)
  }

  /// Takes the next number: larger than every number taken before, also by generations that failed or were removed.
  /// Makes the shelf if it is not there. Durable before it returns.
  package func nextNumber() throws(ModelFault) -> GenerationNumber {
    try make()
    var highest = try lastNumber()
    for name in try Disk.names(in: path) {
      // Also 000007.partial and 000007.removing, if the counter was lost.
      let stem = name.split(separator: ".", maxSplits: 1).first ?? ""
      if let number = GenerationNumber(directoryName: stem) { highest = max(highest, number.value) }
    }
    if let current = try? current() { highest = max(highest, current.value) }
    guard highest < UInt64.max else {
      throw ModelFault(
        .inconsistent, file: path + "/" + Self.lastNumberName,
        "There is no higher number left. Remove the directory with the absurd number, then this file.")
    }
    let new = path + "/" + Self.lastNumberNewName
    try Disk.removeFile(new)
    try Disk.write(new, Array("\(highest + 1)\n".utf8))
    try Disk.rename(new, to: path + "/" + Self.lastNumberName)
    try Disk.syncDirectory(path)
    return GenerationNumber(highest + 1)
  }

  /// Removes all but the current one, the newest `count` that may serve, and the newest `count` of the others: those that
  /// the gate refused or that cannot be read never push a good one out. Returns what was removed, oldest first. If
  /// `current` cannot be read, nothing is removed.
  /// - Parameter spared: further ones that stay, because somebody still uses them.
  package func prune(
    keep count: Int, sparing spared: Set<GenerationNumber> = []
  ) throws(ModelFault) -> [GenerationNumber] {
    let current = try current()
    let entries = try list()
    let kept = Set(
      (entries.filter(\.isEligible).prefix(max(0, count))
        + entries.filter { !$0.isEligible }.prefix(max(0, count))).map(\.number))
    var removed: [GenerationNumber] = []
    for number in entries.reversed().map(\.number)
    where number != current && !kept.contains(number) && !spared.contains(number) {
      let doomed = path(of: number) + GenerationNumber.removingSuffix
      // Renamed first: half a generation never looks like a whole one.
      if Disk.isDirectory(doomed) { try Disk.removeDirectory(doomed) }
      try Disk.rename(path(of: number), to: doomed)
      FaultPoints.reach(.generationPruned)
      try Disk.removeDirectory(doomed)
      removed.append(number)
    }
    if !removed.isEmpty { try Disk.syncDirectory(path) }
    return removed
  }

  /// Removes the directories an interrupted trainer or prune left behind, and nothing else: a trainer may sweep while
  /// the daemon promotes. An interrupted promotion is cleaned up by the next.
  /// REQUIRES: no other trainer of this tenant is running.
  package func sweepPartials() throws(ModelFault) {
    for name in try Disk.names(in: path) {
      let isLeftover = [GenerationNumber.partialSuffix, GenerationNumber.removingSuffix].contains { suffix in
        name.hasSuffix(suffix) && GenerationNumber(directoryName: name.dropLast(suffix.count)) != nil
      }
      if isLeftover { try Disk.removeDirectory(path + "/" + name) }
    }
  }

  /// Removes the unfinished generations of interrupted trainers and nothing else: a promotion may be under way.
  /// REQUIRES: no trainer of this tenant is running.
  package func removePartials() throws(ModelFault) {
    for name in try Disk.names(in: path) where name.hasSuffix(GenerationNumber.partialSuffix) {
      if GenerationNumber(directoryName: name.dropLast(GenerationNumber.partialSuffix.count)) != nil {
        try Disk.removeDirectory(path + "/" + name)
      }
    }
  }

  /// Makes the shelf's directory, and the one above it, if they are missing.
  package func make() throws(ModelFault) {
    if Disk.isDirectory(path) { return }
    let parent = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(
      separator: "/")
    if !parent.isEmpty, try Disk.makeDirectory(parent) { try Disk.syncDirectory(parent + "/..") }
    _ = try Disk.makeDirectory(path)
    try Disk.syncDirectory(parent.isEmpty ? "." : parent)
  }

  /// Finished generations, oldest first.
  private func numbers() throws(ModelFault) -> [GenerationNumber] {
    try Disk.names(in: path).compactMap { GenerationNumber(directoryName: $0) }.sorted()
  }

  private func lastNumber() throws(ModelFault) -> UInt64 {
    let file = path + "/" + Self.lastNumberName
    if !Disk.exists(file) { return 0 }
    let bytes = try Disk.read(file, limit: 32)
    guard bytes.last == UInt8(ascii: "\n"),
      let number = UInt64(String(decoding: bytes.dropLast(), as: UTF8.self))
    else {
      throw ModelFault(
        .corrupt, file: file, "It is not a number. Remove it: counting goes on after the highest directory.")
    }
    return number
  }

  /// The first file that is missing or has another size than the manifest says, or empty.
  private func sizeProblem(_ manifest: Manifest) -> String {
    for array in manifest.arrays {
      let file = path(of: manifest.generation) + "/" + array.file
      guard let size = Disk.size(of: file) else {
        return "\(file): It does not exist. \(ModelFault.trainAgain)"
      }
      if size != array.bytes {
        return
          "\(file): It has \(size) bytes where the manifest says \(array.bytes). \(ModelFault.trainAgain)"
      }
    }
    return ""
  }
}
