import Vocabulary

extension [UInt8] {
  /// `withUnsafeBytes` that keeps the type of the error.
  func withBytes<Result>(
    _ body: (UnsafeRawBufferPointer) throws(Fault) -> Result
  ) throws(Fault) -> Result {
    try withUnsafeBytes { bytes -> Swift.Result<Result, Fault> in
      do throws(Fault) { return .success(try body(bytes)) } catch { return .failure(error) }
    }.get()
  }
}
