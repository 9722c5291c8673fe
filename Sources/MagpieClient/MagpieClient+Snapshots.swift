import Vocabulary

extension MagpieClient {
  /// The daemon's snapshots, newest first.
  public func snapshots(timeout: Duration? = nil) async throws(MagpieError) -> SnapshotListing {
    try await snapshots(.list, timeout: timeout)
  }

  /// Begins to make a snapshot. `status` tells how it goes, in `snapshot`; the job's number is in the reply. Never
  /// retried after it was sent.
  /// - Throws: `snapshot_busy` while another is being made or verified.
  public func createSnapshot(timeout: Duration? = nil) async throws(MagpieError) -> SnapshotListing {
    try await snapshots(.create, timeout: timeout)
  }

  /// Begins to read a snapshot whole and to check every byte; `status` tells how it goes.
  /// - Parameter name: its name, the beginning of it, or `latest`.
  /// - Throws: `snapshot_unknown`, `snapshot_busy`.
  public func verifySnapshot(_ name: String, timeout: Duration? = nil) async throws(MagpieError)
    -> SnapshotListing
  {
    try await snapshots(.verify, name: name, timeout: timeout)
  }

  /// Removes all but the newest `keep` usable snapshots; the reply names them.
  public func pruneSnapshots(keep: Int, timeout: Duration? = nil) async throws(MagpieError) -> SnapshotListing
  {
    try await snapshots(.prune, keep: UInt64(clamping: keep), timeout: timeout)
  }

  private func snapshots(
    _ action: SnapshotRequest.Action, name: String = "", keep: UInt64 = 0, timeout: Duration?
  ) async throws(MagpieError) -> SnapshotListing {
    var request = SnapshotRequest()
    request.action = action
    request.name = name
    request.keep = keep
    guard case .snapshot(let reply) = try await call(.snapshot(request), timeout: timeout) else {
      throw mismatch(.snapshot)
    }
    return SnapshotListing(reply)
  }
}
