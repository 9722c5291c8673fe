#pragma once
// The one way in which NEON kernels sum a row, shared so that a row scores the same bits everywhere: four accumulators of
// 4 lanes, blocks of 16, then blocks of 4 into the first, then one number at a time into the folded sum.
#if defined(__aarch64__)
#include <arm_neon.h>
#include <stddef.h>

static inline float magpie_fold(const float32x4_t sum[4]) {
  return vaddvq_f32(vaddq_f32(vaddq_f32(sum[0], sum[1]), vaddq_f32(sum[2], sum[3])));
}
#endif
