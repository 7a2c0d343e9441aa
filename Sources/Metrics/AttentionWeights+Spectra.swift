package import LinearAlgebra

/// The spectra of one layer's OV products, or of their gradients.
package struct OVSpectra: Sendable, Equatable {
  /// By head; empty if not asked for.
  package let heads: [Result<Spectrum, Gap>]
  /// Of the product over all heads; nil if not asked for.
  package let full: Result<Spectrum, Gap>?
}

/// Which of a layer's products to take.
package struct OVProducts: OptionSet, Sendable {
  package let rawValue: Int
  package init(rawValue: Int) { self.rawValue = rawValue }

  /// W_O[:, h] W_V[h, :] of each head.
  package static let heads = OVProducts(rawValue: 1)
  /// W_O W_V, all heads together.
  package static let full = OVProducts(rawValue: 2)
  package static let all: OVProducts = [.heads, .full]
}

extension AttentionWeights {
  /// Spectra of the products of the weights: min(d_h, d) values for a head, d for the full one.
  ///
  /// Heads' products are never formed (O(d d_h²) each); heads are computed in parallel over `lanes`.
  package func ovSpectra(
    _ products: OVProducts = .all, route: SingularValues.Route = .gram, lanes: Lanes = .single
  ) -> OVSpectra {
    let full = products.contains(.full) ? 1 : 0
    let count = products.contains(.heads) ? heads : 0
    // The full product takes longest, so it starts first.
    let spectra = lanes.results(full + count) { index in
      index < full
        ? fullSpectrum(route) { fullProduct }
        : headSpectrum(route, outputOfHead(index - full), valueOfHead(index - full))
    }
    return OVSpectra(
      heads: Array(spectra[full...]), full: products.contains(.full) ? spectra[0] : nil)
  }

  /// Spectra of the first-order change ∂W_O W_V + W_O ∂W_V of the products: min(2 d_h, d) values for
  /// a head, d for the full one. `gradient` holds ∂W_O and ∂W_V in the layout of the weights.
  ///
  /// A head's sum is one product of inner dimension 2 d_h, [∂W_O, W_O] [W_V; ∂W_V], never formed.
  package func ovGradientSpectra(
    _ gradient: AttentionWeights, _ products: OVProducts = .all,
    route: SingularValues.Route = .gram, lanes: Lanes = .single
  ) -> OVSpectra {
    precondition(
      gradient.heads == heads && gradient.output.rows == output.rows
        && gradient.output.columns == output.columns && gradient.value.columns == value.columns,
      "gradients of another shape than the weights")
    let full = products.contains(.full) ? 1 : 0
    let count = products.contains(.heads) ? heads : 0
    let spectra = lanes.results(full + count) { index in
      guard index >= full else {
        return fullSpectrum(route) {
          let first = self.value.inDouble.premultiplied(by: gradient.output)
          return gradient.value.inDouble.premultiplied(by: self.output, adding: first)
        }
      }
      let head = index - full
      return headSpectrum(
        route, gradient.outputOfHead(head).stacked(on: outputOfHead(head)),
        valueOfHead(head).stacked(on: gradient.valueOfHead(head)))
    }
    return OVSpectra(
      heads: Array(spectra[full...]), full: products.contains(.full) ? spectra[0] : nil)
  }

  private func headSpectrum(
    _ route: SingularValues.Route, _ outputTransposed: Matrix<Float>, _ value: Matrix<Float>
  ) -> Result<Spectrum, Gap> {
    Result { () throws(Gap) in
      try Spectrum(ofProductWithTranspose: outputTransposed, value, route: route)
    }
  }

  private func fullSpectrum(
    _ route: SingularValues.Route, _ product: () -> Matrix<Double>
  ) -> Result<Spectrum, Gap> {
    Result { () throws(Gap) in try Spectrum(of: product(), route: route) }
  }
}

extension Matrix<Double> {
  /// A B + C for A [m, k] in Float, this B [k, n] and C [m, n]. BLAS: dgemm.
  func premultiplied(by a: Matrix<Float>, adding c: Matrix<Double>? = nil) -> Matrix<Double> {
    precondition(a.columns == rows, "\(a.rows) x \(a.columns) times \(rows) x \(columns)")
    var result = c ?? Matrix(rows: a.rows, columns: columns)
    guard a.rows > 0, columns > 0, rows > 0 else { return result }
    Double.gemm(
      .none, .none, m: a.rows, n: columns, k: rows, alpha: 1, a.inDouble.elements,
      lda: a.columns, elements, ldb: columns, beta: 1, &result.elements, ldc: columns)
    return result
  }
}

extension Lanes {
  /// The values of `body` for each index below `count`, in order.
  func results<Element: Sendable>(
    _ count: Int, _ body: @Sendable (Int) -> Element
  ) -> [Element] {
    var values = [Element?](repeating: nil, count: count)
    values.withUnsafeMutableBufferPointer { slots in
      // SAFETY: each index writes its own slot, and the call returns after all have.
      nonisolated(unsafe) let slots = slots
      forEach(count) { index in slots[index] = body(index) }
    }
    return values.compactMap(\.self)
  }
}
