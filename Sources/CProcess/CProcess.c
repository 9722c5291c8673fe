#define _GNU_SOURCE
#include "CProcess.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

int magpie_die_with_parent(pid_t parent) {
  if (prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0) != 0) return -1;
  // The parent may have died between fork and prctl; then no signal will ever come.
  return getppid() == parent ? 0 : 1;
}

int magpie_set_niceness(int niceness) { return setpriority(PRIO_PROCESS, 0, niceness); }

int magpie_limit_memory(uint64_t bytes) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_DATA, &limit) != 0) return -1;
  if (limit.rlim_max == RLIM_INFINITY || bytes < limit.rlim_max) limit.rlim_cur = bytes;
  else limit.rlim_cur = limit.rlim_max;
  return setrlimit(RLIMIT_DATA, &limit);
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
