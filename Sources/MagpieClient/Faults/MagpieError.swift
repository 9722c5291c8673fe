import Vocabulary

/// Why a call, or one thing within it, was not done.
public struct MagpieError: Error, Sendable, Hashable {
  /// The status; numbers and meanings are gRPC's.
  public enum Code: UInt16, Sendable, Hashable, CaseIterable {
    /// The caller gave up.
    case cancelled = 1
    /// Nobody knows.
    case unknown = 2
    /// The request is wrong; sending it again will not help.
    case invalidArgument = 3
    /// Time ran out. What was asked may have been done.
    case deadlineExceeded = 4
    /// No such thing.
    case notFound = 5
    /// It exists, and differs.
    case alreadyExists = 6
    /// Not allowed.
    case permissionDenied = 7
    /// Too much; `retryAfter` says when to try again.
    case resourceExhausted = 8
    /// Something must be done first.
    case failedPrecondition = 9
    /// Lost a race.
    case aborted = 10
    /// Outside what is accepted.
    case outOfRange = 11
    /// The daemon cannot do that.
    case unimplemented = 12
    /// A mistake in the daemon.
    case `internal` = 13
    /// Not there at the moment; trying again may help.
    case unavailable = 14
    /// Data is damaged.
    case dataLoss = 15
    /// Unknown caller.
    case unauthenticated = 16

    /// The name as gRPC spells it.
    public var name: String { StatusCode(rawValue: rawValue)?.name ?? "UNKNOWN" }
  }

  /// What kind of failure.
  public var code: Code
  /// Stable, such as `queue_full`; programs match on it. docs/protocol.md lists them.
  public var reason: String
  /// One sentence for people: what is wrong and what to do.
  public var message: String
  /// The field at fault, if one is.
  public var field: String?
  /// How long to wait before trying again, where waiting helps.
  public var retryAfter: Duration?

  /// Makes an error.
  public init(
    code: Code, reason: String, message: String, field: String? = nil, retryAfter: Duration? = nil
  ) {
    self.code = code
    self.reason = reason
    self.message = message
    self.field = field
    self.retryAfter = retryAfter
  }
}

extension MagpieError: CustomStringConvertible {
  /// `UNAVAILABLE (draining): The daemon is shutting down.`
  public var description: String { "\(code.name) (\(reason)): \(message)" }
}

extension MagpieError {
  /// What the daemon or this library said, in public words.
  package init(_ fault: Fault) {
    self.init(
      code: Code(rawValue: fault.code.rawValue) ?? .unknown, reason: fault.reason.rawValue,
      message: fault.message, field: fault.field.isEmpty ? nil : fault.field,
      retryAfter: fault.retryAfterMilliseconds.map { .milliseconds(Int64($0)) })
  }
}
