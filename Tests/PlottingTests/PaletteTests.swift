import Plotting
import Testing

@Suite struct PaletteTests {
  private static let themes: [Theme] = [.light, .dark]

  @Test func okLabAgreesWithItsPublishedExampleAndInverts() {
    // Ottosson 2020: white is (1, 0, 0); sRGB red is (0.628, 0.225, 0.126).
    let white = OKLab(RGB(0xffffff))
    #expect(abs(white.lightness - 1) < 1e-3 && abs(white.a) < 1e-3 && abs(white.b) < 1e-3)
    let red = OKLab(RGB(0xff0000))
    #expect(abs(red.lightness - 0.62796) < 1e-4)
    #expect(abs(red.a - 0.22486) < 1e-4 && abs(red.b - 0.12585) < 1e-4)
    for value in stride(from: UInt32(0), to: 0xffffff, by: 65_537 * 3 + 1) {
      #expect(OKLab(RGB(value)).rgb == RGB(value))
    }
  }

  @Test func contrastIsThatOfWCAG() {
    #expect(abs(RGB(0x000000).contrast(to: RGB(0xffffff)) - 21) < 1e-9)
    #expect(abs(RGB(0x777777).contrast(to: RGB(0xffffff)) - 4.478) < 1e-3)
  }

  /// Two unordered colours stay apart in every kind of vision, and in grey through lightness.
  @Test(arguments: themes, ColorVision.allCases)
  func categoricalColoursStayApart(theme: Theme, vision: ColorVision) {
    #expect(vision.worst(theme.categorical.colours) >= 12)
    let lightness = theme.categorical.colours.map { 100 * OKLab($0).lightness }.sorted()
    for (a, b) in zip(lightness, lightness.dropFirst()) { #expect(b - a >= 7.5) }
  }

  @Test(arguments: themes, ColorVision.allCases)
  func orderedColoursStayApart(theme: Theme, vision: ColorVision) {
    #expect(vision.worst(theme.size.colours) >= 6.9)
    #expect(vision.worst(theme.depth.spread(4)) >= 9.4)
    #expect(vision.worst(theme.sequential.colours) >= 5.2)
    #expect(vision.worst(theme.diverging.colours) >= 7.7)
  }

  /// Marks need 3 : 1 against the page, text 4.5 : 1.
  @Test(arguments: themes)
  func everyMarkAndWordStandsOutFromThePage(theme: Theme) {
    for colour in theme.categorical.colours + theme.size.colours + theme.depth.colours {
      #expect(colour.contrast(to: theme.page) >= 2.98, "\(colour)")
    }
    for text in [theme.ink, theme.soft, theme.mark] {
      #expect(text.contrast(to: theme.page) >= 4.5)
      #expect(text.contrast(to: theme.null) >= 4.0)
    }
    for line in [theme.axis, theme.frame] { #expect(line.contrast(to: theme.page) >= 3) }
  }

  /// The same difference of value looks the same everywhere on the scale, and grey print keeps the order.
  @Test(arguments: themes)
  func sequentialColoursAreEvenAndMonotoneInLightness(theme: Theme) {
    let fine = (0...32).map { OKLab(theme.sequential.colour(at: Double($0) / 32)) }
    let steps = zip(fine, fine.dropFirst()).map { $0.distance(to: $1) }
    let mean = steps.reduce(0, +) / Double(steps.count)
    for step in steps { #expect(abs(step - mean) < 0.2 * mean) }
    let sign = theme.name == .dark ? 1.0 : -1.0
    for (a, b) in zip(fine, fine.dropFirst()) { #expect(sign * (b.lightness - a.lightness) > 0) }
  }

  @Test(arguments: themes)
  func divergingColoursAreBalancedAroundTheColourOfThePage(theme: Theme) {
    let palette = theme.diverging
    let middle = OKLab(palette.colour(at: 0.5))
    #expect(middle.distance(to: OKLab(theme.page)) < 0.1)
    for t in [0.0, 0.1, 0.2, 0.3, 0.4] {
      let (a, b) = (OKLab(palette.colour(at: t)), OKLab(palette.colour(at: 1 - t)))
      #expect(abs(a.lightness - b.lightness) < 0.05)
    }
  }

  @Test func seriesOfOneFigureNeverLookAlike() {
    let names = (0..<18).map { "run \($0)" }
    let styles = SeriesScale.categorical(names).styles(.light)
    #expect(Set(styles.values).count == 18)
    // In grey, neighbours differ by marker or dash as well.
    for (a, b) in zip(names, names.dropFirst()) {
      let (p, q) = (styles[a], styles[b])
      #expect(p?.marker != q?.marker || p?.dash != q?.dash)
    }
  }

  @Test(arguments: themes)
  func rampsOfFewSeriesKeepTheirContrast(theme: Theme) {
    for count in 1...8 {
      for colour in theme.size.spread(count) + theme.depth.spread(count) {
        #expect(colour.contrast(to: theme.page) >= 2.9, "\(count): \(colour)")
      }
    }
  }

  /// Print in grey: neighbours of an ordered ramp differ in lightness, in one direction, and by their marker.
  @Test(arguments: themes)
  func orderedRampsCanBeReadInGrey(theme: Theme) {
    for (colours, least) in [(theme.size.spread(5), 7.0), (theme.depth.spread(4), 9.0)] {
      let lightness = colours.map { 100 * OKLab($0).lightness }
      let steps = zip(lightness, lightness.dropFirst()).map { $1 - $0 }
      #expect(steps.allSatisfy { abs($0) >= least }, "\(steps)")
      #expect(steps.allSatisfy { ($0 > 0) == (steps[0] > 0) })
    }
    let names = (0..<8).map { "run \($0)" }
    for scale in [SeriesScale.size(names), .depth(names)] {
      let styles = scale.styles(theme)
      for (a, b) in zip(names, names.dropFirst()) {
        #expect(styles[a]?.marker != styles[b]?.marker)
      }
    }
  }
}
