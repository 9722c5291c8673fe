/// With which probability a policy chooses each action under each circumstance.
package struct ChoicePolicy: Sendable {
  /// Group, then action, then probability; what is not there is never chosen.
  private var table: [String: [String: Double]] = [:]
  /// For people: where it is from.
  package let origin: String

  /// Sums of a group's probabilities may be off by this much: they were rounded when they were written.
  static let tolerance = 0.01

  /// From a CSV file with the action, the group columns and `probability`.
  /// - Throws: as `ChoiceTable`; `bad_data` if a group's probabilities do not sum to 1.
  package init(file path: String, columns: ChoiceTable.Columns) throws(EvaluationFault) {
    origin = path
    let rows = try TextTable(path: path)
    let action = try rows.place(columns.action, ChoiceTable.usual.action, "action")
    let probability = try rows.place("probability", [], "policy")
    var groups: [Int] = []
    for name in columns.groups { groups.append(try rows.place(name, [], "by")) }
    var read: [String: [String: Double]] = [:]
    try rows.forEachRow { (line, cells) throws(EvaluationFault) in
      let value = try ChoiceTable.value(cells[probability], "probability", path, line)
      guard value >= 0, value <= 1 else {
        throw EvaluationFault(file: path, line: line, "the probability \(value) is not 0 to 1.")
      }
      let group = groups.map { cells[$0] }.joined(separator: ChoiceTable.separator)
      guard read[group, default: [:]].updateValue(value, forKey: cells[action]) == nil else {
        throw EvaluationFault(file: path, line: line, "\(cells[action]) has a probability already.")
      }
    }
    table = read
    for (group, actions) in table.sorted(by: { $0.key < $1.key }) {
      let sum = actions.values.reduce(0, +)
      guard abs(sum - 1) <= Self.tolerance else {
        let name =
          group.isEmpty ? "" : " of \(group.split(separator: ChoiceTable.separator).joined(separator: ", "))"
        throw EvaluationFault(
          .badData, "\(path): the probabilities\(name) sum to \((sum * 1e6).rounded() / 1e6), not to 1.")
      }
    }
  }

  /// From what a policy chose: the share of each action within each group of its own log.
  package init(choicesOf log: ChoiceTable) {
    origin = "\(log.path), shares of \(log.count) choices"
    var counts: [String: [String: Double]] = [:]
    for choice in 0..<log.count {
      counts[log.groupNames[log.groups[choice]], default: [:]][
        log.actionNames[log.actions[choice]], default: 0] += 1
    }
    table = counts.mapValues { actions in
      let sum = actions.values.reduce(0, +)
      return actions.mapValues { $0 / sum }
    }
  }

  package func probability(of action: String, in group: String) -> Double { table[group]?[action] ?? 0 }

  package func actions(in group: String) -> [String: Double] { table[group] ?? [:] }
}
