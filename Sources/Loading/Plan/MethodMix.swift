import Vocabulary

/// What a run asks for.
package enum LoadMethod: Int, Sendable, Hashable, CaseIterable {
  case recommend, ingest, similar, complete, check

  package var name: String {
    switch self {
    case .recommend: "recommend"
    case .ingest: "ingest"
    case .similar: "similar"
    case .complete: "complete"
    case .check: "check"
    }
  }

  /// Its number on the wire.
  package var method: Method {
    switch self {
    case .recommend: .recommend
    case .ingest: .ingestEvents
    case .similar: .similar
    case .complete: .complete
    case .check: .check
    }
  }
}

/// How often each method is asked, as weights.
package struct MethodMix: Sendable, Hashable {
  /// By `LoadMethod.rawValue`; not negative, their sum positive.
  package let weights: [Double]
  private let sums: [Double]

  /// Reads `recommend=8,ingest=2`. A name alone has weight 1.
  package init(_ text: String) throws(LoadFault) {
    var weights = [Double](repeating: 0, count: LoadMethod.allCases.count)
    let names = LoadMethod.allCases.map(\.name).joined(separator: ", ")
    for part in text.split(separator: ",") {
      let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = sides[0].trimmed
      guard let method = LoadMethod.allCases.first(where: { $0.name == name }) else {
        throw LoadFault(.plan, "The mix names '\(name)'; known are \(names).")
      }
      let weight = sides.count == 1 ? 1 : Double(sides[1].trimmed)
      guard let weight, weight.isFinite, weight >= 0 else {
        throw LoadFault(.plan, "The weight of \(name) in the mix must be a number that is not negative.")
      }
      weights[method.rawValue] += weight
    }
    guard weights.reduce(0, +) > 0 else {
      throw LoadFault(.plan, "The mix '\(text)' asks for nothing; write for instance recommend=8,ingest=2.")
    }
    self.weights = weights
    var sum = 0.0
    sums = weights.map {
      sum += $0
      return sum
    }
  }

  package func includes(_ method: LoadMethod) -> Bool { weights[method.rawValue] > 0 }

  /// A method by its weight. O(methods).
  package func draw(_ numbers: inout SplitMix) -> LoadMethod {
    let point = numbers.nextUnit() * (sums.last ?? 0)
    let index = sums.firstIndex { point < $0 } ?? 0
    return LoadMethod(rawValue: index) ?? .check
  }

  /// `recommend 80 %, ingest 20 %`
  package var text: String {
    let sum = weights.reduce(0, +)
    return LoadMethod.allCases.filter(includes).map { method in
      "\(method.name) \(Figures.decimals(100 * weights[method.rawValue] / sum, 1)) %"
    }.joined(separator: ", ")
  }
}

extension Substring {
  /// Without blanks at both ends.
  var trimmed: String {
    String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}
