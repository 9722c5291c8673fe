import Boosting
import Models
import Testing
import Training
import Vocabulary

/// Whole runs: trees earn their place or stay out, and the manifest says why.
@Suite struct BlendRunTests {
  @Test func treesThatWinAreStored() throws {
    let steps = Chains.steps(seed: 21)
    try Chains.train(steps, learner: TreeBooster.learn) { generation in
      let manifest = generation.manifest
      let fusion = try #require(manifest.metrics["fusion"]?["NDCG@10"])
      let blend = try #require(manifest.metrics["blend"]?["NDCG@10"])
      let ranking = try #require(manifest.ranking)
      #expect(blend > fusion, "\(ranking.reason)")
      #expect(ranking.served == "blend", "\(ranking.reason)")
      let model = try #require(generation.blend)
      #expect(ranking.reason.contains("\(model.trees.roots.count) trees"))
      #expect(model.popularity.contains { $0 > 0 })
      #expect(manifest.settings["blend"] == "on")
    }
  }

  /// A learner of nonsense: likes what every source ranks low.
  @Test func treesThatLoseStayOut() throws {
    let upsideDown: TreeLearner = { (_) throws(TrainingFault) in
      guard
        let table = TreeTable(
          roots: [0],
          nodes: [
            TreeTable.Node(
              feature: UInt32(BlendFeature.transitionsRank.rawValue), threshold: 0.05, left: 1, right: 2,
              defaultsLeft: true),
            TreeTable.Node(leaf: 1), TreeTable.Node(leaf: -1),
          ], baseScore: 0, featureCount: BlendFeature.count)
      else { throw TrainingFault(.numbersFailed, "no tree") }
      return table
    }
    try Chains.train(Chains.steps(seed: 22), learner: upsideDown) { generation in
      let manifest = generation.manifest
      #expect(generation.blend == nil)
      let fusion = try #require(manifest.metrics["fusion"]?["NDCG@10"])
      #expect(try #require(manifest.metrics["blend"]?["NDCG@10"]) < fusion)
      #expect(manifest.ranking?.served == "fusion")
      #expect(manifest.ranking?.reason.contains("does not win") == true)
    }
  }

  @Test func tooLittleDataIsSaid() throws {
    let steps = Chains.steps(seed: 23, users: 20, items: 15, perUser: 10)
    try Chains.train(steps, learner: TreeBooster.learn) { generation in
      #expect(generation.blend == nil)
      #expect(generation.manifest.metrics["blend"] == nil)
      #expect(generation.manifest.metrics["fusion"] != nil)
      #expect(generation.manifest.ranking?.reason.hasPrefix("Too little data") == true)
    }
  }

  @Test func offMeansOff() throws {
    try Chains.train(Chains.steps(seed: 24), learner: TreeBooster.learn, { $0.blend = false }) { generation in
      #expect(generation.blend == nil)
      #expect(generation.manifest.ranking?.reason == "blend is off.")
      #expect(generation.manifest.settings["blend"] == "off")
    }
  }

  /// The same log gives the same trees whatever the number of threads.
  @Test func sameBytesWithAnyThreads() throws {
    let steps = Chains.steps(seed: 25)
    var found: [[String: String]] = []
    for threads in [1, 3] {
      try Chains.train(steps, learner: TreeBooster.learn, { $0.threads = threads }) { generation in
        let arrays = generation.manifest.arrays.filter { $0.name.hasPrefix("blend.") }
        #expect(arrays.count == 8)
        found.append(Dictionary(uniqueKeysWithValues: arrays.map { ($0.name, $0.sha256) }))
      }
    }
    #expect(found.first == found.last)
  }
}
