/// A model of rewards for doubly robust estimates: the mean reward of each action within each group, drawn towards the
/// action's mean over all groups and that towards everybody's, the more the fewer choices it rests on.
///
/// Cross-fitted: a choice is judged by a model that never saw it or its fold, or the estimate would be biased by
/// what the model remembers (Chernozhukov et al. 2018).
package struct RewardModel: Sendable {
  /// Parts of the log; each is judged by a model of the others.
  package static let folds = 5
  /// Choices that the mean one level up counts as.
  package static let shrinkage = 20.0

  private struct Tally {
    var sum = 0.0
    var count = 0.0
  }

  private let actions: Int
  private let groups: Int
  /// By fold, then group, then action.
  private let cells: [Tally]
  private let perAction: [Tally]
  private let all: [Tally]

  /// - Parameters: action and group of each choice, with its reward; choice i is in fold i mod `folds`.
  ///   REQUIRES: as many of each; numbers below `actions` and `groups`.
  package init(action: [Int], group: [Int], reward: [Double], actions: Int, groups: Int) {
    self.actions = actions
    self.groups = groups
    var cells = [Tally](repeating: Tally(), count: Self.folds * actions * groups)
    var perAction = [Tally](repeating: Tally(), count: Self.folds * actions)
    var all = [Tally](repeating: Tally(), count: Self.folds)
    for choice in action.indices {
      for fold in 0..<Self.folds where fold != choice % Self.folds {
        let (row, value) = (fold * groups + group[choice], reward[choice])
        cells[row * actions + action[choice]].sum += value
        cells[row * actions + action[choice]].count += 1
        perAction[fold * actions + action[choice]].sum += value
        perAction[fold * actions + action[choice]].count += 1
        all[fold].sum += value
        all[fold].count += 1
      }
    }
    self.cells = cells
    self.perAction = perAction
    self.all = all
  }

  /// The reward expected of an action, by the model that may judge the choice. O(1).
  package func expected(of action: Int, in group: Int, forChoice choice: Int) -> Double {
    let fold = choice % Self.folds
    let overall = all[fold].count > 0 ? all[fold].sum / all[fold].count : 0
    let own = perAction[fold * actions + action]
    let byAction = (own.sum + Self.shrinkage * overall) / (own.count + Self.shrinkage)
    let cell = cells[(fold * groups + group) * actions + action]
    return (cell.sum + Self.shrinkage * byAction) / (cell.count + Self.shrinkage)
  }
}
