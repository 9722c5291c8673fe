#pragma once
#include <stddef.h>
#include <stdint.h>

/// CRC-32C (Castagnoli) of `length` bytes, continuing from `crc` (0 to start). Uses the instruction of the
/// processor where there is one; `magpie_crc32c_serial` is the truth it is tested against.
uint32_t magpie_crc32c(uint32_t crc, const void *bytes, size_t length);
uint32_t magpie_crc32c_serial(uint32_t crc, const void *bytes, size_t length);
