#include "crc32c.h"
#include <string.h>

// One table of 256 entries for the reflected polynomial 0x82F63B78, built at first use by the same loop that
// defines the checksum, so there is nothing to mistype.
static uint32_t table[256];

__attribute__((constructor)) static void build_table(void) {
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; bit++) value = (value >> 1) ^ (0x82F63B78u & (0u - (value & 1)));
    table[i] = value;
  }
}

uint32_t magpie_crc32c_serial(uint32_t crc, const void *bytes, size_t length) {
  const uint8_t *p = bytes;
  uint32_t value = ~crc;
  while (length--) value = table[(value ^ *p++) & 0xff] ^ (value >> 8);
  return ~value;
}

#if defined(__x86_64__)
#include <nmmintrin.h>

__attribute__((target("sse4.2"))) static uint32_t crc32c_sse42(uint32_t crc, const void *bytes, size_t length) {
  const uint8_t *p = bytes;
  uint64_t value = (uint32_t)~crc;
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
