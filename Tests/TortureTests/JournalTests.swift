import Foundation
import Testing
import Torture

@Suite struct JournalTests {
  private func withPath(_ body: (String) throws -> Void) throws {
    let path = NSTemporaryDirectory() + "/magpie-journal-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(path)
  }

  @Test("What was marked and noted is there for whoever opens the file next")
  func survives() throws {
    try withPath { path in
      let journal = try Journal(path)
      try journal.pend(0..<3)
      try journal.note(17, of: 1)
      try journal.pend(3..<4)
      let expected = [Journal.pending, 17, Journal.pending, Journal.pending]
      #expect(journal.slots == expected)
      // Nothing was closed or flushed: the file itself is the memory.
      #expect(try Journal.read(path) == expected)
      #expect(try Journal(path).slots == expected)
    }
  }

  @Test("Marking again what is known does not forget it")
  func keeps() throws {
    try withPath { path in
      let journal = try Journal(path)
      try journal.pend(0..<2)
      try journal.note(5, of: 0)
      try journal.pend(0..<2)
      #expect(journal.slots == [5, Journal.pending])
    }
  }

  @Test("A script says the same again")
  func script() {
    let script = Script(seed: 3, writer: 1)
    for index in [0, 1, 99, 100, 12_345] { #expect(script.event(index) == script.event(index)) }
    #expect(
      script.event(4) != Script(seed: 4, writer: 1).event(4)
        || script.event(5) != Script(seed: 4, writer: 1).event(5))
    #expect(script.user(of: 99) == script.user(of: 0) && script.user(of: 100) != script.user(of: 0))
  }
}
