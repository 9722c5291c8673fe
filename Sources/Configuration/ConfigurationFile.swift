import Vocabulary
import Yams

/// A YAML file taken apart into (path, value, line); what the paths mean is decided elsewhere.
struct ConfigurationFile {
  struct Entry: Sendable {
    var path: String
    var value: ConfigurationValue
    var line: Int
  }

  /// Longest configuration file, bytes. A real one has a few thousand.
  static let bytesMax = 1 << 20
  /// Deepest nesting; keys need three.
  private static let depthMax = 8

  private(set) var entries: [Entry] = []
  /// Sections written with nothing or something else than keys below them are checked by their path, too.
  private let name: String

  /// - Parameter name: the file's path, for messages.
  init(text: String, name: String) throws(ConfigurationFault) {
    self.name = name
    let root: Node?
    do {
      root = try Yams.compose(yaml: text)
    } catch let fault as YamlError {
      throw Self.fault(fault, name: name)
    } catch {
      throw ConfigurationFault(.file(path: name, line: 0), key: "", "is not YAML: \(error)")
    }
    guard let root else { return }  // An empty file says nothing.
    if case .scalar(let scalar) = root, scalar.string.isEmpty { return }
    guard case .mapping(let mapping) = root else {
      throw ConfigurationFault(
        .file(path: name, line: root.mark?.line ?? 0), key: "",
        "The file must hold `key: value` lines at its top level.")
    }
    try read(mapping, under: "", depth: 1)
  }

  private mutating func read(_ mapping: Node.Mapping, under prefix: String, depth: Int)
    throws(ConfigurationFault)
  {
    for (keyNode, node) in mapping {
      let line = keyNode.mark?.line ?? node.mark?.line ?? 0
      guard case .scalar(let keyScalar) = keyNode else {
        throw ConfigurationFault(.file(path: name, line: line), key: prefix, "A key must be a plain word.")
      }
      let path = prefix.isEmpty ? keyScalar.string : "\(prefix).\(keyScalar.string)"
      guard depth <= Self.depthMax else {
        throw ConfigurationFault(.file(path: name, line: line), key: path, "is nested too deeply.")
      }
      switch node {
      case .mapping(let inner):
        if inner.isEmpty {
          entries.append(Entry(path: path, value: .nothing, line: line))
        } else {
          try read(inner, under: path, depth: depth + 1)
        }
      case .scalar(let scalar):
        entries.append(Entry(path: path, value: Self.value(scalar), line: line))
      case .sequence(let sequence):
        var texts: [String] = []
        for element in sequence {
          guard case .scalar(let scalar) = element else {
            throw ConfigurationFault(
              .file(path: name, line: element.mark?.line ?? line), key: path,
              "A list may hold plain values only.")
          }
          texts.append(scalar.string)
        }
        entries.append(Entry(path: path, value: .list(texts), line: line))
      case .alias:
        throw ConfigurationFault(
          .file(path: name, line: line), key: path, "Aliases are not allowed; write the value out.")
      }
    }
  }

  private static func value(_ scalar: Node.Scalar) -> ConfigurationValue {
    switch scalar.style {
    case .any, .plain: ["", "~", "null"].contains(scalar.string) ? .nothing : .plain(scalar.string)
    case .singleQuoted, .doubleQuoted, .literal, .folded: .quoted(scalar.string)
    }
  }

  private static func fault(_ error: YamlError, name: String) -> ConfigurationFault {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      ConfigurationFault(
        .file(path: name, line: mark.line), key: "", "This is not YAML: \(problem) (column \(mark.column)).")
    case .duplicatedKeysInMapping(let duplicates, let context):
      ConfigurationFault(
        .file(path: name, line: context.mark.line), key: duplicates.first ?? "",
        "The key is written twice; remove one of them.")
    case .reader(let problem, _, _, _):
      ConfigurationFault(.file(path: name, line: 0), key: "", "The file cannot be read as text: \(problem).")
    default:
      ConfigurationFault(.file(path: name, line: 0), key: "", "This is not YAML: \(error).")
    }
  }
}
