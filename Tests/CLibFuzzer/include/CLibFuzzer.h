#ifndef CLIBFUZZER_H
#define CLIBFUZZER_H

#include <stddef.h>
#include <stdint.h>

/// One input for the parser under test. Returns 0.
typedef int (*magpie_fuzz_input)(const uint8_t *data, size_t size);

/// libFuzzer's own loop, from the library that comes with the compiler: runs until told to stop or until a finding.
int LLVMFuzzerRunDriver(int *argc, char ***argv, magpie_fuzz_input input);

#endif
