import CMessages
import Vocabulary

/// `GateVerdict` of a generation.
extension AdminCodec {
  static func encode(_ gate: GateVerdict, into writer: inout MessageWriter) {
    writer.flag(1, gate.passed)
    writer.flag(2, gate.isRefused)
    writer.text(3, gate.mode)
    writer.text(4, gate.metric)
    writer.double(5, gate.margin)
    writer.text(6, gate.served)
    writer.text(7, gate.rule)
    writer.text(8, gate.reason)
    for comparison in gate.comparisons {
      writer.message(9) { writer in
        writer.text(1, comparison.against)
        writer.number(2, comparison.questions)
        writer.double(3, comparison.value)
        writer.double(4, comparison.other)
        writer.double(5, comparison.difference)
        writer.double(6, comparison.standardError)
        writer.flag(7, comparison.holds)
        writer.text(8, comparison.note)
        writer.flag(9, comparison.decides)
      }
    }
  }

  static func verdict(_ message: borrowing Magpie__V1__GateVerdict) throws(Fault) -> GateVerdict {
    var gate = GateVerdict()
    gate.passed = message.passed != 0
    gate.isRefused = message.refused != 0
    gate.mode = text(message.mode)
    gate.metric = text(message.metric)
    gate.margin = message.margin
    gate.served = text(message.served)
    gate.rule = text(message.rule)
    gate.reason = text(message.reason)
    gate.comparisons = try messages(message.comparisons, message.n_comparisons) { message in
      var comparison = GateComparison(against: text(message.against))
      comparison.questions = message.questions
      comparison.value = message.value
      comparison.other = message.other
      comparison.difference = message.difference
      comparison.standardError = message.standard_error
      comparison.holds = message.holds != 0
      comparison.note = text(message.note)
      comparison.decides = message.decides != 0
      return comparison
    }
    return gate
  }
}
