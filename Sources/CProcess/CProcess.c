#define _GNU_SOURCE
#include "CProcess.h"

#include <malloc.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

int magpie_die_with_parent(pid_t parent) {
  if (prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0) != 0) return -1;
  // The parent may have died between fork and prctl; then no signal will ever come.
  return getppid() == parent ? 0 : 1;
}

int magpie_set_niceness(int niceness) { return setpriority(PRIO_PROCESS, 0, niceness); }

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

int magpie_limit_memory(uint64_t bytes) {
#ifdef SANITIZED
  (void)bytes;
  return 0;
#else
  struct rlimit limit;
  if (getrlimit(RLIMIT_DATA, &limit) != 0) return -1;
  if (limit.rlim_max == RLIM_INFINITY || bytes < limit.rlim_max) limit.rlim_cur = bytes;
  else limit.rlim_cur = limit.rlim_max;
  return setrlimit(RLIMIT_DATA, &limit);
#endif
}

uint64_t magpie_granted_memory(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_DATA, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return UINT64_MAX;
  return limit.rlim_cur;
}

int magpie_volunteer_for_oom(int score) {
  char text[16];
  int length = snprintf(text, sizeof text, "%d", score);
  int file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (file < 0) return -1;
  ssize_t written = write(file, text, (size_t)length);
  int saved = errno;
  close(file);
  errno = saved;
  return written == length ? 0 : -1;
}

int magpie_spawn_close_from(posix_spawn_file_actions_t *actions, int lowest) {
  return posix_spawn_file_actions_addclosefrom_np(actions, lowest);
}

void magpie_start_writeback(int file, int64_t offset, int64_t count) {
  (void)sync_file_range(file, offset, count, SYNC_FILE_RANGE_WRITE);
}

// Set before the handler is, read by it only.
static char exhaustion_line[1024];
static size_t exhaustion_length;
static int exhaustion_file = STDERR_FILENO;
static int exhaustion_code = 1;

static void on_trap(int signal_number) {
  // The failed allocation was this thread's last system call that failed, if the trap is its consequence.
  if (errno == ENOMEM) {
    // Both calls may be made in a signal handler. A line that cannot be written is no reason to hang.
    ssize_t ignored = write(exhaustion_file, exhaustion_line, exhaustion_length);
    (void)ignored;
    _exit(exhaustion_code);
  }
  // SA_RESETHAND restored the default: the same instruction traps again, or raise ends the process.
  raise(signal_number);
}

int magpie_explain_exhaustion(const char *line, int file, int code) {
  size_t length = strlen(line);
  if (length > sizeof exhaustion_line) length = sizeof exhaustion_line;
  memcpy(exhaustion_line, line, length);
  exhaustion_length = length;
  exhaustion_file = file;
  exhaustion_code = code;
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_trap;
  action.sa_flags = (int)SA_RESETHAND;
  sigemptyset(&action.sa_mask);
  const int traps[] = {SIGILL, SIGTRAP, SIGSEGV, SIGABRT, SIGBUS};
  for (size_t index = 0; index < sizeof traps / sizeof *traps; index++)
    if (sigaction(traps[index], &action, NULL) != 0) return -1;
  return 0;
}

int magpie_map_large_allocations(int bytes) { return mallopt(M_MMAP_THRESHOLD, bytes) == 1 ? 0 : -1; }

void magpie_return_memory(void) { malloc_trim(0); }
