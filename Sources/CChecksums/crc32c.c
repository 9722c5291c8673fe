#include "crc32c.h"
#include <string.h>

// One table of 256 entries for the reflected polynomial 0x82F63B78, built at first use by the same loop that
// defines the checksum, so there is nothing to mistype.
static uint32_t table[256];

// The instruction takes three cycles and the processor begins one in each: three lanes of so many bytes keep it busy. What the
// lanes before add to a checksum is what zeros as long as a lane would make of it, by a table for each of its four bytes.
enum { LANE = 4096 };
static uint32_t lane[4][256];

__attribute__((constructor)) static void build_table(void) {
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; bit++) value = (value >> 1) ^ (0x82F63B78u & (0u - (value & 1)));
    table[i] = value;
  }
  uint32_t moved[32];
  for (int bit = 0; bit < 32; bit++) {
    uint32_t value = 1u << bit;
    for (int i = 0; i < LANE; i++) value = table[value & 0xff] ^ (value >> 8);
    moved[bit] = value;
  }
  for (int place = 0; place < 4; place++)
    for (int i = 0; i < 256; i++)
      for (int bit = 0; bit < 8; bit++)
        if (i >> bit & 1) lane[place][i] ^= moved[8 * place + bit];
}

uint32_t magpie_crc32c_serial(uint32_t crc, const void *bytes, size_t length) {
  const uint8_t *p = bytes;
  uint32_t value = ~crc;
  while (length--) value = table[(value ^ *p++) & 0xff] ^ (value >> 8);
  return ~value;
}

#if defined(__x86_64__)
#include <nmmintrin.h>

static uint32_t past_lane(uint64_t value) {
  return lane[0][value & 0xff] ^ lane[1][value >> 8 & 0xff] ^ lane[2][value >> 16 & 0xff] ^ lane[3][value >> 24 & 0xff];
}

__attribute__((target("sse4.2"))) static uint32_t crc32c_sse42(uint32_t crc, const void *bytes, size_t length) {
  const uint8_t *p = bytes;
  uint64_t value = (uint32_t)~crc;
  while (length >= 3 * LANE) {
    uint64_t second = 0, third = 0;
    for (int i = 0; i < LANE; i += 8) {
      uint64_t a, b, c;
      memcpy(&a, p + i, 8);
      memcpy(&b, p + LANE + i, 8);
      memcpy(&c, p + 2 * LANE + i, 8);
      value = _mm_crc32_u64(value, a);
      second = _mm_crc32_u64(second, b);
      third = _mm_crc32_u64(third, c);
    }
    value = past_lane(past_lane(value) ^ second) ^ third;
    p += 3 * LANE;
    length -= 3 * LANE;
  }
  while (length >= 8) {
    uint64_t word;
    memcpy(&word, p, 8);
    value = _mm_crc32_u64(value, word);
    p += 8;
    length -= 8;
  }
  while (length--) value = _mm_crc32_u8((uint32_t)value, *p++);
  return ~(uint32_t)value;
}

uint32_t magpie_crc32c(uint32_t crc, const void *bytes, size_t length) {
  return __builtin_cpu_supports("sse4.2") ? crc32c_sse42(crc, bytes, length)
                                          : magpie_crc32c_serial(crc, bytes, length);
}
#elif defined(__aarch64__) && defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>

uint32_t magpie_crc32c(uint32_t crc, const void *bytes, size_t length) {
  const uint8_t *p = bytes;
  uint32_t value = ~crc;
  while (length >= 8) {
    uint64_t word;
    memcpy(&word, p, 8);
    value = __crc32cd(value, word);
    p += 8;
    length -= 8;
  }
  while (length--) value = __crc32cb(value, *p++);
  return ~value;
}
#else
uint32_t magpie_crc32c(uint32_t crc, const void *bytes, size_t length) {
  return magpie_crc32c_serial(crc, bytes, length);
}
#endif
