import CKernels

/// The processor instructions the kernels use, chosen once at start.
package enum InstructionSet: String, Sendable, CaseIterable {
  case serial, avx2, avx512, neon

  /// The one in use; scores of two sets may differ in the last places, so it is worth a line in the log.
  package static var chosen: InstructionSet {
    switch magpie_instructions_chosen() {
    case magpie_instructions_avx512: .avx512
    case magpie_instructions_avx2: .avx2
    case magpie_instructions_neon: .neon
    default: .serial
    }
  }
}
