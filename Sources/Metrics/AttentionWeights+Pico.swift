package import LinearAlgebra

// Variant `pico`: pico-analyze's OV circuit multiplies in the other order. For comparison only.
// METHODS section 4.

/// Spectra by pico-analyze's definitions.
package struct PicoSpectra: Sendable, Equatable {
  /// By head.
  package let heads: [Result<Spectrum, Gap>]
  /// Of the heads' matrices side by side.
  package let layer: Result<Spectrum, Gap>
}

extension AttentionWeights {
  /// W_V[h, :] W_O[:, h] [d_h, d_h] by head, and side by side [d_h, H d_h]; PER with k = d_h for both.
  ///
  /// The eigenvalues are those of the OV product, the singular values are others.
  package func picoSpectra() -> PicoSpectra {
    let products = (0..<heads).map { head in
      valueOfHead(head).inDouble.multiplied(byTransposeOf: outputOfHead(head).inDouble)
    }
    return PicoSpectra(
      heads: products.map { product in Result { () throws(Gap) in try Spectrum(of: product) } },
      layer: Result { () throws(Gap) in try Spectrum(of: .sideBySide(products)) })
  }

  /// The gradient ∂W_O[:, h] W_V[h, :] + W_O[:, h] ∂W_V[h, :] by head, with d as k, and side by side
  /// [d, H d]. The heads' spectra are those of `ovGradientSpectra`; divide them by d.
  ///
  /// With [W_V; ∂W_V] = Rᵀ Qᵀ by head, G = A Rᵀ Qᵀ side by side has the singular values of A Rᵀ side by
  /// side [d, 2d].
  package func picoGradientSpectra(
    _ gradient: AttentionWeights, lanes: Lanes = .single
  ) -> PicoSpectra {
    PicoSpectra(
      heads: ovGradientSpectra(gradient, .heads, lanes: lanes).heads,
      layer: Result { () throws(Gap) in
        let reduced = try Gap.from { () throws(LinearAlgebraError) in
          var blocks: [Matrix<Double>] = []
          for head in 0..<heads {
            let left = gradient.outputOfHead(head).stacked(on: outputOfHead(head)).inDouble
            let right = valueOfHead(head).stacked(on: gradient.valueOfHead(head))
            let r = try QRFactorization(of: right.transposed).r
            blocks.append(left.transposed.multiplied(byTransposeOf: r))
          }
          return blocks
        }
        let whole = Matrix<Double>.sideBySide(reduced)
        let spectrum = try Spectrum(of: whole)
        return Spectrum(
          values: spectrum.values, rows: output.rows, columns: heads * value.columns)
      })
  }
}

extension Matrix<Double> {
  /// Matrices of equally many rows beside each other.
  static func sideBySide(_ blocks: [Matrix<Double>]) -> Matrix<Double> {
    let rows = blocks.first?.rows ?? 0
    precondition(blocks.allSatisfy { $0.rows == rows }, "blocks of different heights")
    var elements: [Double] = []
    for row in 0..<rows {
      for block in blocks {
        elements += block.elements[row * block.columns..<(row + 1) * block.columns]
      }
    }
    return Matrix(
      rows: rows, columns: blocks.reduce(0) { $0 + $1.columns }, elements: elements)
  }
}
