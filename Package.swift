// swift-tools-version:6.2
import PackageDescription

// Imports only go down: a target names its direct dependencies here, lowest floor first.
// Each C library has exactly one importer (scripts/check-imports verifies it).

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .treatAllWarnings(as: .error),
]

func library(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = [])
  -> Target
{
  .target(
    name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

let package = Package(
  name: "tend",
  products: [.executable(name: "tend", targets: ["tend"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.1"),
  ],
  targets: [
    // C libraries, from Debian's -dev packages.
    .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas"),
    .systemLibrary(name: "CLAPACKE", pkgConfig: "lapacke"),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto"),
    .systemLibrary(name: "CCurl", pkgConfig: "libcurl"),
    .systemLibrary(name: "CCairo", pkgConfig: "cairo"),
    .systemLibrary(name: "CCMarkGFM", pkgConfig: "libcmark-gfm"),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib"),
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3"),

    // Low.
    library("Files", ["CCrypto", "CZlib"]),
    library("Databases", ["CSQLite"]),
    library("LinearAlgebra", ["COpenBLAS", "CLAPACKE"]),
    library("Tensors", ["Files"]),
    library("Statistics", []),
    library("Plotting", []),

    // Mid.
    library("Checkpoints", ["Files", "Tensors"]),
    library("Tokenization", ["Files", "Tensors"]),
    library("Fetching", ["CCurl", "Checkpoints", "Files", "Tensors"]),
    library("LanguageModels", ["LinearAlgebra", "Tensors"]),
    library(
      "Training",
      [
        "Checkpoints", "Files", "LanguageModels", "LinearAlgebra", "Statistics", "Tensors",
        "Tokenization",
      ]),
    library("Metrics", ["LinearAlgebra", "Statistics"]),
    library(
      "Capture",
      ["Checkpoints", "Files", "LanguageModels", "LinearAlgebra", "Tensors", "Tokenization"]),
    library("Dynamics", ["Files", "Statistics"]),

    // Up.
    library("CairoRendering", ["CCairo", "Files", "Plotting"]),
    library("SVGRendering", ["Plotting"]),
    library("Markup", ["CCMarkGFM"]),
    library(
      "Publishing",
      ["Files", "Markup", .product(name: "Mustache", package: "swift-mustache")],
      resources: [.copy("../../templates"), .copy("../../assets")]),
    library(
      "Reporting",
      [
        "CairoRendering", "Dynamics", "Files", "Markup", "Plotting", "Publishing", "Statistics",
        "SVGRendering",
      ]),
    library(
      "Studies",
      [
        "Capture", "Checkpoints", "Databases", "Dynamics", "Fetching", "Files", "LanguageModels",
        "LinearAlgebra", "Metrics", "Publishing", "Reporting", "Statistics", "Tensors", "Training",
        .product(name: "Logging", package: "swift-log"), .product(name: "Yams", package: "Yams"),
      ]),

    library(
      "Preview",
      [
        "Files", "Markup", "Publishing", .product(name: "FlyingFox", package: "FlyingFox"),
        .product(name: "FlyingSocks", package: "FlyingFox"),
      ]),

    // Top.
    .executableTarget(
      name: "tend",
      dependencies: [
        "Checkpoints", "Fetching", "Files", "Preview", "Publishing", "Studies", "Tokenization",
        "Training",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ], swiftSettings: strict),

    // Timings beside what a user would use instead: Benchmarks/NAME/run.
    .executableTarget(
      name: "Kernels", dependencies: ["LinearAlgebra", "Metrics"], path: "Benchmarks/Kernels",
      swiftSettings: strict),

    .executableTarget(
      name: "Passes", dependencies: ["LanguageModels", "LinearAlgebra", "Tensors"],
      path: "Benchmarks/passes", exclude: ["run", "passes.py"], swiftSettings: strict),

    .executableTarget(
      name: "figure-bench", dependencies: ["CairoRendering", "Plotting", "SVGRendering"],
      path: "Benchmarks/figures", exclude: ["run", "matplotlib_figures.py"], swiftSettings: strict),

    .executableTarget(
      name: "page-bench", dependencies: ["Markup", "Publishing"], path: "Benchmarks/pages",
      exclude: ["run"], swiftSettings: strict),

    .executableTarget(
      name: "fetch-bench", dependencies: ["Checkpoints", "Fetching"], path: "Benchmarks/fetch",
      exclude: ["run", "hub.py"], swiftSettings: strict),

    .executableTarget(
      name: "train-bench", dependencies: ["LinearAlgebra", "Training"],
      path: "Benchmarks/training", exclude: ["run", "training.py"], swiftSettings: strict),

    // Tests mirror Sources.
    tests("FilesTests", ["Files"]),
    tests("DatabasesTests", ["Databases"]),
    tests("LinearAlgebraTests", ["LinearAlgebra"]),
    tests("TensorsTests", ["Files", "Tensors"]),
    tests("StatisticsTests", ["Statistics"]),
    tests("PlottingTests", ["CairoRendering", "Plotting"]),
    tests("CheckpointsTests", ["Checkpoints", "Files", "Tensors"]),
    tests("TokenizationTests", ["Files", "Tensors", "Tokenization"]),
    tests("FetchingTests", ["Checkpoints", "Fetching", "Files", "Studies", "Tensors"]),
    tests("LanguageModelsTests", ["LanguageModels", "LinearAlgebra", "Tensors"]),
    tests(
      "TrainingTests",
      [
        "Checkpoints", "Files", "LanguageModels", "LinearAlgebra", "Statistics", "Tensors",
        "Tokenization", "Training",
      ]),
    tests("MetricsTests", ["LinearAlgebra", "Metrics", "Statistics"]),
    tests(
      "CaptureTests",
      [
        "Capture", "Checkpoints", "Files", "LanguageModels", "LinearAlgebra", "Tensors",
        "Tokenization",
      ]),
    tests("DynamicsTests", ["Dynamics", "Files", "Statistics"]),
    tests("CairoRenderingTests", ["CairoRendering", "Plotting"]),
    tests("SVGRenderingTests", ["CairoRendering", "Plotting", "SVGRendering"]),
    tests("MarkupTests", ["Markup"]),
    tests("PublishingTests", ["Files", "Markup", "Publishing"]),
    tests("PreviewTests", ["Files", "Markup", "Preview", "Publishing"]),
    tests(
      "ReportingTests", ["Dynamics", "Files", "Markup", "Plotting", "Publishing", "Reporting"]),
    tests(
      "StudiesTests",
      [
        "Capture", "Databases", "Dynamics", "Files", "Metrics", "Publishing", "Studies", "Tensors",
        "Training",
        .product(name: "Yams", package: "Yams"),
      ]),
    tests(
      "EndToEndTests",
      [
        "Capture", "Checkpoints", "Databases", "Dynamics", "Files", "LinearAlgebra", "Studies",
        "Tensors",
      ]),
  ],
  swiftLanguageModes: [.v6]
)
