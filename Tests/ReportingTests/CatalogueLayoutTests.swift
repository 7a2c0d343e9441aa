import Foundation
import Plotting
import Publishing
import Testing

@testable import Reporting

/// Every figure of the catalogue, at every size and in both themes, on everything that a study may hold.
@Suite struct CatalogueLayoutTests {
  private let fonts: FontSet

  init() throws {
    fonts = try FontSet(
      regular: Resources.font(.regular), semibold: Resources.font(.semibold),
      bold: Resources.font(.bold), italic: Resources.font(.italic))
  }

  private static let long = (0..<12).map {
    "a-run-with-a-very-long-name-of-sixty-characters-altogether".padding(
      toLength: 58, withPad: "x", startingAt: 0) + (10 + $0).description
  }

  static let studies: [(name: String, study: CatalogueStudy)] = [
    ("the paper's", CatalogueStudy()),
    ("one run", CatalogueStudy(runs: ["nano-seed0"])),
    (
      "twelve runs",
      CatalogueStudy(
        runs: (0..<12).map { "run \($0)" }, layers: 2, steps: CatalogueStudy.steps(6))
    ),
    (
      "twelve names of sixty characters",
      CatalogueStudy(runs: long, layers: 2, steps: CatalogueStudy.steps(6))
    ),
    ("two names of sixty characters", CatalogueStudy(runs: Array(long.prefix(2)))),
    ("one layer", CatalogueStudy(runs: ["a", "b"], layers: 1)),
    (
      "forty-eight layers",
      CatalogueStudy(runs: ["a", "b"], layers: 48, heads: 8, steps: CatalogueStudy.steps(6))
    ),
    ("two checkpoints", CatalogueStudy(runs: ["a", "b"], steps: CatalogueStudy.steps(2))),
    (
      "154 checkpoints",
      CatalogueStudy(runs: ["a", "b", "c"], layers: 3, steps: CatalogueStudy.steps(154))
    ),
    ("all values equal", CatalogueStudy(runs: ["a", "b"]) { _, _, _ in 0.5 }),
    ("all values 0", CatalogueStudy(runs: ["a", "b"]) { _, _, _ in 0 }),
    ("all values 1", CatalogueStudy(runs: ["a", "b"]) { _, _, _ in 1 }),
    (
      "values missing",
      CatalogueStudy(runs: ["a", "b"]) { r, l, u in
        (r + l + Int(u * 20)).isMultiple(of: 3) ? nil : u
      }
    ),
    ("no value at all", CatalogueStudy(runs: ["a", "b"]) { _, _, _ in nil }),
    (
      "negative debiased CKA",
      CatalogueStudy(runs: ["a", "b"]) { _, l, u in u - 0.4 * Double(l % 2) }
    ),
    (
      "hostile names",
      CatalogueStudy(
        runs: [
          "<script>alert(1)</script>", "a\tb", "\u{202e}drow", "層ごとの類似度", "e\u{301}te\u{301}",
        ],
        layers: 2, steps: CatalogueStudy.steps(6))
    ),
  ]

  private static let papers: [Target] =
    Venue.allCases.flatMap { venue in Venue.Span.allCases.map { Target.venue(venue, $0) } } + [
      .custom(centimetres: 6), .custom(centimetres: 8), .custom(centimetres: 30, text: 12),
      .venue(.acl, .column, text: 11), .venue(.nature, .column, text: 5),
    ]
  /// Different in width, text or rules from one another.
  private static let distinct: [Target] = [
    .venue(.acl, .column), .venue(.acl, .text), .venue(.nature, .column), .venue(.icml, .column),
    .venue(.neurips, .text), .custom(centimetres: 6),
  ]

  @Test(arguments: studies.indices)
  func nothingOverlapsOrLeavesThePage(place: Int) throws {
    let (name, study) = Self.studies[place]
    let catalogue = try study.catalogue()
    #expect(catalogue.drawn.count > (name == "no value at all" ? 0 : 15), "\(name)")
    let papers = place == 0 ? Self.papers : Self.distinct
    for figure in catalogue.drawn {
      for (target, themes) in [Target.wide, .medium, .narrow].map({ ($0, [Theme.light, .dark]) })
        + papers.map({ ($0, [Theme.print]) })
      {
        for theme in themes {
          // As a report and a paper draw it: for a page in parts where it must.
          let scenes =
            theme == .print
            ? try FigureParts(fonts: fonts)
              .scenes(of: figure.figure, caption: figure.caption, target: target)
            : [try figure.figure.scene(for: target, theme: theme, fonts: fonts)]
          for scene in scenes {
            let findings = scene.audit()
            #expect(
              findings.isEmpty,
              "\(name), \(figure.id), \(target.name) \(Int(target.width)), \(theme.name): \(findings.prefix(3).map(\.description))"
            )
            #expect(scene.width == target.width)
          }
        }
      }
    }
  }

  /// The catalogue of the issue: each entry is drawn when the table has the rows.
  @Test func everyEntryOfTheCatalogueIsDrawn() throws {
    let ids = Set(try CatalogueStudy().catalogue().drawn.map(\.id))
    for id in [
      "70m-cka-by-layer", "cka-by-size", "cka-layer-step", "per-layer-step",
      "per-gradients-layer-step", "result", "70m-per-heads", "70m-per-heads-gradients",
      "per-against-area", "70m-singular-values", "measure-agreement", "biased-debiased",
      "settling-by-depth", "settled-by-threshold", "rates-of-change", "70m-layer-similarity",
      "audit", "loss", "evaluations", "cka-median", "published-layout", "published-truncation",
      "70m-per-by-layer", "cka-mlp", "cka-residual", "measure-per", "measure-procrustes",
    ] { #expect(ids.contains(id), "\(id)") }
  }

  /// What lacks its quantity is named as left out, with what it would need.
  @Test func whatIsNotDrawnIsNamed() throws {
    var input = try CatalogueStudy(runs: ["a"]).input()
    input.spectra = []
    input.layerSimilarities = []
    input.evaluations = []
    input.trainingLog = []
    let catalogue = FigureCatalogue(StudyView(input))
    let absent = Dictionary(
      catalogue.absent.map { ($0.id, $0.needs) }, uniquingKeysWith: { a, _ in a })
    for id in ["singular-values", "layer-similarity", "evaluations"] {
      #expect(absent[id]?.isEmpty == false, "\(id)")
      #expect(catalogue[id] == nil)
    }
    #expect(catalogue.drawn.allSatisfy { $0.figure.panels.allSatisfy { $0.schedule == nil } })
  }

  /// Honest in the picture: n, and the level of chance, where the figure shows CKA.
  @Test func sampleSizeAndChanceStandInThePicture() throws {
    let catalogue = try CatalogueStudy().catalogue()
    for id in [
      "cka-by-size", "70m-cka-by-layer", "cka-mlp", "cka-median", "result",
      "biased-debiased", "measure-cka-debiased",
    ] {
      let figure = try #require(catalogue[id], "\(id)")
      for target in [Target.wide, .narrow] {
        let scene = try figure.figure.scene(for: target, theme: .light, fonts: fonts)
        let words = scene.textRuns.map(\.text).joined(separator: " ")
        #expect(words.contains("n = 128"), "\(id): \(words)")
        #expect(words.contains("chance"), "\(id)")
      }
      #expect(
        figure.figure.panels.contains { panel in
          panel.marks.contains {
            if case .band(let band) = $0 { band.style == .null } else { false }
          }
        }, "\(id)")
    }
  }

  /// The learning rate under every curve over training.
  @Test func theScheduleStandsUnderEveryCurveOverTraining() throws {
    let catalogue = try CatalogueStudy().catalogue()
    for figure in catalogue.drawn where figure.figure.x.ticks == .steps {
      let isCurve = figure.figure.panels.contains { panel in
        panel.marks.contains { if case .line = $0 { true } else { false } }
      }
      guard isCurve, figure.id != "loss" else { continue }
      #expect(figure.figure.panels.allSatisfy { $0.schedule != nil }, "\(figure.id)")
    }
    // Runs of different schedules in one panel: one line each.
    #expect(catalogue["result"]?.figure.panels.first?.schedule?.lines.count == 5)
    #expect(catalogue["70m-cka-by-layer"]?.figure.panels.first?.schedule?.lines.count == 1)
  }

  /// A page too short for the strips has no word of them, nor has the caption for that page.
  @Test func theCaptionOfAShortPageDoesNotNameTheStrips() throws {
    let study = StudyView(
      try CatalogueStudy(
        runs: (0..<12).map { "run \($0)" }, layers: 2, steps: CatalogueStudy.steps(6)
      ).input())
    var short = 0
    for figure in FigureCatalogue(study).drawn where figure.caption.contains("Strip:") {
      let scene = try figure.figure.scene(
        for: .venue(.jmlr, .column, text: 14), theme: .print, fonts: fonts)
      let names = scene.textRuns.contains { $0.text == "learning rate" }
      #expect(names != scene.leavesOutSchedules, "\(figure.id)")
      if scene.leavesOutSchedules { short += 1 }
      #expect(!figure.caption(without: study.scheduleSentence).contains("Strip:"))
    }
    #expect(short > 0)
  }

  /// Shares and ranks lie between 0 and 1, on the axis too.
  @Test(arguments: [0.0, 0.5, 1])
  func axesEndAtWhatTheirQuantitiesCanBe(value: Double) throws {
    let catalogue = try CatalogueStudy(runs: ["a", "b"]) { _, _, _ in value }.catalogue()
    var seen = 0
    for figure in catalogue.drawn
    where figure.id.hasPrefix("claim-c1") || figure.id.hasSuffix("per-by-layer") {
      for target in [Target.wide, .narrow] {
        let scene = try figure.figure.scene(for: target, theme: .light, fonts: fonts)
        for text in scene.textRuns.map(\.text) {
          guard let number = Double(text.replacing("−", with: "-")) else { continue }
          seen += 1
          // Training steps are whole.
          #expect(
            number >= 0 && (number <= 1 || number == number.rounded()), "\(figure.id): \(text)")
        }
      }
    }
    #expect(seen > 0)
  }

  /// Points of an association are turned like the effect that is drawn through them.
  @Test func theCombinedCoefficientLiesOnTheSideOfItsRuns() throws {
    // Runs enough for a combined coefficient, each with layers enough for its own.
    // In no order of depth, or depth would explain all of it.
    let heights = [3, 7, 1, 6, 2, 8, 5, 4]
    let catalogue = try CatalogueStudy(
      layers: 8,
      value: { run, layer, u in
        1 - (0.8 - 0.05 * Double(heights[layer])) * exp(-3 * (2 + Double(run)) * u)
      }
    ).catalogue()
    var seen = 0
    for figure in catalogue.drawn where figure.id.hasPrefix("claim-c3") {
      for panel in figure.figure.panels {
        var (line, points): (Double?, [Double]) = (nil, [])
        for mark in panel.marks {
          if case .line(let fit) = mark, fit.style == .fit { line = fit.y.first }
          if case .points(let own) = mark { points = own.y }
        }
        guard let line, let low = points.min(), let high = points.max(), low * high > 0 else {
          continue
        }
        seen += 1
        #expect(line * low > 0, "\(figure.id), \(panel.name): \(line) beside \(points)")
      }
    }
    #expect(seen > 0)
  }

  @Test func theCeilingIsDrawnBesideDebiasedValuesAlone() throws {
    let figure = try #require(try CatalogueStudy().catalogue()["70m-cka-by-layer"])
    let ceilings = figure.figure.panels.filter { panel in
      panel.marks.contains {
        if case .rule(let rule) = $0 { rule.position == .y(0.85) } else { false }
      }
    }
    #expect(Set(ceilings.map(\.row)) == ["Debiased CKA"])
    #expect(ceilings.map(\.name) == ["MLP output", "OV activation"])
  }

  @Test func theAxisCountsTokensWhereTheStudyAsks() throws {
    var input = try CatalogueStudy(runs: ["a", "b"]).input()
    input.trainingAxis = .tokens(perStep: nil)
    let figure = try #require(FigureCatalogue(StudyView(input))["a-cka-by-layer"])
    let scene = try figure.figure.scene(for: .wide, theme: .light, fonts: fonts)
    let words = Set(scene.textRuns.map(\.text))
    // 143,000 steps of 2,097,152 tokens.
    #expect(words.contains("300B"), "\(words.sorted())")
    #expect(words.contains { $0.hasPrefix("Training tokens") })
    input.trainingLog = []
    let without = StudyView(input)
    #expect(without.missingTokens != nil)
    #expect(without.trainingAxis(.log2) == .steps(.log2))
  }
}
