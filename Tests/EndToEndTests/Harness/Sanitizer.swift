import Glibc

/// Whether tests and programs were built with a sanitizer: then what a process takes of memory says nothing, because shadow and
/// quarantine are most of it, and a limit on private memory would end it at once.
enum Sanitizer {
  static let isOn = ["__asan_init", "__tsan_init"].contains { dlsym(nil, $0) != nil }
}
