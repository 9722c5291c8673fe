import Checksums
import Glibc
import Storage
import Testing
import Vocabulary

@Suite struct DataDirectoryTests {
  @Test func initialisedDirectoryOpens() throws {
    let temporary = try TemporaryDirectory()
    let directory = try temporary.initialized()
    #expect(directory.identity.count == 16)
    #expect(directory.acknowledged() == .zero)
    #expect(directory.freeBytes() > 0)
    #expect(directory.generationsPath(.default) == temporary.data + "/generations/default")
    #expect(
      try SystemDisk().list(temporary.data)
        == ["daemon.lock", "generations", "log", "quarantine", "state", "superblock"])
    #expect(try contents(temporary.data + "/daemon.lock") == Array("\(getpid())\n".utf8))
    var status = stat()
    #expect(stat(temporary.data, &status) == 0 && status.st_mode & 0o777 == 0o700)
  }

  @Test func twoDirectoriesHaveTwoIdentities() throws {
    let first = try TemporaryDirectory()
    let second = try TemporaryDirectory()
    #expect(try first.initialized().identity != second.initialized().identity)
  }

  @Test func emptyDirectoryIsTakenAndFilledOneIsNot() throws {
    let temporary = try TemporaryDirectory()
    try SystemDisk().createDirectory(temporary.data)
    try SystemDisk().createDirectory(temporary.data + "/lost+found")
    try DataDirectory.initialize(at: temporary.data)
    let again = fault { try DataDirectory.initialize(at: temporary.data) }
    #expect(again?.kind == .notEmpty)
    #expect(again?.exitCode == 73)

    try SystemDisk().createDirectory(temporary.path + "/other")
    try write([1], to: temporary.path + "/other/precious")
    let other = fault { try DataDirectory.initialize(at: temporary.path + "/other") }
    #expect(other?.kind == .notEmpty)
    #expect(other?.message.contains("precious") == true)
    #expect(try contents(temporary.path + "/other/precious") == [1])
    #expect(
      fault { try DataDirectory.initialize(at: temporary.path + "/other/precious") }?.kind == .notEmpty)
    #expect(
      fault { try DataDirectory.initialize(at: temporary.path + "/a/b") }?.kind == .io(errno: ENOENT))
  }

  @Test func missingEmptyAndForeignDirectoriesSayWhatToDo() throws {
    let temporary = try TemporaryDirectory()
    let missing = fault { _ = try DataDirectory.open(at: temporary.data) }
    #expect(missing?.kind == .notInitialized)
    #expect(missing?.exitCode == 78)
    #expect(missing?.message.contains("magpied init --data \(temporary.data)") == true)

    try SystemDisk().createDirectory(temporary.data)
    let empty = fault { _ = try DataDirectory.open(at: temporary.data) }
    #expect(empty?.kind == .notInitialized)
    #expect(empty?.message.contains("magpied init --data \(temporary.data)") == true)

    try write([1], to: temporary.data + "/holiday.jpg")
    let foreign = fault { _ = try DataDirectory.open(at: temporary.data) }
    #expect(foreign?.kind == .foreign)
    #expect(foreign?.message.contains("not a Magpie data directory") == true)
    #expect(foreign?.message.contains("holiday.jpg") == true)
    // Looking left nothing behind.
    #expect(try SystemDisk().list(temporary.data) == ["holiday.jpg"])
    #expect(fault { _ = try DataDirectory.open(at: temporary.data + "/holiday.jpg") }?.kind == .foreign)
  }

  @Test func secondOpenNamesTheHolder() throws {
    let temporary = try TemporaryDirectory()
    let directory = try temporary.initialized()
    let second = fault { _ = try DataDirectory.open(at: temporary.data) }
    #expect(second?.kind == .locked(pid: getpid()))
    #expect(second?.exitCode == 75)
    #expect(second?.message.contains("process \(getpid())") == true)
    // Reading without the lock is allowed.
    #expect(try DataDirectory.inspect(at: temporary.data).identity == directory.identity)
    directory.close()
    directory.close()
    try DataDirectory.open(at: temporary.data).close()
  }

  @Test func lockFileLeftBehindMeansNothing() throws {
    let temporary = try TemporaryDirectory()
    try DataDirectory.initialize(at: temporary.data)
    try write(Array("1\n".utf8), to: temporary.data + "/daemon.lock")
    try DataDirectory.open(at: temporary.data).close()
  }

  @Test func interruptedInitialisationIsSaidAndRepeated() throws {
    let temporary = try TemporaryDirectory()
    try DataDirectory.initialize(at: temporary.data)
    // As a crash just before the last step would leave it.
    try SystemDisk().move(
      temporary.data + "/superblock", to: temporary.data + "/superblock.initializing")
    let interrupted = fault { _ = try DataDirectory.open(at: temporary.data) }
    #expect(interrupted?.kind == .notInitialized)
    #expect(interrupted?.message.contains("interrupted") == true)
    try DataDirectory.initialize(at: temporary.data)
    let directory = try DataDirectory.open(at: temporary.data)
    #expect(try EventLog.open(directory).next == Position(1))
    #expect(try StateStore.open(directory).applied() == .zero)
  }

  @Test func missingPartsAreNamed() throws {
    for part in ["superblock", "log"] {
      let temporary = try TemporaryDirectory()
      try DataDirectory.initialize(at: temporary.data)
      try SystemDisk().move(temporary.data + "/" + part, to: temporary.path + "/elsewhere")
      let found = fault { _ = try DataDirectory.open(at: temporary.data) }
      #expect(found?.kind == .corrupt)
      #expect(found?.exitCode == 65)
      #expect(found?.file == temporary.data + "/" + part)
    }
    let stateless = try TemporaryDirectory()
    try DataDirectory.initialize(at: stateless.data)
    try SystemDisk().move(stateless.data + "/state", to: stateless.path + "/elsewhere")
    let directory = try DataDirectory.open(at: stateless.data)
    let state = fault { _ = try StateStore.open(directory) }
    #expect(state?.kind == .corrupt)
    #expect(state?.message.contains("magpied repair") == true)
    for part in ["generations", "quarantine"] {
      let temporary = try TemporaryDirectory()
      try DataDirectory.initialize(at: temporary.data)
      try SystemDisk().move(temporary.data + "/" + part, to: temporary.path + "/elsewhere")
      try DataDirectory.open(at: temporary.data).close()
      #expect(try SystemDisk().entry(at: temporary.data + "/" + part) == .directory)
    }
  }
}
