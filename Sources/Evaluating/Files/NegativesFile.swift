/// Questions with the items that compete: `(user,item) TAB item TAB item …`, one question a line.
package struct NegativesFile: Sendable {
  package struct Question: Sendable {
    package let user: UInt32
    package let item: UInt32
    /// Without the right item itself, each once.
    package let others: [UInt32]
  }

  package let questions: [Question]
  /// Lines whose right item stood among its own negatives and was dropped there.
  package let ownNegatives: Int

  /// - Throws: `file` or `bad_data`.
  package init(_ path: String, reader: inout DataReader) throws(EvaluationFault) {
    let file = try TextFile(path: path)
    var questions: [Question] = []
    var own = 0
    try file.forEachLine { (number, line) throws(EvaluationFault) in
      func bad(_ what: String) -> EvaluationFault {
        EvaluationFault(file: path, line: number, "\(what); write (user,item) TAB item TAB item …")
      }
      let words = Fields.words(line)
      guard let head = words.first, head.first == UInt8(ascii: "("), head.last == UInt8(ascii: ")") else {
        throw bad("the line does not begin with a pair in parentheses")
      }
      let pair = head.dropFirst().dropLast()
      guard let comma = pair.lastIndex(of: UInt8(ascii: ",")), comma > pair.startIndex,
        comma + 1 < pair.endIndex
      else { throw bad("the parentheses do not hold a user, a comma and an item") }
      let user = reader.user(pair[..<comma])
      let item = reader.item(pair[(comma + 1)...])
      var others: [UInt32] = []
      var taken: Set<UInt32> = [item]
      for word in words.dropFirst() {
        let other = reader.item(word)
        if other == item { own += 1 }
        if taken.insert(other).inserted { others.append(other) }
      }
      if others.isEmpty { throw bad("there are no negatives") }
      questions.append(Question(user: user, item: item, others: others))
    }
    self.questions = questions
    ownNegatives = own
  }
}
