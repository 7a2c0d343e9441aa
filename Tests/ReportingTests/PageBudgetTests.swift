import Dynamics
import Publishing
import Testing

@testable import Reporting

/// However large a study is, its report is built; pages that list units, files and failures stay within what a
/// page may have.
@Suite struct PageBudgetTests {
  static let studies: [(name: String, study: CatalogueStudy)] = [
    (
      "sixty runs",
      CatalogueStudy(
        runs: (0..<60).map { "a-model-of-the-suite-\($0)" }, layers: 3,
        steps: CatalogueStudy.steps(6))
    ),
    (
      "154 checkpoints of 48 layers",
      CatalogueStudy(runs: ["12B"], layers: 48, steps: CatalogueStudy.steps(154))
    ),
  ]

  /// The site with drawings that hold nothing: pages depend on their sizes alone.
  private func site(_ input: ReportInput) throws -> BuiltSite {
    let study = StudyView(input)
    let catalogue = FigureCatalogue(study)
    let suffixes =
      ["png", "@2x.png", "pdf", "csv", "tex", "data.js"]
      + FigureDrawing.targets.flatMap { target in
        ["svg", "dark.svg"].map { target.name.isEmpty ? $0 : "\(target.name).\($0)" }
      }
    let drawn = catalogue.drawn.map { figure in
      DrawnFigure(
        id: figure.id, files: suffixes.map { .init(suffix: $0, bytes: []) },
        sizes: FigureDrawing.targets.enumerated().map {
          DrawnFigure.Size(name: $1.name, width: 640 - 100 * $0, height: 400)
        },
        findings: [])
    }
    var report = try DrawnReport(
      study: study, catalogue: catalogue, drawn: drawn, results: "/nowhere")
    return try report.site(lanes: 2)
  }

  @Test(arguments: studies.indices)
  func aLargeStudyIsBuiltAndWhatGrowsWithItIsWithinItsBudget(index: Int) throws {
    var input = try Self.studies[index].study.input()
    let steps = 27
    input.provenance = Self.provenance(
      runs: input.runs.map(\.run), steps: steps, unitsPerStep: 9)
    let site = try site(input)
    let budget = SiteBuilder.pageBudget
    for path in site.paths where path.string.hasSuffix(".html") {
      guard path.string.hasPrefix("provenance/") || path.string.hasPrefix("data/") else { continue }
      let size = try site.bytes(of: path).count
      #expect(size <= budget, "\(path): \(size)")
    }
  }

  @Test func everyUnitStandsOnceOnTheProvenancePages() throws {
    var input = try CatalogueStudy(
      runs: ["nano", "Methods", "../x"], layers: 1, steps: CatalogueStudy.steps(3)
    ).input()
    input.provenance = Self.provenance(
      runs: input.runs.map(\.run), steps: 154, unitsPerStep: 5)
    let site = try site(input)
    var found: [String: Int] = [:]
    var pages = 0
    for path in site.paths where path.string.hasPrefix("provenance/") {
      pages += 1
      let text = String(decoding: try site.bytes(of: path), as: UTF8.self)
      for piece in text.split(separator: "unit-").dropFirst() {
        let number = String(piece.prefix { $0.isNumber })
        if !number.isEmpty { found[number, default: 0] += 1 }
      }
    }
    // 770 units of each run on four pages.
    #expect(pages == 1 + 3 * 4)
    #expect(found.count == 3 * 770)
    #expect(found.values.allSatisfy { $0 == 1 })
  }

  @Test func stepsOfALongTableAreSpread() {
    #expect(StepTable.spread([0, 1, 2]) == [0, 1, 2])
    let spread = StepTable.spread(Array(0..<154))
    #expect(spread.count == 40 && spread.first == 0 && spread.last == 153)
    #expect(Set(zip(spread, spread.dropFirst()).map { $1 - $0 }).isSubset(of: [3, 4]))
  }

  @Test func failuresAndFindingsWithoutEndAreCounted() throws {
    var input = try CatalogueStudy(
      runs: ["nano"], layers: 1, steps: CatalogueStudy.steps(3)
    ).input()
    input.failures = (0..<9000).map { (step: Int) in
      FailedUnit(run: "nano", step: step, message: "step\(step)/model.safetensors: truncated")
    }
    let site = try site(input)
    #expect(site.warnings.filter { $0.contains(".html") } == [])
    let front = String(decoding: try site.bytes(of: .index), as: UTF8.self)
    #expect(front.contains("step39/model") && !front.contains("step40/model"))
    #expect(front.contains("8,960 more units failed"))
  }

  /// `unitsPerStep` units a checkpoint, named as real ones are, with the inputs of a comparison.
  private static func provenance(
    runs: [String], steps: Int, unitsPerStep: Int
  ) -> Provenance {
    let digest = String(repeating: "0123456789abcdef", count: 4)
    var units: [Provenance.Unit] = []
    for run in runs {
      for step in 0..<steps {
        for _ in 0..<unitsPerStep {
          units.append(
            Provenance.Unit(
              name: "\(run)/\(step * 1000)/pile-validation unit-\(units.count)", run: run,
              stage: "cka", key: "similarity/" + digest, values: 288, method: "similarity/7",
              inputs: [
                .init(name: "activations", value: "capture/" + digest),
                .init(name: "reference", value: "capture/" + digest),
                .init(name: "resampling", value: "sequences/200/17"),
                .init(name: "similarity", value: "cka_debiased,cka"),
              ], environment: 1, date: "2026-11-25T21:04:25Z", seconds: 0.1234))
        }
      }
    }
    return Provenance(
      versions: [.init("tend", "0.1")],
      inputs: (0..<runs.count * steps).map {
        .init(path: "data/runs/a-model-of-the-suite/step\($0)", sha256: digest, bytes: 123_456_789)
      },
      command: "tend run study.yaml", host: "node", cpu: "a CPU", threads: 1, blasKernel: "Zen",
      seconds: [.init("cka", seconds: 12)], date: "2026-11-25T21:04:25Z",
      environments: (0..<400).map {
        .init(
          version: "0.1", host: "node\($0)", cpu: "AMD EPYC 7742 64-Core Processor",
          blas: "OpenBLAS 0.3.21", kernel: "Zen", threads: 1, seed: "0")
      }, units: units)
  }
}
