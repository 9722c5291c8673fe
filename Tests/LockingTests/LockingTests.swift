import Foundation
import Locking
import Testing

@Suite struct LockedTests {
  @Test func countsEveryIncrementOfEveryThread() {
    let counter = Locked(0)
    DispatchQueue.concurrentPerform(iterations: 8) { _ in
      for _ in 0..<10_000 { counter.withLock { $0 += 1 } }
    }
    #expect(counter.withLock { $0 } == 80_000)
  }

  @Test func keepsTheErrorType() {
    struct Refused: Error {}
    let locked = Locked(1)
    #expect(throws: Refused.self) {
      try locked.withLock { (value: inout Int) throws(Refused) in
        value = 2
        throw Refused()
      }
    }
    #expect(locked.withLock { $0 } == 2)
  }
}

@Suite struct MailboxTests {
  @Test func deliversEverythingInOrderOfEachSender() {
    let mailbox = Mailbox<(sender: Int, number: Int)>()
    let senders = 4
    let each = 5_000
    let received = Locked<[[Int]]>(Array(repeating: [], count: senders))
    let taker = Thread {
      var batch: [(sender: Int, number: Int)] = []
      while mailbox.take(into: &batch) {
        received.withLock { lists in
          for element in batch { lists[element.sender].append(element.number) }
        }
        batch.removeAll(keepingCapacity: true)
      }
      received.withLock { lists in lists.append([]) }
    }
    taker.start()
    DispatchQueue.concurrentPerform(iterations: senders) { sender in
      for number in 0..<each { #expect(mailbox.put((sender, number))) }
    }
    mailbox.close()
    while received.withLock({ $0.count }) == senders { usleep(1000) }
    for sender in 0..<senders {
      #expect(received.withLock { $0[sender] } == Array(0..<each))
    }
  }

  /// The wait for more ends with what was hoped for, with time, and with the mailbox.
  @Test func givesWhatThereIsWhereHopeIsInVain() {
    let mailbox = Mailbox<Int>()
    var batch: [Int] = []
    for number in 1...3 { #expect(mailbox.put(number)) }
    #expect(mailbox.take(into: &batch, hopingFor: 2, nanoseconds: 999_999_999))
    #expect(batch == [1, 2, 3])
    batch = []
    #expect(mailbox.put(4))
    #expect(mailbox.take(into: &batch, hopingFor: 2, nanoseconds: 1))
    #expect(batch == [4])
    batch = []
    #expect(mailbox.put(5))
    mailbox.close()
    #expect(mailbox.take(into: &batch, hopingFor: 2, nanoseconds: 999_999_999))
    #expect(batch == [5])
    batch = []
    #expect(!mailbox.take(into: &batch, hopingFor: 2, nanoseconds: 999_999_999))
  }

  @Test func whoeverHopesIsWokenByTheLastElementHopedFor() {
    let mailbox = Mailbox<Int>()
    let given = Locked([Int]())
    let taker = Thread {
      var batch: [Int] = []
      while mailbox.take(into: &batch, hopingFor: 5, nanoseconds: 999_999_999) {
        given.withLock { $0 += batch }
        batch.removeAll()
      }
      given.withLock { $0.append(-1) }
    }
    taker.start()
    for number in 0..<100 { #expect(mailbox.put(number)) }
    mailbox.close()
    while given.withLock({ $0.last }) != -1 { usleep(1000) }
    #expect(given.withLock { $0 } == Array(0..<100) + [-1])
  }

  @Test func closedMailboxGivesWhatIsInsideAndRefusesMore() {
    let mailbox = Mailbox<Int>()
    #expect(mailbox.put(1))
    mailbox.close()
    #expect(!mailbox.put(2))
    var batch: [Int] = []
    #expect(mailbox.take(into: &batch))
    #expect(batch == [1])
    batch.removeAll()
    #expect(!mailbox.take(into: &batch))
  }
}
