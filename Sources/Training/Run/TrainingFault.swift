import Models
import Storage

/// Why a training run made no generation. Whatever it had written lies in a `.partial` directory, which the
/// next run removes.
package struct TrainingFault: Error, Sendable, Hashable {
  package enum Reason: String, Sendable, Hashable {
    /// Nothing to learn from: no positive event of the tenant up to the position asked for.
    case noTrainingData = "no_training_data"
    /// A setting is outside its range.
    case settingInvalid = "setting_invalid"
    /// The run would need more memory than it may take.
    case memoryLimit = "memory_limit"
    /// Another trainer of this tenant is running.
    case trainingBusy = "training_busy"
    /// The log could not be read.
    case logUnreadable = "log_unreadable"
    /// The generation could not be written.
    case generationUnwritable = "generation_unwritable"
    /// Numbers stopped being finite.
    case numbersFailed = "numbers_failed"

    fileprivate var exitCode: Int32 {
      switch self {
      case .noTrainingData: 66
      case .settingInvalid: 64
      case .memoryLimit: 69
      case .logUnreadable: 65
      case .trainingBusy: 75
      case .generationUnwritable: 73
      case .numbersFailed: 70
      }
    }
  }

  package let reason: Reason
  /// What happened and what to do next.
  package let message: String
  /// For the program, after sysexits.h.
  package let exitCode: Int32

  package init(_ reason: Reason, _ message: String, exitCode: Int32? = nil) {
    self.reason = reason
    self.message = message
    self.exitCode = exitCode ?? reason.exitCode
  }

  init(_ fault: StorageFault) {
    self.init(.logUnreadable, fault.description, exitCode: fault.exitCode)
  }

  init(_ fault: ModelFault) {
    self.init(.generationUnwritable, fault.description)
  }
}
