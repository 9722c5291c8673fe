import Glibc
import Models

/// Keeps a second trainer off a tenant's shelf, and clears what a killed one left there.
///
/// The kernel drops the lock when the process ends, however it ends.
final class TrainingLock {
  private static let fileName = "training.lock"
  private var file: Int32

  /// - Throws: `training_busy` if another trainer holds it, `generation_unwritable` if the shelf cannot be made.
  init(shelf: GenerationShelf) throws(TrainingFault) {
    do throws(ModelFault) { try shelf.make() } catch { throw TrainingFault(error) }
    let path = shelf.path + "/" + Self.fileName
    file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    if file < 0 {
      throw TrainingFault(
        .generationUnwritable,
        "\(path): \(String(cString: strerror(errno))); check the owner of the directory.")
    }
    if flock(file, LOCK_EX | LOCK_NB) != 0 {
      let reason = errno
      close(file)
      throw reason == EWOULDBLOCK
        ? TrainingFault(
          .trainingBusy, "\(path): another trainer of this tenant is running; wait for it to end.")
        : TrainingFault(.generationUnwritable, "\(path): \(String(cString: strerror(reason))).")
    }
    do throws(ModelFault) {
      try shelf.removePartials()
    } catch {
      release()
      throw TrainingFault(error)
    }
  }

  func release() {
    if file >= 0 { close(file) }
    file = -1
  }
}
