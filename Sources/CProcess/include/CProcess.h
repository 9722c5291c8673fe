// What a process may ask the kernel about itself. Variadic or macro-typed calls that Swift cannot import.
#pragma once
#include <spawn.h>
#include <stdint.h>
#include <sys/types.h>

// Has the kernel send SIGTERM to this process when its parent dies. `parent` is the parent's process id as seen
// before the call; if it is no longer the parent, the parent died already.
// Returns 0, -1 with errno set, or 1 if the parent is gone.
int magpie_die_with_parent(pid_t parent);

// Sets the niceness of the whole process. Returns 0, or -1 with errno set.
int magpie_set_niceness(int niceness);

// Limits private writable memory (RLIMIT_DATA), so that a mistake in a memory estimate ends this process and not
// its neighbours. Returns 0, or -1 with errno set. In a build with a sanitizer it limits nothing: what a sanitizer keeps of
// each byte is private memory too, and in no estimate.
int magpie_limit_memory(uint64_t bytes);

// Private writable memory the system grants this process (the soft RLIMIT_DATA, `ulimit -d`); UINT64_MAX without a limit.
uint64_t magpie_granted_memory(void);

// Offers this process to the kernel's out-of-memory killer before others (0 to 1000). Returns 0, or -1 with errno
// set.
int magpie_volunteer_for_oom(int score);

// Makes a process to be spawned close every descriptor from `lowest` on, whatever libraries left open.
// Returns 0 or an error number.
int magpie_spawn_close_from(posix_spawn_file_actions_t *actions, int lowest);

// Has the kernel begin to write these bytes of an open file to the disk, and returns at once. A hint: nothing is durable
// before an fsync, which then has less to do.
void magpie_start_writeback(int file, int64_t offset, int64_t count);

// Where an allocation fails, Swift traps and C libraries crash or abort, without a word. From now on such an end, told
// by errno being ENOMEM on the thread that trapped, writes `line` to `file` and exits with `code`; any other trap ends
// the process as before. Call once, before threads are made. Returns 0, or -1 with errno set.
int magpie_explain_exhaustion(const char *line, int file, int code);

// Has the allocator take pieces of at least `bytes` from the kernel one by one and give each back when it is freed.
// Returns 0, or -1 where the allocator does not know that.
int magpie_map_large_allocations(int bytes);

// Has the allocator give back to the system what it holds and nobody uses. May take some milliseconds.
void magpie_return_memory(void);
