import CLevelDB
import Vocabulary

/// The options every handle is opened with, and the memory they own.
///
/// Unchecked because the pointers are LevelDB's; they are only read after `init`, and LevelDB's caches and
/// filters are safe for threads.
final class LevelDBOptions: @unchecked Sendable {
  let open: OpaquePointer
  /// For single reads: every block's checksum is verified.
  let get: OpaquePointer
  /// For scans: the same, and blocks are not kept, because a scan meets each once.
  let scan: OpaquePointer
  /// Without fsync: the log holds everything the state does.
  let write: OpaquePointer
  private let cache: OpaquePointer
  private let filter: OpaquePointer

  /// `creating` is set in one place only, where the directory was just made and is empty: where LevelDB may
  /// create what it misses, a lost CURRENT file turns into an empty database without a word.
  init(creating: Bool) {
    cache = leveldb_cache_create_lru(Limits.stateCacheBytes)
    filter = leveldb_filterpolicy_create_bloom(Limits.stateBloomBitsPerKey)
    open = leveldb_options_create()
    leveldb_options_set_create_if_missing(open, creating ? 1 : 0)
    leveldb_options_set_error_if_exists(open, creating ? 1 : 0)
    leveldb_options_set_paranoid_checks(open, 1)
    leveldb_options_set_compression(open, Int32(leveldb_snappy_compression))
    leveldb_options_set_write_buffer_size(open, Limits.stateWriteBufferBytes)
    leveldb_options_set_max_open_files(open, Int32(clamping: Limits.stateOpenFilesMax))
    leveldb_options_set_cache(open, cache)
    leveldb_options_set_filter_policy(open, filter)
    get = leveldb_readoptions_create()
    leveldb_readoptions_set_verify_checksums(get, 1)
    scan = leveldb_readoptions_create()
    leveldb_readoptions_set_verify_checksums(scan, 1)
    leveldb_readoptions_set_fill_cache(scan, 0)
    write = leveldb_writeoptions_create()
    leveldb_writeoptions_set_sync(write, 0)
  }

  deinit {
    leveldb_options_destroy(open)
    leveldb_readoptions_destroy(get)
    leveldb_readoptions_destroy(scan)
    leveldb_writeoptions_destroy(write)
    leveldb_cache_destroy(cache)
    leveldb_filterpolicy_destroy(filter)
  }
}
