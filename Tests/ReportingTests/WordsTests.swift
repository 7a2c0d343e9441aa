import Plotting
import Testing

@testable import Reporting

@Suite struct WordsTests {
  @Test(arguments: [
    (0.285, 2, "0.29"), (-0.0004, 2, "0.00"), (-0.034, 2, "\u{2212}0.03"), (1234.5, 1, "1234.5"),
    (Double.nan, 2, "–"), (12_345.6, 0, "12,346"),
  ])
  func numbersHaveATrueMinusAndNoSignAtZero(value: Double, decimals: Int, text: String) {
    #expect(Words.number(value, decimals: decimals) == text)
  }

  @Test func anEffectKeepsThePlacesThatItsSmallestPartNeeds() {
    #expect(Words.effect(0.12, -0.03, 0.28) == "+0.12 [\u{2212}0.03, 0.28]")
    #expect(Words.effect(0.028, -0.004, 0.061) == "+0.028 [\u{2212}0.004, 0.061]")
    #expect(Words.effect(0.5, nil, nil) == "+0.50")
  }

  @Test(arguments: [
    (724_352, "724k"), (70_426_624, "70M"), (1_414_647_808, "1.4B"), (2_238_464, "2.2M"),
    (999_999, "1M"), (12, "12"),
  ])
  func sizesReadAsTheyAreSpoken(count: Int, text: String) {
    #expect(Words.parameters(count) == text)
  }

  @Test func aSymbolIsNotCapitalized() {
    #expect(Words.capitalized("ρ of settling") == "ρ of settling")
    #expect(Words.capitalized("layers") == "Layers")
  }

  @Test func namesOfFilesAreSafeAndNeverTwoAlike() {
    let names = ["../../etc", "<script>", "A b", "a-b", "", "a_b"]
    let slugs = Slugs.unique(names, by: Slugs.slug)
    #expect(Set(slugs.map { $0.lowercased() }).count == names.count)
    for slug in slugs {
      #expect(
        slug.utf8.allSatisfy { ($0 >= 97 && $0 <= 122) || ($0 >= 48 && $0 <= 57) || $0 == 45 })
    }
    #expect(Slugs.folder("pythia-1.4b") == "pythia-1.4b")
    #expect(Slugs.folder("..") != "..")
    // Hosts drop names with an underscore before them, Windows has devices of these names.
    #expect(Slugs.folder("_x") == "x")
    for name in ["con", "NUL", "aux.old", "com1", "LPT9"] {
      #expect(
        !["con", "nul", "aux", "com1", "lpt9"].contains(Slugs.folder(name).prefix { $0 != "." }))
      #expect(!["con", "nul", "com1", "lpt9"].contains(Slugs.slug(name)))
    }
    #expect(Slugs.folder("console") == "console" && Slugs.folder("com10") == "com10")
  }

  @Test func texOfANameRunsNothing() {
    #expect(
      TeX.escaped("a_b \\input{x} 20\u{202F}%") == "a\\_b \\textbackslash{}input\\{x\\} 20\\,\\%")
  }

  /// Every letter that may stand as it is has a glyph or an accent in OT1, the encoding that a paper has without asking.
  @Test func lettersThatStopAPlainPaperAreReplaced() {
    #expect(TeX.escaped("Wałęsa đð þ Ŋ ÷ Łódź é") == "Wałesa dd th N / Łódź é")
    #expect(TeX.escaped("層") == "[U+5C64]")
  }

  /// What a figure can write, its caption can too.
  @Test func everyCharacterOfTheFacesStandsInAPaper() throws {
    let fonts = try FigureDrawing.faces()
    let held = (UInt32(0x20)..<0x3000).compactMap(Unicode.Scalar.init).filter {
      fonts.shape(String($0), .regular).glyphs.first?.glyph != 0
    }
    #expect(held.count > 450)
    let spelled = held.filter { TeX.escaped(String($0)).contains("U+") }
    // The currency sign and the soft hyphen stand in no name.
    #expect(spelled == ["\u{A4}", "\u{AD}"])
    #expect(
      TeX.escaped("±0.02, ά → 10⁻⁴")
        == "\\ensuremath{\\pm}0.02, \\ensuremath{\\alpha} \\ensuremath{\\rightarrow} 10\\ensuremath{^-}\\ensuremath{^{4}}"
    )
  }
}
