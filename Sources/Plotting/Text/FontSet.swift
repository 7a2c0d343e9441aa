/// The four faces that figures are set in.
package enum Face: Int, Sendable, CaseIterable, Hashable { case regular, semibold, bold, italic }

/// A glyph and where it starts, in font units from the start of the run.
package struct PlacedGlyph: Sendable, Hashable {
  package var glyph: Int
  package var x: Int
}

/// Measures and shapes text by the fonts' own advances and kerning: layout, PDF, PNG and SVG all place glyphs from
/// here, so what was measured is what is drawn.
package struct FontSet: Sendable {
  private let faces: [Typeface]

  /// From the bytes of the four font files.
  package init(regular: [UInt8], semibold: [UInt8], bold: [UInt8], italic: [UInt8]) throws {
    faces = [
      try Typeface(name: "regular", bytes: regular),
      try Typeface(name: "semibold", bytes: semibold),
      try Typeface(name: "bold", bytes: bold), try Typeface(name: "italic", bytes: italic),
    ]
  }

  package func typeface(_ face: Face) -> Typeface { faces[face.rawValue] }

  /// Glyphs of one line, and the advance of the whole in font units. One glyph for each Unicode scalar, so that a
  /// renderer can map glyphs back to text; what the face lacks shows as its replacement glyph, one for a character
  /// with its marks. Digits are never kerned, so that columns of numbers stay aligned.
  package func shape(_ text: String, _ face: Face) -> (glyphs: [PlacedGlyph], advance: Int) {
    let typeface = faces[face.rawValue]
    var glyphs: [PlacedGlyph] = []
    var x = 0
    glyphs.reserveCapacity(text.utf8.count)
    var previous: (glyph: Int, scalar: UInt32)?
    for scalar in text.unicodeScalars {
      let glyph = typeface.glyph(scalar.value)
      if glyph == 0, previous?.glyph == 0, scalar.joinsWhatStandsBefore {
        glyphs.append(PlacedGlyph(glyph: typeface.glyph(0x20), x: x))
        continue
      }
      if let before = previous {
        x += typeface.kerning(before, (glyph, scalar.value))
      }
      glyphs.append(PlacedGlyph(glyph: glyph, x: x))
      x += typeface.advances[glyph]
      previous = (glyph, scalar.value)
    }
    return (glyphs, x)
  }

  /// The width of one line of text at `size`, in the unit of `size`.
  package func width(_ text: String, _ face: Face, size: Double) -> Double {
    Double(shape(text, face).advance) * size / Double(faces[face.rawValue].unitsPerEm)
  }

  /// The characters of a label that the faces lack, each once, in their order: what stands as the replacement glyph in
  /// a figure. All faces hold the same characters.
  package func missing(in label: String) -> [Character] {
    let typeface = faces[Face.regular.rawValue]
    var missing: [Character] = []
    for character in printable(label)
    where character.unicodeScalars.contains(where: { typeface.glyph($0.value) == 0 })
      && !missing.contains(character)
    {
      missing.append(character)
    }
    return missing
  }
}

extension Unicode.Scalar {
  /// Marks, variation selectors and skin tones: part of the character before them.
  fileprivate var joinsWhatStandsBefore: Bool {
    switch properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .spacingMark: true
    default: properties.isEmojiModifier
    }
  }
}
