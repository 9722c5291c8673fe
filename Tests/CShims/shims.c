// Drives our own C (CChecksums, CKernels, CMessages, CProcess) at every small size, in buffers that end exactly where the
// data does, so that the address sanitizer or valgrind sees each byte read or written beyond, and each leak. What is
// computed is compared with the serial kernels. Run by script/test-c.

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crc32c.h"
#include "messages.h"
#include "CProcess.h"
#include "kernels.h"

static unsigned long failures, checks;

static void expect(int holds, const char *what, size_t size) {
  checks++;
  if (holds) return;
  failures++;
  fprintf(stderr, "%s is wrong at size %zu\n", what, size);
}

// SplitMix64; the seed is fixed, so that a finding comes again.
static uint64_t state = 42;
static uint64_t next_number(void) {
  uint64_t word = state += 0x9E3779B97F4A7C15u;
  word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9u;
  word = (word ^ (word >> 27)) * 0x94D049BB133111EBu;
  return word ^ (word >> 31);
}

static float next_float(void) { return (float)((double)next_number() / 18446744073709551616.0) - 0.5f; }

// Of exactly this many bytes: one more is not ours. Never NULL.
static void *exact(size_t bytes) {
  void *made = malloc(bytes ? bytes : 1);
  if (!made) abort();
  return made;
}

static float *floats(size_t count) {
  float *made = exact(count * sizeof(float));
  for (size_t i = 0; i < count; i++) made[i] = next_float();
  return made;
}

static float *copy(const float *from, size_t count) {
  float *made = exact(count * sizeof(float));
  memcpy(made, from, count * sizeof(float));
  return made;
}

static int near(float a, float b, size_t terms) { return fabsf(a - b) <= (float)(terms + 4) * 1e-6f * (1 + fabsf(a)); }

static void checksums(void) {
  for (size_t size = 0; size < 700; size++) {
    unsigned char *bytes = exact(size);
    for (size_t i = 0; i < size; i++) bytes[i] = (unsigned char)next_number();
    // The definition: polynomial 0x1EDC6F41, reflected, one bit at a time.
    uint32_t slow = ~0u;
    for (size_t i = 0; i < size; i++) {
      slow ^= bytes[i];
      for (int bit = 0; bit < 8; bit++) slow = slow >> 1 ^ (slow & 1 ? 0x82F63B78u : 0);
    }
    expect(magpie_crc32c(0, bytes, size) == ~slow, "crc32c", size);
    expect(magpie_crc32c_serial(0, bytes, size) == ~slow, "crc32c_serial", size);
    size_t half = size ? next_number() % size : 0;
    expect(magpie_crc32c(magpie_crc32c(0, bytes, half), bytes + half, size - half) == ~slow, "crc32c continued", size);
    free(bytes);
  }
}

static void kernels(void) {
  for (size_t size = 0; size < 150; size++) {
    float *a = floats(size), *b = floats(size);
    expect(near(magpie_dot(a, b, size), magpie_dot_serial(a, b, size), size), "dot", size);
    float *x = copy(b, size), *y = copy(b, size);
    magpie_add_scaled(0.7f, a, x, size);
    magpie_add_scaled_serial(0.7f, a, y, size);
    for (size_t i = 0; i < size; i++) expect(near(x[i], y[i], 2), "add_scaled", size);
    free(x), free(y), free(a), free(b);
  }
  for (size_t width = 1; width < 70; width++) {
    size_t count = 1 + next_number() % 40;
    float *rows = floats(count * width), *vector = floats(width), *weights = floats(count);
    float *fast = exact(count * sizeof(float)), *slow = exact(count * sizeof(float));
    uint32_t *index = exact(count * sizeof(uint32_t));
    for (size_t i = 0; i < count; i++) index[i] = (uint32_t)(next_number() % count), weights[i] = fabsf(weights[i]);
    magpie_score_rows(rows, count, width, vector, fast);
    magpie_score_rows_serial(rows, count, width, vector, slow);
    for (size_t i = 0; i < count; i++) expect(near(fast[i], slow[i], width), "score_rows", width);
    magpie_score_gathered(rows, width, index, count, vector, fast);
    magpie_score_gathered_serial(rows, width, index, count, vector, slow);
    for (size_t i = 0; i < count; i++) expect(near(fast[i], slow[i], width), "score_gathered", width);
    float *x = floats(width), *p = copy(vector, width), *q = copy(vector, width);
    magpie_gradient_add(rows, width, index, weights, count, 1, x, p);
    magpie_gradient_add_serial(rows, width, index, weights, count, 1, x, q);
    for (size_t i = 0; i < width; i++) expect(near(p[i], q[i], count * width), "gradient_add", width);

    // A matrix that is positive definite: the identity and a sum of squares.
    size_t padded = magpie_padded_width(width), cells = padded * padded;
    float *matrix = exact(cells * sizeof(float));
    for (size_t i = 0; i < cells; i++) matrix[i] = i / padded == i % padded;
    float *serial = copy(matrix, cells);
    magpie_gram_add(matrix, width, rows, index, weights, count);
    magpie_gram_add_serial(serial, width, rows, index, weights, count);
    for (size_t row = 0; row < padded; row++)
      for (size_t column = row; column < padded; column++)
        expect(near(matrix[row * padded + column], serial[row * padded + column], count), "gram_add", width);
    magpie_gram_add(matrix, width, rows, NULL, weights, count);
    magpie_gram_add_serial(serial, width, rows, NULL, weights, count);
    float *solution = exact(padded * sizeof(float)), *other = exact(padded * sizeof(float));
    for (size_t i = 0; i < padded; i++) solution[i] = other[i] = i < width ? x[i] : 0;
    expect(magpie_cholesky_factor(matrix, padded), "cholesky_factor", width);
    expect(magpie_cholesky_factor_serial(serial, padded), "cholesky_factor_serial", width);
    magpie_cholesky_solve(matrix, padded, solution);
    magpie_cholesky_solve_serial(serial, padded, other);
    for (size_t i = 0; i < width; i++) expect(fabsf(solution[i] - other[i]) < 1e-3f, "cholesky_solve", width);
    matrix[0] = NAN;
    expect(!magpie_cholesky_factor(matrix, padded), "cholesky_factor of NaN", width);
    free(rows), free(vector), free(weights), free(fast), free(slow), free(index), free(x), free(p), free(q);
    free(matrix), free(serial), free(solution), free(other);
  }
}

static void select_and_scan(void) {
  for (size_t count = 0; count < 200; count++) {
    size_t capacity = 1 + next_number() % 20;
    float *scores = floats(count);
    for (size_t i = 0; i < count; i++) {
      if (next_number() % 9 == 0) scores[i] = next_number() % 2 ? NAN : -INFINITY;
      if (i > 0 && next_number() % 5 == 0) scores[i] = scores[i - 1];
    }
    magpie_selection fast = {exact(capacity * 4), exact(capacity * 4), capacity, 0};
    magpie_selection slow = {exact(capacity * 4), exact(capacity * 4), capacity, 0};
    magpie_select(&fast, scores, count, 7);
    magpie_select_serial(&slow, scores, count, 7);
    magpie_select_finish(&fast);
    magpie_select_finish(&slow);
    expect(fast.count == slow.count, "select", count);
    for (size_t i = 0; i < fast.count; i++) expect(fast.indices[i] == slow.indices[i], "select", count);

    size_t groups = 1 + next_number() % 17;
    size_t blocks = (count + magpie_scan_rows - 1) / magpie_scan_rows, padded = blocks * magpie_scan_rows;
    uint8_t *codes = exact(padded * groups * 4);
    float *scales = exact(padded * sizeof(float));
    int8_t *wanted = exact(groups * 4);
    uint16_t *allowed = exact(blocks * sizeof(uint16_t));
    // Rows beyond the count are zero and mean nothing.
    for (size_t i = 0; i < padded * groups * 4; i++) {
      size_t row = i / (groups * 4 * magpie_scan_rows) * magpie_scan_rows + i / 4 % magpie_scan_rows;
      codes[i] = row < count ? (uint8_t)(1 + next_number() % 255) : 128;
    }
    for (size_t i = 0; i < padded; i++) scales[i] = i < count ? fabsf(next_float()) : 0;
    magpie_probe probe = {wanted, 0, 0.01f, 3};
    for (size_t i = 0; i < groups * 4; i++) {
      wanted[i] = (int8_t)((int)(next_number() % 255) - 127);
      probe.offset += 128 * wanted[i];
    }
    for (size_t i = 0; i < blocks; i++) allowed[i] = (uint16_t)next_number();
    magpie_codes table = {codes, scales, NULL, count, groups};
    size_t room = padded + magpie_scan_rows;
    for (int limited = 0; limited < 2; limited++) {
      magpie_sieve sieves[2];
      for (int i = 0; i < 2; i++) {
        sieves[i] = (magpie_sieve){.rows = exact(room * 4), .uppers = exact(room * 4), .lowers = exact(room * 4)};
        magpie_sieve_start(&sieves[i], capacity);
      }
      // In two parts, as clusters are read.
      size_t half = blocks / 2;
      const uint16_t *mask = limited ? allowed : NULL;
      magpie_scan(&table, 0, half, &probe, mask, &sieves[0]);
      magpie_scan(&table, half, blocks - half, &probe, mask, &sieves[0]);
      magpie_scan_serial(&table, 0, blocks, &probe, mask, &sieves[1]);
      magpie_sieve_settle(&sieves[0]);
      magpie_sieve_settle_serial(&sieves[1]);
      expect(sieves[0].count <= count && sieves[1].count <= count, "scan", count);
      // Settled, what is left does not hang on the order of work.
      expect(sieves[0].count == sieves[1].count, "scan's rows", count);
      for (size_t i = 0; i < sieves[0].count && i < sieves[1].count; i++) {
        expect(sieves[0].rows[i] == sieves[1].rows[i], "scan's rows", count);
      }
      for (int i = 0; i < 2; i++) free(sieves[i].rows), free(sieves[i].uppers), free(sieves[i].lowers);
    }
    for (size_t most = 0; most <= count; most += 1 + count / 3) {
      uint32_t *rows = exact(most * 4);
      expect(magpie_allowed_rows(allowed, count, most, rows) <= most + 1, "allowed_rows", count);
      free(rows);
    }
    uint32_t *kept = exact(capacity * 4), *numbers = exact(count * 4);
    float *best = exact(capacity * 4);
    for (size_t i = 0; i < count; i++) numbers[i] = (uint32_t)i;
    expect(magpie_best(scores, numbers, count, capacity, kept, best) <= capacity, "best", count);
    free(kept), free(numbers), free(best);
    free(codes), free(scales), free(wanted), free(allowed), free(scores);
    free(fast.scores), free(fast.indices), free(slow.scores), free(slow.indices);
  }
}

// Sums and trees in buffers without a byte to spare.
static void sums_and_trees(void) {
  for (size_t count = 1; count < 300; count += 1 + count / 5) {
    size_t lines = magpie_sums_lines(count), entries = count / 2 + 1, lists = 7;
    magpie_sums sums = {.values = exact(lines * magpie_sums_line * 4), .lines = exact(lines), .rows = count};
    memset(sums.values, 0, lines * magpie_sums_line * 4);
    memset(sums.lines, 0, lines);
    uint64_t *offsets = exact((lists + 1) * 8);
    uint32_t *rows = exact(entries * 4), *named = exact(lists * 4), *found = exact((count + magpie_sums_line) * 4);
    float *scores = exact(entries * 4), *best = exact((count + magpie_sums_line) * 4);
    for (size_t i = 0; i <= lists; i++) offsets[i] = entries * i / lists;
    for (size_t i = 0; i < lists; i++) named[i] = (uint32_t)(lists - 1 - i);
    for (size_t i = 0; i < entries; i++) {
      rows[i] = (uint32_t)(next_number() % (count + 3));
      scores[i] = 1;
    }
    magpie_sums_add_lists(&sums, offsets, rows, scores, named, NULL, lists);
    magpie_sums_add(&sums, rows, scores, entries, 0.5f);
    size_t serial = magpie_sums_collect_serial(&sums, found, best);
    expect(serial <= count && magpie_sums_collect(&sums, found, best) == serial, "sums_collect", count);
    magpie_sums_clear(&sums);
    expect(magpie_sums_collect(&sums, found, best) == 0, "sums_clear", count);
    free(sums.values), free(sums.lines), free(offsets), free(rows), free(named), free(found), free(scores), free(best);

    size_t features = 1 + count % magpie_tree_features;
    magpie_tree_node *nodes = exact(31 * sizeof(magpie_tree_node));
    uint32_t *ranges = exact(3 * 4);
    float *leaves = exact(magpie_tree_leaves * 4), *table = exact(count * features * 4);
    float *margins = exact(count * 4), *others = exact(count * 4);
    for (uint32_t i = 0; i < 31; i++) {
      nodes[i] = (magpie_tree_node){.threshold = (float)(next_number() % 9), .feature = i % (uint32_t)features,
                                    .left_leaves = 1u << i};
    }
    ranges[0] = 0, ranges[1] = 13, ranges[2] = 31;
    for (int i = 0; i < magpie_tree_leaves; i++) leaves[i] = (float)i;
    for (size_t i = 0; i < count * features; i++) table[i] = (float)(next_number() % 9);
    magpie_trees trees = {.nodes = nodes, .ranges = ranges, .leaves = leaves, .count = 1, .features = features, .base = 1};
    magpie_trees_evaluate(&trees, table, count, margins);
    magpie_trees_evaluate_serial(&trees, table, count, others);
    for (size_t i = 0; i < count; i++) expect(margins[i] == others[i], "trees_evaluate", count);
    free(nodes), free(ranges), free(leaves), free(table), free(margins), free(others);
  }
}

// Unpacks true, cut, mutated and random messages into arenas of all limits.
static void messages(void) {
  Magpie__V1__IngestEventsRequest request = MAGPIE__V1__INGEST_EVENTS_REQUEST__INIT;
  Magpie__V1__Event events[20], *list[20];
  for (size_t i = 0; i < 20; i++) {
    magpie__v1__event__init(&events[i]);
    list[i] = &events[i];
  }
  request.events = list;
  request.n_events = 20;
  size_t size = magpie__v1__ingest_events_request__get_packed_size(&request);
  unsigned char *packed = exact(size);
  magpie__v1__ingest_events_request__pack(&request, packed);
  for (size_t limit = 0; limit < 9000; limit += 1 + limit / 7) {
    magpie_arena *arena = magpie_arena_create(limit);
    expect(arena != NULL, "arena_create", limit);
    for (size_t cut = 0; cut <= size; cut++) {
      unsigned char *some = exact(cut);
      memcpy(some, packed, cut);
      if (cut % 3 == 0 && cut > 0) some[next_number() % cut] ^= (unsigned char)next_number();
      Magpie__V1__IngestEventsRequest *read =
          magpie__v1__ingest_events_request__unpack(magpie_arena_allocator(arena), cut, some);
      expect(magpie_arena_used(arena) <= limit, "arena_used", limit);
      if (cut == size && cut % 3 != 0 && limit > 8000) expect(read && read->n_events == 20, "unpack", limit);
      magpie_arena_reset(arena);
      expect(magpie_arena_used(arena) == 0 && !magpie_arena_overflowed(arena), "arena_reset", limit);
      free(some);
    }
    magpie_arena_destroy(arena);
  }
  // Beyond the first block, and back.
  magpie_arena *arena = magpie_arena_create(4 << 20);
  ProtobufCAllocator *allocator = magpie_arena_allocator(arena);
  for (int round = 0; round < 3; round++) {
    size_t taken = 0;
    for (size_t each = 1; each < 400000; each = each * 3 / 2 + 1) {
      unsigned char *piece = allocator->alloc(allocator->allocator_data, each);
      if (!piece) break;
      expect((uintptr_t)piece % 16 == 0, "alignment", each);
      memset(piece, 0xAA, each);
      taken += each;
      allocator->free(allocator->allocator_data, piece);
    }
    expect(taken > 900000, "arena", taken);
    expect(allocator->alloc(allocator->allocator_data, SIZE_MAX) == NULL, "arena beyond all limits", taken);
    expect(magpie_arena_overflowed(arena), "arena_overflowed", taken);
    magpie_arena_reset(arena);
  }
  magpie_arena_destroy(arena);
  magpie_arena_destroy(NULL);
  free(packed);
}

static void process(void) {
  expect(magpie_granted_memory() > 0, "granted_memory", 0);
  expect(magpie_set_niceness(5) == 0, "set_niceness", 5);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  expect(magpie_spawn_close_from(&actions, 3) == 0, "spawn_close_from", 3);
  posix_spawn_file_actions_destroy(&actions);
  // A parent that is not ours is one that is gone.
  expect(magpie_die_with_parent(1 + getppid()) == 1, "die_with_parent", 1);
  expect(magpie_volunteer_for_oom(300) == 0, "volunteer_for_oom", 300);
}

int main(void) {
  checksums();
  kernels();
  select_and_scan();
  sums_and_trees();
  messages();
  process();
  printf("%lu checks, %lu failures, instruction set %d\n", checks, failures, (int)magpie_instructions_chosen());
  return failures != 0;
}
