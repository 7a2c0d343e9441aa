import Testing

@testable import Plotting

@Suite struct TypefaceTests {
  private let fonts: FontSet

  init() throws { fonts = try FigureFonts.load() }

  /// The italic is left out: its 6 is narrower, so it never sets columns of numbers.
  @Test(arguments: [Face.regular, .semibold, .bold])
  func figuresAreTabularAndNeverKerned(face: Face) {
    let one = fonts.width("1", face, size: 10)
    for text in ["7", "0", "11", "74", "1234567890"] {
      #expect(abs(fonts.width(text, face, size: 10) - one * Double(text.count)) < 1e-9)
    }
  }

  @Test(arguments: Face.allCases)
  func pairsAreKerned(face: Face) {
    for pair in ["AV", "To", "Wa", "LT"] {
      let alone = pair.map { fonts.width(String($0), face, size: 100) }.reduce(0, +)
      #expect(fonts.width(pair, face, size: 100) < alone - 1, "\(pair) in \(face)")
    }
    #expect(fonts.width("nn", face, size: 100) == 2 * fonts.width("n", face, size: 100))
  }

  /// Advances and GPOS values read by fontTools from the same file.
  @Test func advancesAndKerningAgreeWithFontTools() {
    let regular = fonts.typeface(.regular)
    #expect(regular.unitsPerEm == 2000)
    #expect(fonts.shape("0", .regular).advance == 1160)
    let expected = ["AV": 2600, "To": 2071, "Tο": 2315, "Γο": 1878, "P.": 1472, "Wa": 2952]
    for (text, advance) in expected {
      #expect(fonts.shape(text, .regular).advance == advance, "\(text)")
    }
  }

  @Test(arguments: Face.allCases)
  func everyGlyphHasAReadableOutline(face: Face) throws {
    let typeface = fonts.typeface(face)
    var drawn = 0
    for glyph in typeface.advances.indices {
      let outline = try typeface.outline(of: glyph)
      if !outline.contours.isEmpty { drawn += 1 }
      for contour in outline.contours {
        guard case .move = contour.first else {
          Issue.record("glyph \(glyph) does not begin with a move")
          continue
        }
      }
    }
    #expect(drawn > 450)
  }

  @Test(arguments: Face.allCases)
  func labelsNeedNoCharacterThatIsMissing(face: Face) {
    let needed = "−≤≥≈±×∂‖√ΣℓρστΔ₂²⁻…–“”’ŁßéÅçñ\u{202f}\u{a0}→·%"
    for scalar in needed.unicodeScalars {
      #expect(
        fonts.typeface(face).glyph(scalar.value) != 0, "U+\(String(scalar.value, radix: 16))")
    }
  }

  @Test(arguments: Face.allCases)
  func aMissingCharacterShowsAsAReplacementGlyphNotAsNothing(face: Face) throws {
    #expect(fonts.shape("層", face).glyphs.map(\.glyph) == [0])
    let typeface = fonts.typeface(face)
    let outline = try typeface.outline(of: 0)
    let points = outline.contours.joined().flatMap { segment in
      switch segment {
      case .move(let x, let y), .line(let x, let y): [(x, y)]
      case .quadratic(_, let end): [end]
      }
    }
    // As high as a capital, and inside the width that the layout reserves for it.
    #expect((points.map(\.1).max() ?? 0) > typeface.unitsPerEm / 2)
    #expect(points.allSatisfy { 0...typeface.advances[0] ~= $0.0 })
    #expect(fonts.shape("層層", face).advance == 2 * typeface.advances[0])
  }

  /// A vowel sign, a variation selector and a skin tone belong to the character before them; on a letter that the face
  /// has, an accent that it lacks must not vanish.
  @Test func oneReplacementGlyphStandsForACharacterWithItsMarks() {
    let one = fonts.shape("層", .regular).advance
    for text in ["क\u{93F}", "☃\u{FE0F}", "👍🏽", "ب\u{64B}"] {
      let shaped = fonts.shape(text, .regular)
      #expect(shaped.advance == one, "\(text)")
      #expect(shaped.glyphs.count == text.unicodeScalars.count, "one glyph a scalar, \(text)")
    }
    #expect(fonts.shape("x\u{20D7}", .regular).advance > one)
  }

  @Test func missingCharactersAreNamedOnceInTheirOrder() {
    #expect(fonts.missing(in: "pythia-70m, ρ ≤ −0.3, Łódź") == [])
    #expect(fonts.missing(in: "模型-模 a👍🏽") == ["模", "型", "👍🏽"])
    // What a label does not draw is not missing from it.
    #expect(fonts.missing(in: "a\u{200B}b\u{202E}c\td") == [])
    #expect(fonts.missing(in: "e\u{301}") == [], "composed before it is drawn")
  }

  @Test func allFacesHoldTheSameCharacters() {
    let differing = (UInt32(0x20)..<0x3000).filter { scalar in
      Set(Face.allCases.map { fonts.typeface($0).glyph(scalar) != 0 }).count > 1
    }
    #expect(differing == [])
  }

  @Test func brokenFilesAreRefusedWithTheTable() throws {
    let good = try FigureFonts.bytes("regular")
    #expect(throws: PlottingError.self) { try Typeface(name: "x", bytes: []) }
    #expect(throws: PlottingError.self) { try Typeface(name: "x", bytes: Array(good.prefix(5000))) }
    // Any truncation or damage is an error or a face, never a crash.
    for seed in 0..<200 {
      var bytes = good
      for k in 0..<8 {
        let at = (seed &* 7919 &+ k &* 104_729) % bytes.count
        bytes[at % (k < 4 ? 400 : bytes.count)] = UInt8(truncatingIfNeeded: seed &* 31 &+ k &* 17)
      }
      guard let face = try? Typeface(name: "x", bytes: bytes) else { continue }
      for glyph in stride(from: 0, to: face.advances.count, by: 7) {
        _ = try? face.outline(of: glyph)
      }
    }
  }

  @Test func intervalsBreakAtTheirBracketAndInsideOnlyWhereTheyMust() {
    let text = "slope +0.05 [−0.13,\u{A0}0.23]"
    let measure = { (text: String) in Double(text.count) }
    #expect(wrapped(text, width: 13, measure: measure) == ["slope +0.05", "[−0.13,\u{A0}0.23]"])
    #expect(wrapped(text, width: 11, measure: measure) == ["slope +0.05", "[−0.13,", "0.23]"])
    #expect(wrapped("pythia-70m", width: 8, hyphens: true, measure: measure) == ["pythia-", "70m"])
    #expect(wrapped("pythia-70m", width: 8, measure: measure) == ["pyth…70m"])
  }
}
