import Vocabulary

/// What a request wants the changes at run time to be.
extension ConfigurationDesk {
  /// - Parameter number: of the change that this will be.
  static func wanted(
    _ request: ConfigRequest, _ before: [ConfigurationChange], number: UInt64
  ) throws(Fault) -> [ConfigurationChange] {
    let wanted: [ConfigurationChange]
    switch request.action {
    case .apply: wanted = try file(request.file)
    case .check where !request.file.isEmpty: wanted = try file(request.file)
    case .reset: wanted = try reset(request, before)
    default: wanted = try set(request.changes, on: before, number: number)
    }
    guard wanted.count <= Limits.configurationChangesMax,
      wanted.reduce(0, { $0 + $1.path.utf8.count + size($1.value) }) <= Limits.configurationBytesMax
    else {
      throw Fault(
        .tooMany,
        "At most \(Limits.configurationChangesMax) keys can be changed at run time; write the others in the file.",
        field: "changes")
    }
    return wanted
  }

  private static func size(_ value: ConfigurationValue) -> Int {
    switch value {
    case .plain(let text), .quoted(let text): text.utf8.count
    case .list(let texts): texts.reduce(0) { $0 + $1.utf8.count + 1 }
    case .nothing: 0
    }
  }

  private static func file(_ bytes: [UInt8]) throws(Fault) -> [ConfigurationChange] {
    guard bytes.count <= Limits.configurationBytesMax else {
      throw Fault(
        .textTooLong,
        "The file has \(bytes.count) bytes; at most \(Limits.configurationBytesMax) can be sent.",
        field: "file")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Fault(.textInvalid, "The file is not UTF-8 text.", field: "file")
    }
    do throws(ConfigurationFault) {
      let changes = try ConfigurationFile(text: text, name: "the file").entries.map { entry in
        ConfigurationChange(
          path: entry.path, value: entry.value, origin: .file(path: "the file", line: entry.line))
      }
      for change in changes { try requireChangeable(change) }
      return changes
    } catch {
      throw Fault(.configurationInvalid, error.description, field: error.key)
    }
  }

  private static func set(
    _ asked: [ConfigRequest.Change], on before: [ConfigurationChange], number: UInt64
  ) throws(Fault) -> [ConfigurationChange] {
    guard !asked.isEmpty else {
      throw Fault(.missingField, "Nothing is changed: name a key and its value.", field: "changes")
    }
    var changes = before
    for one in asked {
      let path = try String(checking: one.path, field: "changes.path", bytesMax: Limits.attributeBytesMax)
      let text = try String(
        checking: one.value, field: "changes.value", bytesMax: 2 * Limits.expressionBytesMax)
      let change = ConfigurationChange(path: path, value: .plain(text), origin: .runTime(number))
      do throws(ConfigurationFault) {
        try requireChangeable(change)
      } catch {
        throw Fault(.configurationInvalid, error.description, field: error.key)
      }
      changes.removeAll { $0.path == path }
      changes.append(change)
    }
    return changes
  }

  /// A key, or a section with all that is below it.
  private static func reset(
    _ request: ConfigRequest, _ before: [ConfigurationChange]
  ) throws(Fault) -> [ConfigurationChange] {
    if request.isAll { return [] }
    guard !request.changes.isEmpty else {
      throw Fault(.missingField, "Name the keys to take back, or take back all.", field: "changes")
    }
    var changes = before
    for one in request.changes {
      let path = String(decoding: one.path, as: UTF8.self)
      let count = changes.count
      changes.removeAll { $0.path == path || $0.path.hasPrefix(path + ".") }
      guard changes.count < count else {
        let all = before.map(\.path).joined(separator: ", ")
        throw Fault(
          .configurationInvalid,
          "\(path) was not changed at run time. \(before.isEmpty ? "Nothing was." : "What was: \(all).")",
          field: path)
      }
    }
    return changes
  }

  /// Refuses what would need a restart, or would let a caller of the daemon run programs or reach other files. Keys that
  /// do not exist are left to `Configuration`, which knows what they are like.
  private static func requireChangeable(_ change: ConfigurationChange) throws(ConfigurationFault) {
    guard Configuration.isKnown(change.path), !Configuration.isChangeable(change.path) else { return }
    throw ConfigurationFault(
      change.origin, key: change.path,
      "It cannot be changed while the daemon runs; write it in the configuration file and restart.")
  }
}
