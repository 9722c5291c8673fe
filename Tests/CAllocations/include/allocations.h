// Counts what one thread takes from the heap, for tests that say "this allocates nothing".
#pragma once
#include <stdint.h>

// Allocations of the calling thread so far. Always 0 where counting is not possible: under a sanitizer.
uint64_t allocations_of_this_thread(void);

// 1 if allocations are counted in this build.
int allocations_are_counted(void);
