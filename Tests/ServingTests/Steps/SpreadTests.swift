import Serving
import Testing
import Vocabulary

@Suite struct SpreadTests {
  @Test func keepsTheOrderAndRemovesRepeats() throws {
    let world = try World()
    try world.put("a", "b", "c")
    let scratch = ReadScratch()
    let context = world.context()
    try scratch.start(context)
    for item in [2, 0, 1] as [UInt32] {
      scratch.candidates.offer(ItemIndex(item), .popular, rank: 1, score: 1)
    }
    scratch.order = [1, 0, 1, 2, 0, 0]
    Spread.run(context, scratch)
    #expect(scratch.order == [1, 0, 2])
  }
}
