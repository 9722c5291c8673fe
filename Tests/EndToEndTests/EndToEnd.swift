import Testing

/// Real programs on real sockets and disks, started from the directory the tests were built into.
///
/// One at a time: each starts processes of its own, and a machine with two cores would measure only their
/// quarrel. Every body runs on a thread of its own (`onThread`), because waiting for processes and sockets
/// blocks, and the threads of Swift's pool belong to the other tests.
@Suite(.serialized)
struct EndToEnd {}
