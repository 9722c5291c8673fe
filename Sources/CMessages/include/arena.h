#pragma once
#include <protobuf-c/protobuf-c.h>
#include <stddef.h>

/* A bump allocator with a limit, for unpacking one message at a time.
 *
 * Nothing is freed singly; a reset frees everything at once. Beyond the limit an allocation returns NULL, which
 * protobuf-c turns into a failed unpack: that is what bounds the memory a hostile message can cost.
 * Use from one thread at a time. */
typedef struct magpie_arena magpie_arena;

/* NULL if there is no memory. */
magpie_arena *magpie_arena_create(size_t limit);
void magpie_arena_destroy(magpie_arena *arena);

/* Valid as long as the arena. */
ProtobufCAllocator *magpie_arena_allocator(magpie_arena *arena);

/* Everything handed out before becomes invalid. Keeps the first block, gives the rest back. */
void magpie_arena_reset(magpie_arena *arena);

/* Bytes handed out since the last reset, and whether something was refused since then. */
size_t magpie_arena_used(const magpie_arena *arena);
int magpie_arena_overflowed(const magpie_arena *arena);
