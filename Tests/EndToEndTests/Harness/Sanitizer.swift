import Glibc

/// Whether tests and programs were built with a sanitizer: then what a process takes of memory says nothing, because shadow and
/// quarantine are most of it, and a limit on private memory would end it at once.
enum Sanitizer {
  static let isOn = dlsym(nil, "__asan_init") != nil || dlsym(nil, "__tsan_init") != nil
}
