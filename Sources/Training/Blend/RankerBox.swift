/// A ranker of any kind, for lists of different ones. One indirect call for a batch of queries, so it costs
/// nothing that counts.
package struct RankerBox: Ranker {
  package let itemCount: Int
  private let make: @Sendable () -> any Sendable
  private let run: @Sendable ([Query], UnsafeMutablePointer<Float>, any Sendable) -> Void

  package init(_ ranker: some Ranker) {
    itemCount = ranker.itemCount
    make = { ranker.makeScratch() }
    run = { queries, scores, scratch in Self.open(ranker, queries, scores, scratch) }
  }

  private static func open<R: Ranker>(
    _ ranker: R, _ queries: [Query], _ scores: UnsafeMutablePointer<Float>, _ scratch: any Sendable
  ) {
    // Somebody else's scratch would be a mistake of the caller; a new one still gives the right scores.
    ranker.score(queries, into: scores, scratch: scratch as? R.Scratch ?? ranker.makeScratch())
  }

  /// What the boxed ranker's scratch is, without its type.
  package struct Scratch: Sendable {
    fileprivate let content: any Sendable
  }

  package func makeScratch() -> Scratch { Scratch(content: make()) }

  package func score(_ queries: [Query], into output: UnsafeMutablePointer<Float>, scratch: Scratch) {
    run(queries, output, scratch.content)
  }
}
