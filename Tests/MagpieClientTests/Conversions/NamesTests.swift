import MagpieClient
import Testing

/// Both sides must know the same names: a value that one lacks would silently vanish from replies.
@Suite struct NamesTests {
  @Test func everyNameThatTravelsHasAPublicCase() {
    #expect(WireNames.eventTypes == EventType.allCases.map(\.rawValue))
    #expect(WireNames.sources == Source.allCases.map(\.rawValue))
    #expect(WireNames.explanations == ExplanationCode.allCases.map(\.rawValue))
    #expect(WireNames.fallbacks == Fallback.allCases.map(\.rawValue))
    #expect(WireNames.steps == Step.allCases.map(\.rawValue))
    #expect(WireNames.trainingStates == TrainingState.allCases.map(\.rawValue))
  }

  @Test func everyStatusHasAPublicCode() {
    #expect(WireNames.statuses == MagpieError.Code.allCases.map { $0.rawValue })
    #expect(WireNames.statusNames == MagpieError.Code.allCases.map(\.name))
  }

  @Test func freshIdentifiersAreLongAndDiffer() {
    let ids = (0..<1000).map { _ in Event.freshIdentifier() }
    #expect(Set(ids).count == 1000)
    #expect(ids.allSatisfy { $0.utf8.count == 32 })
  }
}
