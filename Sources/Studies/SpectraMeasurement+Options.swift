import Capture
import LanguageModels
import LinearAlgebra
import Metrics
import Statistics

/// Quantities of the weights that a study has to ask for.
extension SpectraMeasurement {
  /// Sparsity of the entries of W_down and of the OV products.
  func entryRows(layer: Int, _ matrices: AnalysedMatrices) -> [MeasuredRow] {
    var rows: [MeasuredRow] = []
    if measuresMLP {
      rows += sparsity(matrices.down) {
        MeasuredRow(layer: layer, component: "mlp", object: "weights", metric: $0, value: nil)
      }
    }
    guard measuresOV else { return rows }
    let attention = attention(matrices, .interleaved)
    for head in 0..<(settings.heads ? configuration.heads : 0) {
      rows += sparsity(attention.product(ofHead: head)) {
        MeasuredRow(
          layer: layer, head: head, component: "ov", object: "weights", metric: $0, value: nil)
      }
    }
    return rows
      + sparsity(attention.fullProduct) {
        MeasuredRow(layer: layer, component: "ov", object: "weights", metric: $0, value: nil)
      }
  }

  private func sparsity<Scalar: BLASScalar>(
    _ matrix: Matrix<Scalar>, _ row: (String) -> MeasuredRow
  ) -> [MeasuredRow] {
    [
      row("hoyer").filled(Result { () throws(Gap) in try matrix.hoyerSparsity() }),
      row("gini").filled(Result { () throws(Gap) in try matrix.giniSparsity() }),
    ]
  }

  /// PER of the same matrices with their entries in random order, seeded by study and layer.
  func shuffledRows(
    layer: Int, _ matrices: AnalysedMatrices, lanes: Lanes
  ) -> [MeasuredRow] {
    var generator = SeededGenerator(seed: seed &+ UInt64(layer) &* 0x9E37_79B9_7F4A_7C15)
    var rows: [MeasuredRow] = []
    func row(_ component: String, head: Int? = nil) -> MeasuredRow {
      MeasuredRow(
        layer: layer, head: head, component: component, object: "weights", metric: "per_shuffled",
        value: nil)
    }
    if measuresMLP {
      let down = matrices.down.shuffledEntries(using: &generator)
      rows.append(
        row("mlp").filled(
          Result { () throws(Gap) in
            try Spectrum(of: down).per(k: min(size, configuration.intermediateSize))
          }))
    }
    guard measuresOV else { return rows }
    let spectra = attention(matrices, .interleaved)
      .shuffledEntries(using: &generator).ovSpectra(settings.heads ? .all : .full, lanes: lanes)
    for (head, spectrum) in spectra.heads.enumerated() {
      rows.append(row("ov", head: head).filled(spectrum.flatMap { $0.value(.per, k: headSize) }))
    }
    if let full = spectra.full {
      rows.append(
        row("ov").filled(full.flatMap { $0.value(.per, k: configuration.productRank) }))
    }
    return rows
  }

  /// Spectra of W_Q[h]ᵀ W_K[h] by head.
  func queryKeyRows(
    layer: Int, _ matrices: AnalysedMatrices, lanes: Lanes
  ) -> [MeasuredRow] {
    let spectra = queryKeySpectra(
      query: matrices.query, key: matrices.key, heads: configuration.heads,
      lanes: lanes)
    return spectra.enumerated().flatMap { head, spectrum in
      rows(spectrum, k: headSize) {
        MeasuredRow(
          layer: layer, head: head, component: "qk", object: "weights", metric: $0, value: nil)
      }
    }
  }

  /// pico-analyze's spectra of the weights.
  func picoRows(layer: Int, _ matrices: AnalysedMatrices) -> [MeasuredRow] {
    guard measuresOV else { return [] }
    let spectra = attention(matrices, .interleaved).picoSpectra()
    return picoRows(
      layer: layer, object: "weights", k: headSize, heads: spectra.heads,
      layerSpectrum: spectra.layer)
  }

  func picoRows(
    layer: Int, object: String, k: Int, heads: [Result<Spectrum, Gap>],
    layerSpectrum: Result<Spectrum, Gap>
  ) -> [MeasuredRow] {
    func template(_ metric: String, head: Int?) -> MeasuredRow {
      MeasuredRow(
        layer: layer, head: head, component: "ov", object: object, metric: metric, variant: "pico",
        value: nil)
    }
    let byHead = (settings.heads ? heads : []).enumerated().flatMap { head, spectrum in
      rows(spectrum, k: k) { template($0, head: head) }
    }
    return byHead + rows(layerSpectrum, k: k) { template($0, head: nil) }
  }

  /// ‖W − W₀‖_F / ‖W₀‖_F of one layer's matrices since the checkpoint before.
  func changeRows(
    layer: Int, _ matrices: AnalysedMatrices, since earlier: AnalysedMatrices, lanes: Lanes
  ) -> [MeasuredRow] {
    func row(_ component: String, head: Int? = nil) -> MeasuredRow {
      MeasuredRow(
        layer: layer, head: head, component: component, object: "weights",
        metric: "relative_change", value: nil)
    }
    var rows: [MeasuredRow] = []
    if measuresMLP {
      let (now, before) = (
        matrices.down, earlier.down
      )
      rows.append(
        row("mlp").filled(
          Result { () throws(Gap) in try RelativeChange.of(now, since: before) }))
    }
    guard measuresOV else { return rows }
    let now = attention(matrices, .interleaved)
    let before = attention(earlier, .interleaved)
    if settings.heads {
      for (head, value) in RelativeChange.ofHeads(now, since: before, lanes: lanes).enumerated() {
        rows.append(row("ov", head: head).filled(value))
      }
    }
    rows.append(
      row("ov").filled(
        Result { () throws(Gap) in try RelativeChange.ofFullProduct(now, since: before) }))
    return rows
  }
}

extension MeasuredRow {
  /// This row with a value, or with the gap's reason.
  func filled(_ value: Result<Double, Gap>) -> MeasuredRow {
    var row = self
    switch value {
    case .success(let number): row.value = number
    case .failure(let gap): row.gap = gap.rawValue
    }
    return row
  }
}
