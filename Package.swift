// swift-tools-version: 6.2
import PackageDescription

// Warnings are errors where the project itself is checked (CI sets this variable), not for its users:
// a later compiler may warn about more.
let strict: [SwiftSetting] =
  Context.environment["CI"] == nil ? [] : [.treatAllWarnings(as: .error)]

/// A library module and the modules below it.
func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(
    name: name, dependencies: dependencies,
    swiftSettings: strict + [.enableUpcomingFeature("InternalImportsByDefault")])
}

/// The tests that stand beside a module.
func tests(
  _ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = [],
  resources: [Resource]? = nil
) -> Target {
  .testTarget(
    name: name + "Tests",
    dependencies: [.byName(name: name), "TestSupport"] + dependencies,
    exclude: exclude,
    resources: resources,
    swiftSettings: strict)
}

/// A small program in Examples/. It sees what every user of the library sees, and no more.
func example(_ name: String) -> Target {
  .executableTarget(
    name: name, dependencies: ["Metastable"], path: "Examples/" + name, packageAccess: false,
    swiftSettings: strict)
}

let package = Package(
  name: "Metastable",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "Metastable", targets: ["Metastable"]),
    .executable(name: "metastable", targets: ["MetastableCommand"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.0.0"),
  ],
  targets: [
    // The C library. Only NumericalMethods sees it.
    .systemLibrary(
      name: "CGSL", pkgConfig: "gsl", providers: [.apt(["libgsl-dev"]), .brew(["gsl"])]),

    // Compressed files. Only DataFiles sees it.
    .systemLibrary(
      name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),

    // Vectors of eight replicas. Only NumericalMethods sees it.
    .target(name: "CLanes"),

    // The house, from the ground up. Arrows point down only.
    module("NumericalMethods", ["CGSL", "CLanes"]),
    module("DataFiles", ["CZlib", "NumericalMethods"]),
    module("Landscapes", ["NumericalMethods"]),
    module("Escapes", ["Landscapes", "NumericalMethods"]),
    module("Networks", ["Escapes", "Landscapes", "NumericalMethods"]),
    module("EscapeStatistics", ["NumericalMethods"]),
    module("TrainingLogs", ["EscapeStatistics", "DataFiles", "NumericalMethods"]),
    module(
      "LangevinDynamics", ["Escapes", "EscapeStatistics", "Landscapes", "NumericalMethods"]),
    module("KramersRates", ["Networks", "Escapes", "Landscapes", "NumericalMethods"]),
    module(
      "NetworkTraining",
      [
        "LangevinDynamics", "EscapeStatistics", "Networks", "DataFiles", "Escapes", "Landscapes",
        "NumericalMethods",
      ]),
    // Apart from Experiments, so that what takes longest to compile does so beside other modules.
    module(
      "SpecialisedEnsembles", ["LangevinDynamics", "Networks", "Escapes", "Landscapes"]),
    module(
      "PhaseDiagrams",
      ["NetworkTraining", "LangevinDynamics", "Networks", "Landscapes", "NumericalMethods"]),
    module(
      "RunStores",
      [
        "LangevinDynamics", "EscapeStatistics", "DataFiles", "NumericalMethods",
        .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "GRDBSQLite", package: "GRDB.swift"),
      ]),
    module(
      "Experiments",
      [
        "SpecialisedEnsembles", "PhaseDiagrams", "KramersRates", "TrainingLogs", "NetworkTraining",
        "LangevinDynamics",
        "RunStores",
        "EscapeStatistics", "Networks", "Escapes", "Landscapes", "DataFiles", "NumericalMethods",
      ]),
    module(
      "SelfTests",
      [
        "Experiments", "KramersRates", "NetworkTraining", "LangevinDynamics", "RunStores",
        "EscapeStatistics", "Networks", "Escapes", "Landscapes", "DataFiles", "NumericalMethods",
      ]),
    module("Figures"),
    module(
      "Reports",
      [
        "SelfTests", "Experiments", "Figures", "KramersRates", "NetworkTraining", "RunStores",
        "EscapeStatistics", "Networks", "Landscapes", "DataFiles", "NumericalMethods",
      ]),
    module(
      "Metastable",
      [
        "Reports", "SelfTests", "Experiments", "PhaseDiagrams", "KramersRates", "NetworkTraining",
        "LangevinDynamics", "RunStores", "TrainingLogs", "EscapeStatistics", "Networks", "Escapes",
        "Landscapes", "DataFiles", "Figures", "NumericalMethods",
      ]),

    .executableTarget(
      name: "MetastableCommand",
      dependencies: [
        "Metastable", "Yams",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),

    // Examples: small programs, run by the tests.
    example("HelloDoubleWell"),
    example("YourOwnLandscape"),
    example("ReLUTrap"),

    // Timings: `swift run -c release benchmarks`, and the C that they are compared with.
    .target(
      name: "CBaselines", dependencies: ["CGSL", "CLanes"], path: "Benchmarks/CBaselines"),
    .executableTarget(
      name: "benchmarks",
      dependencies: [
        "Metastable", "CBaselines",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Benchmarks/Runner", swiftSettings: strict),

    // The reference pages of the documentation: `make reference`.
    .executableTarget(
      name: "reference-pages", dependencies: ["Metastable"], path: "Tools/ReferencePages",
      swiftSettings: strict),

    // Tests.
    .target(
      name: "TestSupport",
      dependencies: ["Escapes", "Landscapes", "EscapeStatistics", "DataFiles"],
      path: "Tests/TestSupport", swiftSettings: strict),
    tests("NumericalMethods"),
    tests("DataFiles", resources: [.copy("Fixtures")]),
    tests("Landscapes", ["Networks"]),
    tests("Networks"),
    tests("EscapeStatistics", ["DataFiles"], exclude: ["Golden"]),
    tests(
      "TrainingLogs", ["EscapeStatistics", "NumericalMethods"], resources: [.copy("Fixtures")]),
    tests("LangevinDynamics", ["KramersRates"]),
    tests("KramersRates"),
    tests("NetworkTraining", ["KramersRates"]),
    tests("PhaseDiagrams"),
    tests("Figures"),
    tests("RunStores", ["Reports", .product(name: "GRDB", package: "GRDB.swift")]),
    tests("Experiments", ["Reports", "TrainingLogs"]),
    tests("SelfTests", ["Reports"]),
    tests(
      "MetastableCommand", ["HelloDoubleWell", "YourOwnLandscape", "ReLUTrap", "Metastable"],
      exclude: ["Golden"]),
    .testTarget(
      name: "ReferencePagesTests", dependencies: ["reference-pages"], swiftSettings: strict),
    .testTarget(
      name: "FuzzTests",
      dependencies: [
        "MetastableCommand", "Metastable", "TestSupport",
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      swiftSettings: strict),
  ]
)
