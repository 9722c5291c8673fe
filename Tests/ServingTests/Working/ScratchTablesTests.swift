import Serving
import Testing
import Vocabulary

/// The tables that are cleared by counting: what one request wrote, the next must not see.
@Suite struct ScratchTablesTests {
  @Test func marksLastOneRequest() {
    let marks = MarkTable()
    marks.begin(3)
    let isMarked = [
      marks.mark(ItemIndex(1), .seen),
      marks.mark(ItemIndex(1), .excluded),  // the first reason stays
      marks.mark(ItemIndex(3), .excluded),  // beyond the catalogue
    ]
    #expect(isMarked == [true, false, false])
    #expect(marks[ItemIndex(1)] == .seen && marks[ItemIndex(0)] == nil && marks.marked == [1])
    marks.begin(5)
    #expect(marks[ItemIndex(1)] == nil && marks[ItemIndex(4)] == nil && marks.marked.isEmpty)
    for reason in DropReason.allCases {
      marks.begin(1)
      marks.mark(ItemIndex(0), reason)
      #expect(marks[ItemIndex(0)] == reason)
    }
  }

  @Test func candidatesAreInTheSetOnce() {
    let candidates = CandidateSet()
    candidates.begin(4)
    candidates.offer(ItemIndex(2), .popular, rank: 1, score: 9)
    candidates.offer(ItemIndex(0), .ials, rank: 1, score: 0.5)
    candidates.offer(ItemIndex(2), .transitions, rank: 3, score: 0.25)
    candidates.offer(ItemIndex(2), .popular, rank: 7, score: 1)
    #expect(candidates.items == [ItemIndex(2), ItemIndex(0)])
    #expect(candidates.opinion(0, .popular) == CandidateSet.Opinion(rank: 1, score: 9))
    #expect(candidates.opinion(0, .transitions) == CandidateSet.Opinion(rank: 3, score: 0.25))
    #expect(candidates.opinion(1, .popular).rank == 0)
    #expect(candidates.personalCount == 2 && candidates.isPersonal(0))
    #expect(candidates.contains(ItemIndex(0)) && !candidates.contains(ItemIndex(1)))
    candidates.begin(4)
    #expect(candidates.count == 0 && candidates.personalCount == 0 && !candidates.contains(ItemIndex(2)))
    candidates.offer(ItemIndex(2), .newest, rank: 1, score: 1)
    #expect(candidates.opinion(0, .popular).rank == 0 && !candidates.isPersonal(0))
  }

  @Test func everySourceHasAPlace() {
    for source in SourceKind.allCases {
      #expect(source.rawValue > 0 && Int(source.rawValue) < CandidateSet.opinionStride)
      let candidates = CandidateSet()
      candidates.begin(1)
      candidates.offer(ItemIndex(0), source, rank: 4, score: 2)
      for other in SourceKind.allCases {
        #expect(candidates.opinion(0, other).rank == (other == source ? 4 : 0))
      }
    }
  }
}
