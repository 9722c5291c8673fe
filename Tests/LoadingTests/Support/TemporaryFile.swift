import Glibc

/// A path of its own for the length of a test; what is there at the end is removed.
func withTemporaryFile<Result>(_ body: (String) async throws -> Result) async throws -> Result {
  var generator = SystemRandomNumberGenerator()
  let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
  let path = "\(base)/magpie-load-test-\(getpid())-\(generator.next())"
  defer { unlink(path) }
  return try await body(path)
}
