import Foundation
import Plotting
import Testing

/// The widths and rules that figures are laid out for.
enum AllTargets {
  static let screen: [Target] = [.wide, .medium, .narrow]
  static let print: [Target] = Venue.allCases.flatMap { venue in
    Venue.Span.allCases.map { Target.venue(venue, $0) }
  }
  static let all = screen + print + [.custom(centimetres: 8)]
}

@Suite struct LayoutTests {
  private let fonts: FontSet

  init() throws { fonts = try FigureFonts.load() }

  private static let long = (0..<12).map {
    "a-run-with-a-very-long-name-of-sixty-characters-altogether-\($0)".padding(
      toLength: 60, withPad: "x", startingAt: 0) + "\($0)"
  }

  /// Everything that a study may hold: the names say what is hostile about each.
  static let studies: [(name: String, figures: SampleFigures)] = [
    ("the paper's", SampleFigures(layers: 6)),
    ("one run", SampleFigures(runs: ["nano-seed0"])),
    ("twelve runs", SampleFigures(runs: (0..<12).map { "run \($0)" })),
    ("names of sixty characters", SampleFigures(runs: Array(long.prefix(5)))),
    ("twelve names of sixty characters", SampleFigures(runs: long)),
    ("one layer", SampleFigures(layers: 1)),
    ("forty-eight layers", SampleFigures(layers: 48)),
    ("two checkpoints", SampleFigures(checkpoints: 2)),
    ("154 checkpoints", SampleFigures(checkpoints: 154)),
    ("all values equal", SampleFigures { _, _, _ in 0.5 }),
    ("all values zero", SampleFigures { _, _, _ in 0 }),
    ("values missing", SampleFigures { r, l, u in (r + l + Int(u * 20)) % 3 == 0 ? .nan : u }),
    ("no value at all", SampleFigures { _, _, _ in .nan }),
    ("infinite values", SampleFigures { r, _, u in r == 0 ? .infinity : u }),
    ("negative debiased CKA", SampleFigures { _, l, u in u - 0.3 * Double(l % 2) }),
    ("large values", SampleFigures { _, l, u in 1e6 * u * Double(l + 1) }),
    ("tiny values", SampleFigures { _, l, u in 1e-7 * u * Double(l + 1) }),
    (
      "hostile names",
      SampleFigures(runs: [
        "<script>alert(1)</script>", "a\nb\tc", "\u{202e}drow", "層ごとの類似度", "", "e\u{301}te\u{301}",
      ])
    ),
  ]

  @Test(arguments: studies.indices)
  func nothingOverlapsOrLeavesThePage(study: Int) throws {
    let (name, figures) = Self.studies[study]
    for figure in figures.all {
      for target in AllTargets.all {
        let themes: [Theme] = target.unit == .pixel ? [.light, .dark] : [.print]
        for theme in themes {
          let scene = try figure.scene(for: target, theme: theme, fonts: fonts)
          let findings = scene.audit()
          #expect(
            findings.isEmpty,
            "\(name), \(figure.id), \(target.name), \(theme.name): \(findings.prefix(3))")
          #expect(scene.width == target.width)
        }
      }
    }
  }
}
