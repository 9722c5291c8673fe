import Estimating
import Evaluating
import Testing

/// Logs and policies in files.
@Suite struct OffPolicyRunTests {
  /// Two positions, three items, uniform logging; clicks at known rates.
  struct Log {
    let directory: TemporaryDirectory
    let path: String
    let rates = [[0.3, 0.1, 0.05], [0.1, 0.2, 0.02]]
    let policy = [[0.7, 0.2, 0.1], [0.1, 0.8, 0.1]]

    init(_ count: Int, seed: UInt64) throws {
      directory = try TemporaryDirectory()
      var random = RandomBits(seed: seed)
      var text = "item_id,position,click,propensity_score,new_policy\n"
      for _ in 0..<count {
        let (position, item) = (random.below(2), random.below(3))
        let click = random.unit() < rates[position][item] ? 1 : 0
        text += "i\(item),\(position + 1),\(click),0.333333333333,\(policy[position][item])\n"
      }
      path = try directory.file("log.csv", text)
    }

    var truth: Double {
      zip(policy, rates).reduce(0) { sum, pair in
        sum + zip(pair.0, pair.1).reduce(0) { $0 + $1.0 * $1.1 } / 2
      }
    }

    func policyFile(_ change: (String) -> String = { $0 }) throws -> String {
      var text = "item_id,position,probability\n"
      for position in 0..<2 {
        for item in 0..<3 { text += "i\(item),\(position + 1),\(policy[position][item])\n" }
      }
      return try directory.file("policy.csv", change(text))
    }
  }

  func run(
    _ log: String, _ question: OffPolicyRun.Question, by groups: [String] = ["position"]
  ) throws(EvaluationFault) -> OffPolicyRun.Outcome {
    var columns = ChoiceTable.Columns()
    columns.groups = groups
    return try OffPolicyRun(log: log, question: question, columns: columns, estimator: OffPolicyEstimator())
      .run()
  }

  @Test func aTableAndAColumnAndALogSayTheSame() throws {
    let log = try Log(30_000, seed: 3)
    let table = try run(log.path, .file(try log.policyFile()))
    #expect(table.actions == 3 && table.groups == 2 && table.hasModel && table.unseen == 0)
    for method in OffPolicyMethod.allCases {
      let estimate = try #require(table.report[method])
      #expect(estimate.interval.contains(log.truth), "seed 3: \(estimate) of \(log.truth)")
      #expect(abs(estimate.value / log.truth - 1) < 0.06, "seed 3: \(estimate) of \(log.truth)")
    }
    let column = try run(log.path, .column("new_policy"))
    #expect(column.report[.snips] == table.report[.snips] && !column.hasModel)
    // The policy's own log, made by the policy: its shares are nearly its probabilities, its mean is the truth.
    var random = RandomBits(seed: 4)
    var text = "item_id,position,click,propensity_score\n"
    for _ in 0..<30_000 {
      let position = random.below(2)
      var (item, left) = (0, random.unit())
      while item < 2, left >= log.policy[position][item] {
        left -= log.policy[position][item]
        item += 1
      }
      let click = random.unit() < log.rates[position][item] ? 1 : 0
      text += "i\(item),\(position + 1),\(click),\(log.policy[position][item])\n"
    }
    let own = try run(log.path, .log(try log.directory.file("own.csv", text)))
    let mean = try #require(own.own)
    #expect(abs(mean.mean - log.truth) < 4 * mean.standardError)
    let (one, other) = (try #require(own.report[.snips]), try #require(table.report[.snips]))
    #expect(abs(one.value - other.value) < 0.005, "seeds 3 and 4")
  }

  @Test func whatTheLogNeverHasIsTold() throws {
    let log = try Log(2_000, seed: 5)
    let path = try log.policyFile { $0.replacingOccurrences("i2,1,0.1", "i9,1,0.1") }
    let outcome = try run(log.path, .file(path))
    #expect(abs(outcome.unseen - 0.05) < 0.005, "half of the choices, a tenth of each: \(outcome.unseen)")
    let strange = try log.directory.file("strange.csv", "item_id,probability\nx,1\n")
    #expect(try run(log.path, .file(strange), by: []).report.refusal == .noSupport)
  }

  @Test func mistakesNameFileAndLine() throws {
    let log = try Log(10, seed: 6)
    func message(_ text: String, _ name: String = "bad.csv") throws -> String {
      let path = try log.directory.file(name, text)
      let policy = try log.policyFile()
      do throws(EvaluationFault) {
        _ = try run(path, .file(policy))
        return "nothing"
      } catch {
        return error.message
      }
    }
    let header = "item_id,position,click,propensity_score\n"
    #expect(
      try message(header + "i0,1,1,0.5\ni0,1,1,0\n").hasSuffix(
        "bad.csv, line 3: the propensity 0.0 is not above 0 and at most 1."))
    #expect(try message(header + "i0,1,yes,0.5\n").contains("line 2: the reward \"yes\" is not a number"))
    #expect(try message(header + "i0,1,1\n").contains("line 2: has 3 fields; the header has 4"))
    #expect(try message(header).contains("holds no choices"))
    #expect(
      try message("a,b\n1,2\n").contains("has no column action or item or item_id; name it with --action"))
    let uneven = try log.policyFile { $0.replacingOccurrences("i0,1,0.7", "i0,1,0.6") }
    do throws(EvaluationFault) {
      _ = try run(log.path, .file(uneven))
      Issue.record("probabilities that do not sum to 1 were taken")
    } catch {
      #expect(error.message.contains("the probabilities of 1 sum to 0.9"), "\(error.message)")
    }
  }
}

extension String {
  fileprivate func replacingOccurrences(_ old: String, _ new: String) -> String { replacing(old, with: new) }
}
