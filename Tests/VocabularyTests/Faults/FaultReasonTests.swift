import Testing
import Vocabulary

@Suite struct FaultReasonTests {
  @Test func everyReasonIsSnakeCaseAndNeverOK() {
    for reason in FaultReason.allCases {
      #expect(reason.code != .ok, "\(reason)")
      #expect(
        reason.rawValue.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 95 },
        "\(reason.rawValue)")
    }
  }
}

@Suite struct NumberedWordsTests {
  /// Raw values are stored or sent: this list is the record of what was given away.
  @Test func eventTypesKeepTheirNumbers() {
    let numbers = EventType.allCases.map { "\($0.name)=\($0.rawValue)" }
    #expect(
      numbers == [
        "impression=1", "view=2", "click=3", "search=4", "like=5", "dislike=6", "rate=7", "add_to_cart=8",
        "purchase=9", "play=10", "share=11", "comment=12", "hide=13",
      ])
    for type in EventType.allCases { #expect(EventType(name: type.name) == type) }
    #expect(EventType(name: "purchased") == nil)
  }

  @Test func methodsKeepTheirNumbers() {
    let numbers = Method.allCases.map { "\($0.name)=\($0.rawValue)" }
    #expect(
      numbers == [
        "Health.Check=1", "Health.Hello=2", "Ingest.IngestEvents=16", "Ingest.PutItems=17",
        "Ingest.PutUsers=18", "Ingest.DeleteItems=19", "Recommender.Recommend=32", "Recommender.Similar=33",
        "Recommender.Complete=34", "Recommender.Rank=35", "Recommender.RecommendPage=36",
        "Recommender.Explain=37", "Recommender.WhyNot=38", "Recommender.Replay=39",
        "Recommender.Bundles=40", "Admin.Status=48", "Admin.Train=49",
        "Admin.Generations=50", "Admin.Snapshot=51",
        "Admin.DeadLetters=52", "Admin.Scrub=53", "Admin.Drain=54", "Admin.Config=55",
        "Admin.GetItems=56", "Admin.GetUser=57", "Admin.Experiments=58",
      ])
  }

  @Test func weightsAnswerForEveryType() {
    var weights = EventWeights.standard
    #expect(weights[.purchase] == 10)
    #expect(weights.isPositive(.view))
    #expect(!weights.isPositive(.hide))
    #expect(!weights.isPositive(.impression))
    weights[.view] = 0
    #expect(!weights.isPositive(.view))
  }
}

@Suite struct LimitsTests {
  /// Derived limits hold for the numbers they are derived from.
  @Test func limitsFitEachOther() {
    #expect(Limits.metaBytesMax < Limits.frameBytesMax)
    #expect(Limits.logRecordBytesMax <= Limits.logSegmentBytesMax)
    #expect(Limits.commitGroupBytesMax >= Limits.frameBytesMax)
    #expect(Limits.itemsMax < Int(UInt32.max))
    #expect(Limits.batchItemsMax <= Limits.commitGroupEntriesMax)
    #expect(Limits.metaBytesMax <= Int(UInt16.max))
  }
}
