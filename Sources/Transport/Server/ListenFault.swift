/// The daemon cannot listen where it was told to.
package struct ListenFault: Error, Sendable, CustomStringConvertible {
  /// One sentence for people: what happened and what to do.
  package let message: String
  /// The `errno` of the system call, or zero.
  package let errorNumber: Int32

  package var description: String { message }
}
