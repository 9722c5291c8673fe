/// Where a number comes from; one that is missing is NaN.
enum NumberSource: Sendable, Hashable {
  case price, stock, created, availableFrom, availableUntil, time
  case attribute(AttributeReference)
}

/// Where a text comes from.
enum TextSource: Sendable, Hashable {
  case itemIdentifier, title, description, currency, owner, userIdentifier
  case attribute(AttributeReference)
  case constant(Int)
}

/// Where a list of texts comes from. An attribute that is a single text is a list of one.
enum TextsSource: Sendable, Hashable {
  case categories
  case attribute(AttributeReference)
  case constant(Int)
}

/// Where a flag comes from; one that is missing is false.
enum FlagSource: Sendable, Hashable {
  case isBundle
  case attribute(AttributeReference)
}

/// Where a place comes from.
enum PointSource: Sendable, Hashable {
  case item, context
  case constant(latitude: Double, longitude: Double)
}

/// A free attribute: whose, and the place of its name in the program's table.
struct AttributeReference: Sendable, Hashable {
  var owner: FieldName.Owner
  var name: Int
}

/// One step of a program over a stack of numbers. Flags are 1 and 0, so that jumps and arithmetic share the stack;
/// texts, lists and places never lie on it, because only comparisons take them.
enum Instruction: Sendable, Hashable {
  case constant(Double)
  case number(NumberSource)
  case flag(FlagSource)
  case has(Presence)

  case negate, not
  case add, subtract, multiply, divide, remainder
  case equal, unequal, less, lessOrEqual, greater, greaterOrEqual
  case minimum, maximum
  case absolute, squareRoot, logarithm, exponential, roundDown, roundUp
  /// Of a time in seconds since 1970, UTC: 0 to 23; Monday 1 to Sunday 7.
  case hour, weekday

  /// Leaves a false (or true) one on the stack and goes on at the place; takes another one off and goes on behind.
  case jumpIfFalse(Int)
  case jumpIfTrue(Int)
  /// The same for one that is not missing: the left side of `??`.
  case jumpIfPresent(Int)
  /// Takes the condition off and goes to the place if it is false.
  case branchIfFalse(Int)
  case jump(Int)

  case numberInList(Int)
  case textEqual(TextSource, TextSource)
  case textInTexts(TextSource, TextsSource)
  case overlap(TextsSource, TextsSource)
  case contains(TextSource, TextSource)
  case startsWith(TextSource, TextSource)
  case size(TextsSource)
  /// Kilometres between two places.
  case distance(PointSource, PointSource)

  /// What `has` asks about.
  enum Presence: Sendable, Hashable {
    case number(NumberSource)
    case text(TextSource)
    case texts(TextsSource)
    case point(PointSource)
    case attribute(AttributeReference)
  }

  /// By how much it makes the stack grow when it does not jump.
  var growth: Int {
    switch self {
    case .constant, .number, .flag, .has, .textEqual, .textInTexts, .overlap, .contains, .startsWith, .size,
      .distance:
      1
    case .negate, .not, .absolute, .squareRoot, .logarithm, .exponential, .roundDown, .roundUp, .hour,
      .weekday,
      .numberInList, .jump:
      0
    case .add, .subtract, .multiply, .divide, .remainder, .equal, .unequal, .less, .lessOrEqual, .greater,
      .greaterOrEqual, .minimum, .maximum, .jumpIfFalse, .jumpIfTrue, .jumpIfPresent, .branchIfFalse:
      -1
    }
  }
}
