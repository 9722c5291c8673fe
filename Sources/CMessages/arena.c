#include "arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>

/* An ordinary request fits the first block, so unpacking it calls malloc not once. */
enum { first_block_bytes = 64 * 1024, next_block_bytes = 256 * 1024 };

typedef struct block {
  struct block *next;
  size_t capacity;
  alignas(16) unsigned char bytes[];
} block;

/* Invariant: used <= limit; cursor lies in the newest block, which heads the list; the first block ends it. */
struct magpie_arena {
  ProtobufCAllocator allocator;
  block *newest;
  size_t cursor;
  size_t used;
  size_t limit;
  int overflowed;
};

static block *make_block(size_t capacity, block *next) {
  block *made = malloc(sizeof(block) + capacity);
  if (made == NULL) return NULL;
  made->next = next;
  made->capacity = capacity;
  return made;
}

static void *arena_alloc(void *context, size_t size) {
  magpie_arena *arena = context;
  if (size > arena->limit) {
    arena->overflowed = 1;
    return NULL;
  }
  size_t rounded = (size + 15) & ~(size_t)15;
  if (rounded > arena->limit - arena->used) {
    arena->overflowed = 1;
    return NULL;
  }
  if (rounded > arena->newest->capacity - arena->cursor) {
    size_t capacity = rounded > next_block_bytes ? rounded : next_block_bytes;
    block *made = make_block(capacity, arena->newest);
    if (made == NULL) {
      arena->overflowed = 1;
      return NULL;
    }
    arena->newest = made;
    arena->cursor = 0;
  }
  void *result = arena->newest->bytes + arena->cursor;
  arena->cursor += rounded;
  arena->used += rounded;
  return result;
}

static void arena_free(void *context, void *pointer) {
  (void)context;
  (void)pointer;
}

magpie_arena *magpie_arena_create(size_t limit) {
  magpie_arena *arena = malloc(sizeof(magpie_arena));
  if (arena == NULL) return NULL;
  /* Rounded down so that rounding a size up can never pass the limit unnoticed. */
  arena->limit = limit & ~(size_t)15;
  arena->newest = make_block(first_block_bytes, NULL);
  if (arena->newest == NULL) {
    free(arena);
    return NULL;
  }
  arena->allocator.alloc = arena_alloc;
  arena->allocator.free = arena_free;
  arena->allocator.allocator_data = arena;
  arena->cursor = 0;
  arena->used = 0;
  arena->overflowed = 0;
  return arena;
}

void magpie_arena_destroy(magpie_arena *arena) {
  if (arena == NULL) return;
  for (block *each = arena->newest; each != NULL;) {
    block *next = each->next;
    free(each);
    each = next;
  }
  free(arena);
}

ProtobufCAllocator *magpie_arena_allocator(magpie_arena *arena) { return &arena->allocator; }

void magpie_arena_reset(magpie_arena *arena) {
  while (arena->newest->next != NULL) {
    block *next = arena->newest->next;
    free(arena->newest);
    arena->newest = next;
  }
  arena->cursor = 0;
  arena->used = 0;
  arena->overflowed = 0;
}

size_t magpie_arena_used(const magpie_arena *arena) { return arena->used; }

int magpie_arena_overflowed(const magpie_arena *arena) { return arena->overflowed; }
