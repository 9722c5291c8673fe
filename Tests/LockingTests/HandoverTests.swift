import Locking
import Testing

@Suite struct HandoverTests {
  @Test func keepsOrderAndRefusesWhatDoesNotFit() {
    let way = Handover<Int>(capacity: 3)
    #expect(way.take() == nil)
    for number in 0..<4 { #expect(way.put(number)) }
    #expect(!way.put(4), "four places: three rounded up")
    #expect(way.take() == 0)
    #expect(way.put(4))
    #expect((1...4).map { _ in way.take() } == [1, 2, 3, 4])
    #expect(way.take() == nil)
  }

  /// One thread gives, another takes: nothing is lost, doubled or out of order.
  @Test func betweenThreads() async {
    let way = Handover<[Int]>(capacity: 64)
    let count = 50_000
    let giver = Task.detached {
      var number = 0
      while number < count {
        if way.put([number]) { number += 1 } else { await Task.yield() }
      }
    }
    var expected = 0
    while expected < count {
      guard let taken = way.take() else {
        await Task.yield()
        continue
      }
      #expect(taken == [expected])
      expected += 1
    }
    await giver.value
    #expect(way.take() == nil)
  }
}
