// swift-tools-version: 6.2
import PackageDescription

// The manifest is a table: one row per target, lower layers first. A target exists to grant or
// withhold a permission (block, open sockets, touch disk, call C); imports go down only.
// docs/architecture.md says what each one may not do; script/check-imports verifies it.

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
]

/// A Swift library target and the test target that mirrors it.
func module(_ name: String, _ dependencies: [Target.Dependency], tests: [Target.Dependency] = [])
  -> [Target]
{
  [
    .target(name: name, dependencies: dependencies, swiftSettings: strict),
    .testTarget(
      name: name + "Tests", dependencies: [.target(name: name)] + dependencies + tests,
      swiftSettings: strict),
  ]
}

func program(_ name: String, _ dependencies: [Target.Dependency]) -> [Target] {
  [.executableTarget(name: name, dependencies: dependencies, swiftSettings: strict)]
}

let nio: [Target.Dependency] = [
  .product(name: "NIOCore", package: "swift-nio"),
  .product(name: "NIOPosix", package: "swift-nio"),
]
let http: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let arguments: Target.Dependency = .product(
  name: "ArgumentParser", package: "swift-argument-parser")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let signals: Target.Dependency = .product(
  name: "UnixSignals", package: "swift-service-lifecycle")
let histogram: Target.Dependency = .product(name: "Histogram", package: "hdrhistogram-swift")
let yaml: Target.Dependency = .product(name: "Yams", package: "Yams")

var targets: [Target] = []

// 0  words
targets += module("Vocabulary", [])

// 1  foreign code
targets += [
  .systemLibrary(name: "CProtobufC", pkgConfig: "libprotobuf-c", providers: [.apt(["libprotobuf-c-dev"])]),
  .systemLibrary(name: "CLevelDB", providers: [.apt(["libleveldb-dev"])]),
  .systemLibrary(name: "CSnappy", providers: [.apt(["libsnappy-dev"])]),
  .systemLibrary(
    name: "COpenBLAS", pkgConfig: "openblas",
    providers: [.apt(["libopenblas-dev", "liblapacke-dev"])]),
  .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
  .systemLibrary(name: "CXGBoost", pkgConfig: "xgboost", providers: [.apt(["libxgboost-dev"])]),
  .target(name: "CMessages", dependencies: ["CProtobufC"]),
  .target(name: "CChecksums"),
  .target(name: "CKernels"),
  .target(name: "CProcess"),
]

// 2  hands
targets += module("Locking", [])
targets += module("Checksums", ["CChecksums", "CCrypto"])
targets += module("Kernels", ["CKernels"])
targets += module("Metering", [])
targets += module("FaultPoints", [])
targets += module("Estimating", [])

// 3  things
targets += module("Wire", ["Vocabulary", "Checksums", "CMessages"])
targets += module(
  "Storage", ["Vocabulary", "Locking", "Checksums", "FaultPoints", "CLevelDB", "CSnappy", "CProcess"])
targets += module("Models", ["Vocabulary", "Checksums", "FaultPoints", "Kernels"])
targets += module("LiveState", ["Vocabulary", "Locking"])
targets += module("Expressions", ["Vocabulary"])
targets += module("Reading", ["Vocabulary", "Checksums"], tests: ["Fakes"])

// 4  verbs
targets += module(
  "Ingestion", ["Vocabulary", "Locking", "Metering", "FaultPoints", "Storage", "LiveState", logging])
targets += module(
  "Serving", ["Vocabulary", "Kernels", "Locking", "Models", "LiveState", "Expressions"],
  tests: ["CAllocations"])
targets += module("Training", ["Vocabulary", "Checksums", "Kernels", "Models", "Storage", "COpenBLAS"])

// 5  faces
targets += module("Configuration", ["Vocabulary", "Checksums", "Locking", "Expressions", yaml])
targets += module("Transport", ["Vocabulary", "Locking", "Metering", "Wire", logging, http] + nio)
targets += module(
  "Engine",
  [
    "Vocabulary", "Checksums", "Locking", "Metering", "FaultPoints", "Estimating", "Storage", "Models",
    "LiveState", "Ingestion", "Serving",
    "CProcess", logging,
  ])
targets += module(
  "MagpieClient", ["Vocabulary", "Checksums", "Locking", "Wire"] + nio,
  tests: ["Transport", "Fakes", logging])
targets += module(
  "Importing", ["Vocabulary", "Checksums", "Reading", "MagpieClient"], tests: ["Locking", "Fakes"])

targets += module(
  "Boosting", ["Vocabulary", "Models", "Training", "CXGBoost"],
  tests: ["Kernels", "LiveState", "Serving", "Storage"])
targets += module("Evaluating", ["Vocabulary", "Kernels", "Estimating", "Models", "Reading", "Training"])
targets += module(
  "Loading", ["Vocabulary", "Checksums", "Wire", "MagpieClient", histogram] + nio,
  tests: ["Locking", "Transport", logging])

// 6  programs
targets += program(
  "magpied",
  [
    "Vocabulary", "Locking", "Metering", "FaultPoints", "Configuration", "Storage", "Engine", "Transport",
    arguments, logging, signals,
  ])
targets += program(
  "magpie",
  [
    "Vocabulary", "Estimating", "Storage", "Reading", "MagpieClient", "Importing", "Training", "Evaluating",
    arguments,
  ])
targets += program("magpie-load", ["Vocabulary", "MagpieClient", "Loading", arguments])
targets += program(
  "magpie-train", ["Vocabulary", "FaultPoints", "Models", "Training", "Boosting", "CProcess", arguments])

// Our side of script/bench; no product, so nothing ships it.
targets += program(
  "magpie-bench",
  ["Vocabulary", "Kernels", "Models", "LiveState", "Serving", "Training", "Evaluating", arguments])

// A scripted daemon and seeded random numbers, and a count of allocations, for tests only.
targets += [
  .target(name: "CAllocations", path: "Tests/CAllocations"),
  .target(
    name: "Fakes", dependencies: ["Vocabulary", "Locking", "Wire"] + nio, path: "Tests/Fakes",
    swiftSettings: strict),
]

// A disk, a clock and a schedule from one seed, under the storage core as it is.
targets += [
  .target(
    name: "Simulation", dependencies: ["Vocabulary", "Checksums", "Storage", "Fakes"],
    path: "Tests/Simulation",
    swiftSettings: strict),
  .testTarget(
    name: "SimulationTests",
    dependencies: [
      "Vocabulary", "Storage", "LiveState", "Ingestion", "Simulation", "Fakes", "Locking", logging,
    ],
    swiftSettings: strict),
]

// Every parser of bytes nobody trusts, for the smoke run in the tests and for libFuzzer.
let fuzzed: [Target.Dependency] = [
  "Vocabulary", "Checksums", "Wire", "Storage", "Models", "Expressions", "Configuration", "Ingestion",
  "Reading", "Engine",
]
targets += [
  .target(
    name: "Fuzzing", dependencies: fuzzed, path: "Tests/Fuzzing", exclude: ["Corpus"], swiftSettings: strict),
  .testTarget(name: "FuzzingTests", dependencies: ["Fuzzing"], swiftSettings: strict),
]
if Context.environment["MAGPIE_FUZZ"] != nil {
  // Its `main` is libFuzzer's, so an ordinary build cannot link it: script/fuzz does.
  targets += [
    .target(name: "CLibFuzzer", path: "Tests/CLibFuzzer"),
    .executableTarget(
      name: "magpie-fuzz", dependencies: ["CLibFuzzer", "Fuzzing"], path: "Tests/magpie-fuzz",
      swiftSettings: strict),
  ]
}

// The command line as scripts see it.
targets += [
  .testTarget(name: "magpieTests", dependencies: ["magpie", "Vocabulary", "Fakes"], swiftSettings: strict)
]

// Kills a daemon again and again; script/torture runs it, and no product ships it.
targets += [
  .target(
    name: "Torture", dependencies: ["Locking", "FaultPoints", "MagpieClient", "Loading"],
    path: "Tests/Torture",
    exclude: ["Shim"],
    swiftSettings: strict),
  .executableTarget(
    name: "magpie-torture", dependencies: ["Torture", arguments], path: "Tests/magpie-torture",
    swiftSettings: strict),
  .testTarget(
    name: "TortureTests", dependencies: ["Torture", "FaultPoints", "MagpieClient"], swiftSettings: strict),
]

// Real processes on real sockets and disks.
targets += [
  .testTarget(
    name: "EndToEndTests",
    dependencies: [
      "Vocabulary", "Checksums", "FaultPoints", "Storage", "Wire", "Training", "MagpieClient", "Torture",
      "magpie-torture",
    ], swiftSettings: strict)
]

let package = Package(
  name: "magpie",
  products: [
    .library(name: "MagpieClient", targets: ["MagpieClient"]),
    .executable(name: "magpied", targets: ["magpied"]),
    .executable(name: "magpie", targets: ["magpie"]),
    .executable(name: "magpie-load", targets: ["magpie-load"]),
    .executable(name: "magpie-train", targets: ["magpie-train"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: targets
)
