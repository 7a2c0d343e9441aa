import Files

/// Everything that the files of a figure follow from, by its hash: what a figure that was drawn before
/// is known by.
package struct FigureInputs: Sendable, Hashable {
  package let id: String
  /// Name and SHA-256 of each part.
  package let parts: [Part]

  package struct Part: Sendable, Hashable {
    package let name: String
    package let hash: String
  }
}

/// Where drawn figures are kept from one report to the next.
package struct FigureCache: Sendable {
  /// The record of the figure that was drawn from these inputs; `nil` where there is none.
  package let stored: @Sendable (FigureInputs) throws -> [UInt8]?
  package let store: @Sendable (FigureInputs, [UInt8]) throws -> Void

  package init(
    stored: @escaping @Sendable (FigureInputs) throws -> [UInt8]?,
    store: @escaping @Sendable (FigureInputs, [UInt8]) throws -> Void
  ) {
    self.stored = stored
    self.store = store
  }

  /// Keeps nothing.
  package static let none = FigureCache { _ in
    nil
  } store: { _, _ in
  }

  /// The figure as it was drawn before, or drawn by `draw` and kept.
  func figure(
    _ figure: ReportFigure, draw: (ReportFigure) throws(ReportError) -> DrawnFigure
  ) throws -> DrawnFigure {
    let inputs = try figure.inputs
    do {
      if let record = try stored(inputs) {
        return try RecordDecoder.value(DrawnFigure.self, from: record)
      }
    } catch is RecordDecoder.Malformed {
      // Another program's record under this key: it is replaced.
    }
    let drawn = try draw(figure)
    try store(inputs, RecordEncoder.bytes(of: drawn))
    return drawn
  }
}

extension ReportFigure {
  /// The rows, the words around the drawing, and the drawing itself.
  var inputs: FigureInputs {
    get throws {
      func part(_ name: String, _ bytes: [UInt8]) -> FigureInputs.Part {
        FigureInputs.Part(name: name, hash: SHA256Digest(of: bytes).hex)
      }
      return FigureInputs(
        id: id,
        parts: [
          part("rows", Array(rows.csv.utf8)),
          part("words", try RecordEncoder.bytes(of: [id, title, caption, alt])),
          part("drawing", try RecordEncoder.bytes(of: figure)),
        ])
    }
  }
}
