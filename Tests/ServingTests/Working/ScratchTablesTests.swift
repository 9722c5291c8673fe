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

  @Test func sumsStartAtZero() {
    let sums = RowSums()
    func add(_ rows: [UInt32], _ scores: [Float], _ weight: Float) {
      rows.withUnsafeBufferPointer { rows in
        scores.withUnsafeBufferPointer { sums.add(rows, $0, weight: weight) }
      }
    }
    sums.begin(4)
    add([3, 1], [0.5, 0.25], 1)
    add([1, 9], [1, 1], 0.5)
    #expect(sums.touched == [3, 1] && sums.sum(3) == 0.5 && sums.sum(1) == 0.75 && sums.sum(0) == 0)
    sums.begin(4)
    #expect(sums.touched.isEmpty && sums.sum(3) == 0)
  }
}
