import FaultPoints

/// One life of the daemon: what goes on during it, what is wrong with its disk, and how it ends.
package struct Round: Sendable, Hashable {
  /// How it ends.
  package enum Death: Sendable, Hashable {
    /// kill -9 after this many milliseconds under load.
    case moment(Int)
    /// kill -9 this many milliseconds after it was started: recovery itself must survive being killed.
    case starting(Int)
    /// At a fault point.
    case point(FaultPoint, reach: Int)
    /// SIGTERM under load, and kill -9 this many milliseconds later.
    case stopping(Int)
  }

  /// What goes on beside the load.
  package enum Activity: Sendable, Hashable {
    case none
    case snapshots
    /// Snapshots, with a clock that is days ahead, so that segments are old enough to be pruned.
    case pruning
    case trainings
    case promotions
    case deadLetters
  }

  /// What is wrong with the disk.
  package enum Trouble: Sendable, Hashable {
    case none
    /// Every fsync takes this many microseconds longer.
    case slowSync(Int)
    /// Writing fails for lack of space, in the middle of anything.
    case full(leftBytes: Int)
    /// The reserve is touched: ingest must be refused, and go on by itself.
    case low
    /// No file may grow beyond what it has and this many bytes: EFBIG.
    case fileLimit(Int)
    /// The state lost a file while the daemon was down.
    case stateLost
  }

  package var death: Death
  package var activity = Activity.none
  package var trouble = Trouble.none

  package init(_ death: Death) { self.death = death }
}

extension FaultPoint {
  /// What must go on for the point to be passed, and how often it is passed in a round at most.
  var habit: (activity: Round.Activity, reachMax: Int) {
    switch self {
    case .ingestReceived, .ingestQueued, .commitGathered, .commitDecided, .logTorn, .logWritten, .logDurable,
      .commitApplied, .commitAnswered:
      (.none, 150)
    case .superblockTorn, .superblockWritten, .superblockDurable, .storeBegun, .storeBatch, .storeApplied:
      (.none, 4)
    case .segmentFooter, .segmentSealed, .segmentHeader, .segmentNamed, .segmentBegun: (.snapshots, 2)
    case .exportHeld, .snapshotBegun, .snapshotManifest, .snapshotVerified, .snapshotNamed: (.snapshots, 2)
    case .snapshotBlock, .snapshotFile: (.snapshots, 4)
    // With three kept, the fourth of a directory is the first to push one out.
    case .snapshotPruned: (.snapshots, 1)
    case .baseHalf: (.pruning, 2)
    case .baseRecorded, .segmentPruned: (.pruning, 1)
    case .generationBegun, .generationManifest, .generationVerified, .generationNamed, .trainingSealed,
      .trainingNumbered, .generationPruned:
      (.trainings, 1)
    case .generationArray: (.trainings, 6)
    case .promoteLinked, .promoteNamed: (.promotions, 5)
    case .stateSetAside, .stateRebuilt, .recoveryOpened, .recoveryTailKept, .recoveryTailCut,
      .recoveryRestored:
      (.none, 1)
    case .recoveryReplayed: (.none, 20)
    case .lettersWritten, .lettersNamed: (.deadLetters, 2)
    case .drainBegun, .drainEnded, .stopCommitted, .stopStored: (.none, 1)
    }
  }

  /// Whether it lies on the way from SIGTERM to the end.
  var isAtTheEnd: Bool { [.drainBegun, .drainEnded, .stopCommitted, .stopStored].contains(self) }

  /// Whether it is the trainer that dies there, which the daemon must not mind.
  var isOfTheTrainer: Bool {
    [.generationBegun, .generationArray, .generationManifest, .generationVerified, .generationNamed].contains(
      self)
  }
}
