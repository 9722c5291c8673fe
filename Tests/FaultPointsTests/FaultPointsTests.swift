import FaultPoints
import Testing

@Suite struct FaultPointsTests {
  @Test("An order is a name, or a name and a number from 1 on")
  func orders() throws {
    #expect(try FaultPoints.Order("log.written") == .init(.logWritten, reach: 1))
    #expect(try FaultPoints.Order("log.written:30") == .init(.logWritten, reach: 30))
    for point in FaultPoint.allCases {
      let order = FaultPoints.Order(point, reach: 7)
      #expect(try FaultPoints.Order(order.text) == order)
    }
  }

  @Test(
    "Anything else is refused, so that a test that misspells a point does not pass for nothing",
    arguments: [
      "", ":", "log", "log.written:", "log.written:0", "log.written:-1", "log.written:x", "LOG.WRITTEN",
    ])
  func refused(text: String) {
    #expect(throws: FaultPoints.Refusal.self) { try FaultPoints.Order(text) }
  }

  @Test("Nothing happens in a program that was not armed")
  func unarmed() {
    for point in FaultPoint.allCases {
      #expect(!FaultPoints.isDue(point))
      FaultPoints.reach(point)
    }
  }
}
