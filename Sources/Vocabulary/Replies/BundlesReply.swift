/// A bundle nobody put into the catalogue: items that go together.
package struct ProposedBundle: Sendable, Hashable {
  package struct Member: Sendable, Hashable {
    package var item: ItemIdentifier
    /// Filled if the request asked for titles and the item has one.
    package var title = ""
    package init(item: ItemIdentifier) { self.item = item }
  }

  /// The one it was built around first.
  package var members: [Member] = []
  /// Mean affinity of its pairs; comparable within one reply.
  package var score: Float = 0
  /// Sum of the members' prices; nil unless all have one, in the same currency.
  package var price: Double?
  package var currency = ""
  package init() {}
}

/// Best first, with what is needed to attribute and repeat it.
package struct BundlesReply: Sendable, Hashable {
  package var bundles: [ProposedBundle] = []
  package var recommendation: [UInt8] = []
  package var generation: GenerationNumber = .none
  package var position: Position = .zero
  package var configurationHash: UInt64 = 0
  package var seed: UInt64 = 0
  package var fallbacks: [Fallback] = []
  package init() {}
}

/// One list of a `RecommendPage`: a slate, or what is wrong with this list.
package enum PageList: Sendable, Hashable {
  case slate(Slate)
  case fault(Fault)
}

package struct RecommendPageReply: Sendable, Hashable {
  /// As many as lists were asked for, in their order.
  package var lists: [PageList] = []
  package init() {}
}
