// Faults for a program that does not know of them, by LD_PRELOAD: slow, failing, short and interrupted system calls, and
// a clock that is wrong. Each is off unless its variable is set. Built by Tests/Torture/Shim/build.
//
//   SHIM_SYNC_DELAY_US=N        every fsync and fdatasync takes N microseconds longer
//   SHIM_FAIL=CALL:ERRNO:N[:TEXT]
//                               the Nth CALL (pwrite, fsync, fdatasync, rename, open) on a path that contains TEXT fails
//                               with that number, and every one after it too if N is followed by +
//   SHIM_SHORT_WRITES=1         every second pwrite takes only half of what it is given
//   SHIM_INTERRUPTED=1          every third pwrite fails with EINTR first
//   SHIM_CLOCK_SECONDS=N        the real-time clock is N seconds ahead (behind if negative)
//   SHIM_CLOCK_FILE=PATH        the same, from 8 bytes (int64) of a file that may change at any time

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static useconds_t sync_delay;
static char fail_call[32], fail_text[256];
static int fail_errno, fail_persists, short_writes, interrupted;
static long fail_at;
static volatile long fail_seen, writes_seen;
static int64_t clock_seconds;
static const volatile int64_t *clock_file;

__attribute__((constructor)) static void read_orders(void) {
  const char *text;
  if ((text = getenv("SHIM_SYNC_DELAY_US"))) sync_delay = (useconds_t)atol(text);
  if ((text = getenv("SHIM_FAIL"))) {
    char number[32] = "";
    if (sscanf(text, "%31[^:]:%d:%31[^:]:%255[^\n]", fail_call, &fail_errno, number, fail_text) < 3) {
      fprintf(stderr, "SHIM_FAIL is '%s'; it must be CALL:ERRNO:N[:TEXT]\n", text);
      _exit(64);
    }
    fail_at = atol(number);
    fail_persists = strchr(number, '+') != NULL;
  }
  short_writes = getenv("SHIM_SHORT_WRITES") != NULL;
  interrupted = getenv("SHIM_INTERRUPTED") != NULL;
  if ((text = getenv("SHIM_CLOCK_SECONDS"))) clock_seconds = atoll(text);
  if ((text = getenv("SHIM_CLOCK_FILE"))) {
    int descriptor = open(text, O_RDONLY | O_CLOEXEC);
    void *mapped = descriptor < 0 ? MAP_FAILED : mmap(NULL, 8, PROT_READ, MAP_SHARED, descriptor, 0);
    if (mapped == MAP_FAILED) {
      fprintf(stderr, "SHIM_CLOCK_FILE %s: %s\n", text, strerror(errno));
      _exit(64);
    }
    clock_file = mapped;
    close(descriptor);
  }
}

#define NEXT(name, type, ...)                                    \
  static type (*next)(__VA_ARGS__);                              \
  if (!next) next = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

// Whether this call is the one that fails; sets errno.
static int fails(const char *call, const char *path) {
  if (!fail_at || strcmp(call, fail_call) != 0 || !strstr(path, fail_text)) return 0;
  long seen = __sync_add_and_fetch(&fail_seen, 1);
  if (seen != fail_at && !(fail_persists && seen > fail_at)) return 0;
  errno = fail_errno;
  return 1;
}

static int fails_on(const char *call, int descriptor) {
  if (!fail_at || strcmp(call, fail_call) != 0) return 0;
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t count = readlink(link, path, sizeof path - 1);
  path[count < 0 ? 0 : count] = 0;
  return fails(call, path);
}

int fsync(int descriptor) {
  NEXT("fsync", int, int);
  if (sync_delay) usleep(sync_delay);
  return fails_on("fsync", descriptor) ? -1 : next(descriptor);
}

int fdatasync(int descriptor) {
  NEXT("fdatasync", int, int);
  if (sync_delay) usleep(sync_delay);
  return fails_on("fdatasync", descriptor) ? -1 : next(descriptor);
}

// Returns how much may be written, or 0 with errno set.
static size_t granted(int descriptor, size_t count) {
  if (fails_on("pwrite", descriptor)) return 0;
  long seen = __sync_add_and_fetch(&writes_seen, 1);
  if (interrupted && seen % 3 == 0) {
    errno = EINTR;
    return 0;
  }
  return short_writes && seen % 2 == 0 && count > 1 ? count / 2 : count;
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
  NEXT("pwrite", ssize_t, int, const void *, size_t, off_t);
  size_t some = count ? granted(descriptor, count) : 0;
  return some || !count ? next(descriptor, bytes, some, offset) : -1;
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t offset) {
  NEXT("pwrite64", ssize_t, int, const void *, size_t, off64_t);
  size_t some = count ? granted(descriptor, count) : 0;
  return some || !count ? next(descriptor, bytes, some, offset) : -1;
}

int rename(const char *from, const char *to) {
  NEXT("rename", int, const char *, const char *);
  return fails("rename", to) ? -1 : next(from, to);
}

static int64_t seconds_ahead(void) { return clock_seconds + (clock_file ? *clock_file : 0); }

int clock_gettime(clockid_t clock, struct timespec *now) {
  NEXT("clock_gettime", int, clockid_t, struct timespec *);
  int result = next(clock, now);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += seconds_ahead();
  return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  NEXT("gettimeofday", int, struct timeval *restrict, void *restrict);
  int result = next(now, zone);
  if (result == 0) now->tv_sec += seconds_ahead();
  return result;
}

time_t time(time_t *out) {
  struct timespec now;
  if (clock_gettime(CLOCK_REALTIME, &now) != 0) return (time_t)-1;
  if (out) *out = now.tv_sec;
  return now.tv_sec;
}

int open(const char *path, int flags, ...) {
  NEXT("open", int, const char *, int, ...);
  va_list list;
  va_start(list, flags);
  mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0;
  va_end(list);
  return fails("open", path) ? -1 : next(path, flags, mode);
}
