import Glibc
import Vocabulary

/// Instructions with their constants, and the loop that runs them.
struct Program: Sendable {
  let instructions: [Instruction]
  let names: [String]
  let texts: [String]
  let textLists: [[String]]
  let numberLists: [[Double]]
  private let stackSize: Int

  init(_ compiler: Compiler) {
    instructions = compiler.instructions
    names = compiler.names
    texts = compiler.texts
    textLists = compiler.textLists
    numberLists = compiler.numberLists
    stackSize = compiler.depthMax + 1
  }

  /// The value on the stack at the end. Every jump goes forward, so this ends.
  func run(_ input: borrowing ExpressionInput) -> Double {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: stackSize) { stack in
      stack.initialize(repeating: 0)
      var top = -1
      var place = 0
      while place < instructions.count {
        let instruction = instructions[place]
        place += 1
        switch instruction {
        case .constant(let value): top += 1; stack[top] = value
        case .number(let source): top += 1; stack[top] = number(source, input)
        case .flag(let source): top += 1; stack[top] = flag(source, input) ? 1 : 0
        case .has(let presence): top += 1; stack[top] = has(presence, input) ? 1 : 0
        case .jumpIfFalse(let target): if stack[top] == 0 { place = target } else { top -= 1 }
        case .jumpIfTrue(let target): if stack[top] != 0 { place = target } else { top -= 1 }
        case .jumpIfPresent(let target): if stack[top].isNaN { top -= 1 } else { place = target }
        case .branchIfFalse(let target):
          if stack[top] == 0 { place = target }
          top -= 1
        case .jump(let target): place = target
        case .textEqual(let left, let right):
          top += 1
          stack[top] = areEqual(text(left, input), text(right, input)) ? 1 : 0
        case .textInTexts(let element, let list):
          top += 1
          stack[top] = contains(texts(list, input), text(element, input)) ? 1 : 0
        case .overlap(let left, let right):
          top += 1
          stack[top] = overlap(texts(left, input), texts(right, input)) ? 1 : 0
        case .contains(let whole, let part):
          top += 1
          stack[top] = holds(text(whole, input), text(part, input)) ? 1 : 0
        case .startsWith(let whole, let beginning):
          top += 1
          stack[top] = begins(text(whole, input), text(beginning, input)) ? 1 : 0
        case .size(let list): top += 1; stack[top] = Double(texts(list, input).count)
        case .distance(let from, let to):
          top += 1
          stack[top] = Self.kilometres(point(from, input), point(to, input))
        case .numberInList(let list):
          stack[top] = numberLists[list].contains(stack[top]) ? 1 : 0
        case .negate, .not, .absolute, .squareRoot, .logarithm, .exponential, .roundDown, .roundUp, .hour,
          .weekday:
          stack[top] = Self.unary(instruction, stack[top])
        case .add, .subtract, .multiply, .divide, .remainder, .equal, .unequal, .less, .lessOrEqual, .greater,
          .greaterOrEqual, .minimum, .maximum:
          top -= 1
          stack[top] = Self.binary(instruction, stack[top], stack[top + 1])
        }
      }
      return stack[0]
    }
  }

  // MARK: Arithmetic

  /// Infinities count as missing, so that no comparison with one is ever true by accident.
  private static func finite(_ value: Double) -> Double { value.isFinite ? value : .nan }

  private static func unary(_ instruction: Instruction, _ value: Double) -> Double {
    switch instruction {
    case .negate: -value
    case .not: value == 0 ? 1 : 0
    case .absolute: abs(value)
    case .squareRoot: finite(value.squareRoot())
    case .logarithm: finite(log(value))
    case .exponential: finite(exp(value))
    case .roundDown: value.rounded(.down)
    case .roundUp: value.rounded(.up)
    case .hour: ((value / 3_600).rounded(.down)).modulo(24)
    // 1 January 1970 was a Thursday.
    case .weekday: ((value / 86_400).rounded(.down) + 3).modulo(7) + 1
    default: .nan
    }
  }

  private static func binary(_ instruction: Instruction, _ left: Double, _ right: Double) -> Double {
    switch instruction {
    case .add: finite(left + right)
    case .subtract: finite(left - right)
    case .multiply: finite(left * right)
    case .divide: finite(left / right)
    case .remainder: right == 0 ? .nan : finite(left.modulo(right))
    case .equal: left == right ? 1 : 0
    case .unequal: left != right ? 1 : 0
    case .less: left < right ? 1 : 0
    case .lessOrEqual: left <= right ? 1 : 0
    case .greater: left > right ? 1 : 0
    case .greaterOrEqual: left >= right ? 1 : 0
    case .minimum: left.isNaN || right.isNaN ? .nan : min(left, right)
    case .maximum: left.isNaN || right.isNaN ? .nan : max(left, right)
    default: .nan
    }
  }

  /// Great-circle distance by the haversine formula on a sphere of 6,371.0088 km (the Earth's mean radius), at most
  /// half a percent off. NaN if a place is missing.
  static func kilometres(_ from: GeoPoint?, _ to: GeoPoint?) -> Double {
    guard let from, let to else { return .nan }
    let radians = Double.pi / 180
    let (latitude, otherLatitude) = (from.latitude * radians, to.latitude * radians)
    let halfLatitude = sin((otherLatitude - latitude) / 2)
    let halfLongitude = sin((to.longitude - from.longitude) * radians / 2)
    let squared =
      halfLatitude * halfLatitude + cos(latitude) * cos(otherLatitude) * halfLongitude * halfLongitude
    return 2 * 6_371.0088 * asin(min(1, squared.squareRoot()))
  }
}

extension Double {
  /// The remainder with the sign of the divisor: what a clock does.
  fileprivate func modulo(_ divisor: Double) -> Double {
    let remainder = truncatingRemainder(dividingBy: divisor)
    return remainder != 0 && (remainder < 0) != (divisor < 0) ? remainder + divisor : remainder
  }
}
