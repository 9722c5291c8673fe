// Makes the Nth call of one kind fail in a process that knows nothing of it. Built by FaultSweepTests, and loaded with
// LD_PRELOAD; no target of the package.
//
//   MAGPIE_FAULT_KIND     write, sync, rename, open, mmap, accept or allocate
//   MAGPIE_FAULT_AT       the number of the call, from 1; 0 only counts
//   MAGPIE_FAULT_ACTION   the errno to give, or "kill"
//   MAGPIE_FAULT_UNDER    only files below this directory count (write, sync, rename, open, mmap)
//   MAGPIE_FAULT_COUNTER  a file of 16 bytes: calls so far, and whether one failed
//
// Only the first process that loads it counts: its children, such as a trainer, are left alone.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum kind { NONE, WRITE, SYNC, RENAME, OPEN, MMAP, ACCEPT, ALLOCATE };

// Buffers that are bounded, but large: what a request or a file makes the daemon take.
static const size_t large = 64 * 1024;

static enum kind wanted = NONE;
static uint64_t at;
static int number = EIO;
static int kills;
static char under[PATH_MAX];
static size_t under_length;
static struct {
  _Atomic uint64_t calls;
  _Atomic uint64_t struck;
} *counter;

static enum kind kind_of(const char *name) {
  static const char *names[] = {"", "write", "sync", "rename", "open", "mmap", "accept", "allocate"};
  for (int kind = WRITE; kind <= ALLOCATE; kind++)
    if (strcmp(name, names[kind]) == 0) return (enum kind)kind;
  return NONE;
}

__attribute__((constructor)) static void begin(void) {
  const char *kind = getenv("MAGPIE_FAULT_KIND"), *path = getenv("MAGPIE_FAULT_COUNTER");
  if (kind == NULL || path == NULL) return;
  const char *count = getenv("MAGPIE_FAULT_AT"), *action = getenv("MAGPIE_FAULT_ACTION");
  const char *directory = getenv("MAGPIE_FAULT_UNDER");
  at = count ? strtoull(count, NULL, 10) : 0;
  if (action) {
    kills = strcmp(action, "kill") == 0;
    if (!kills) number = atoi(action);
  }
  if (directory) under_length = strlen(strncpy(under, directory, sizeof under - 1));
  int file = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC);
  if (file < 0) return;
  void *memory = (void *)syscall(
      SYS_mmap, NULL, 4096L, (long)(PROT_READ | PROT_WRITE), (long)MAP_SHARED, (long)file, 0L);
  syscall(SYS_close, file);
  if (memory == MAP_FAILED) return;
  counter = memory;
  unsetenv("LD_PRELOAD");
  unsetenv("MAGPIE_FAULT_KIND");
  wanted = kind_of(kind);
}

// Whether this call shall fail. errno is set then.
static int strikes(enum kind kind) {
  if (kind != wanted || counter == NULL) return 0;
  if (atomic_fetch_add(&counter->calls, 1) + 1 != at) return 0;
  atomic_store(&counter->struck, 1);
  if (kills) syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
  errno = number;
  return 1;
}

static int is_below(const char *path) {
  return under_length == 0 || strncmp(path, under, under_length) == 0;
}

static int is_file_below(int file) {
  if (under_length == 0) return 1;
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  long length = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof path - 1);
  if (length <= 0) return 0;
  path[length] = 0;
  return is_below(path);
}

#define NEXT(function) \
  static __typeof__(&function) next; \
  if (next == NULL) next = (__typeof__(&function))dlsym(RTLD_NEXT, #function)

ssize_t write(int file, const void *bytes, size_t count) {
  NEXT(write);
  if (wanted == WRITE && is_file_below(file) && strikes(WRITE)) {
    // Half of it got there, as on a disk that is full.
    int given = errno;
    if (count > 1) next(file, bytes, count / 2);
    errno = given;
    return -1;
  }
  return next(file, bytes, count);
}

static ssize_t write_at(
    ssize_t (*next)(int, const void *, size_t, off_t), int file, const void *bytes, size_t count, off_t place) {
  if (wanted == WRITE && is_file_below(file) && strikes(WRITE)) {
    int given = errno;
    if (count > 1) next(file, bytes, count / 2, place);
    errno = given;
    return -1;
  }
  return next(file, bytes, count, place);
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t place) {
  NEXT(pwrite);
  return write_at(next, file, bytes, count, place);
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off_t place) {
  NEXT(pwrite64);
  return write_at(next, file, bytes, count, place);
}

int fsync(int file) {
  NEXT(fsync);
  if (wanted == SYNC && is_file_below(file) && strikes(SYNC)) return -1;
  return next(file);
}

int fdatasync(int file) {
  NEXT(fdatasync);
  if (wanted == SYNC && is_file_below(file) && strikes(SYNC)) return -1;
  return next(file);
}

int rename(const char *from, const char *to) {
  NEXT(rename);
  if (wanted == RENAME && is_below(from) && strikes(RENAME)) return -1;
  return next(from, to);
}

static int open_at(int (*next)(const char *, int, ...), const char *path, int flags, mode_t mode) {
  if (wanted == OPEN && is_below(path) && strikes(OPEN)) return -1;
  return next(path, flags, mode);
}

int open(const char *path, int flags, ...) {
  NEXT(open);
  va_list arguments;
  va_start(arguments, flags);
  mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  return open_at(next, path, flags, mode);
}

int open64(const char *path, int flags, ...) {
  NEXT(open64);
  va_list arguments;
  va_start(arguments, flags);
  mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  return open_at(next, path, flags, mode);
}

void *mmap(void *address, size_t length, int protection, int flags, int file, off_t offset) {
  if (wanted == MMAP && file >= 0 && is_file_below(file) && strikes(MMAP)) return MAP_FAILED;
  return (void *)syscall(SYS_mmap, address, length, (long)protection, (long)flags, (long)file, (long)offset);
}

void *mmap64(void *address, size_t length, int protection, int flags, int file, off_t offset) {
  return mmap(address, length, protection, flags, file, offset);
}

int accept4(int socket, struct sockaddr *address, socklen_t *length, int flags) {
  NEXT(accept4);
  // Only a call that would have given a connection counts; the connection is lost with it.
  int accepted = next(socket, address, length, flags);
  if (accepted < 0 || wanted != ACCEPT || !strikes(ACCEPT)) return accepted;
  int given = errno;
  close(accepted);
  errno = given;
  return -1;
}

extern void *__libc_malloc(size_t);

void *malloc(size_t size) {
  if (wanted == ALLOCATE && size >= large && strikes(ALLOCATE)) return NULL;
  return __libc_malloc(size);
}
