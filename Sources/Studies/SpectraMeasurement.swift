import Capture
import LanguageModels
import LinearAlgebra
import Metrics

/// The spectra of one checkpoint's weights, or of its gradients, as measured rows (METHODS
/// section 4).
struct SpectraMeasurement: Sendable {
  let configuration: ModelConfiguration
  let settings: MeasureSettings
  let seed: UInt64

  /// Quantities that are measured together: adding one of another group leaves these alone.
  enum Group: String, Sendable, CaseIterable {
    /// Everything that follows from the singular values at no cost beside them.
    case values
    /// Sparsity of the entries.
    case entries
    /// PER of the same matrices with their entries shuffled.
    case shuffled
    /// The QK circuit.
    case qk
    /// pico-analyze's variant.
    case pico
  }

  /// The groups that the study's weights need.
  var weightGroups: [Group] {
    var groups: [Group] = [.values]
    let wanted = Set(settings.spectra)
    if !wanted.isDisjoint(with: ["hoyer", "gini"]) { groups.append(.entries) }
    if wanted.contains("per_shuffled") { groups.append(.shuffled) }
    if wanted.contains("qk") { groups.append(.qk) }
    if settings.pico { groups.append(.pico) }
    return groups
  }

  /// The settings of a group in words, for a unit's key.
  func words(_ group: Group) -> String {
    group == .shuffled
      ? "\(group.rawValue): \(matrices), seed \(seed)" : "\(group.rawValue): \(matrices)"
  }

  /// The settings of the gradients' unit in words.
  var gradientWords: String { "values: \(matrices)" + (settings.pico ? " pico" : "") }

  /// Which matrices are measured.
  private var matrices: String {
    (settings.components.map(\.rawValue).filter { $0 == "mlp" || $0 == "ov" }.sorted()
      + (settings.heads ? ["heads"] : []) + (settings.published ? ["published"] : []))
      .joined(separator: " ")
  }

  var size: Int { configuration.hiddenSize }
  var headSize: Int { configuration.headSize }
  /// All that a spectrum gives, asked for or not: what is shown is chosen when the rows are gathered.
  private var spectralMetrics: [SpectralMetric] { SpectralMetric.allCases }

  /// The rows of one layer's weights.
  func weightRows(
    _ group: Group, layer: Int, of model: LanguageModel, lanes: Lanes
  ) throws -> [MeasuredRow] {
    let matrices = try model.analysedMatrices(layer: layer)
    switch group {
    case .values: return valueRows(layer: layer, matrices, lanes: lanes)
    case .entries: return entryRows(layer: layer, matrices)
    case .shuffled: return shuffledRows(layer: layer, matrices, lanes: lanes)
    case .qk: return queryKeyRows(layer: layer, matrices, lanes: lanes)
    case .pico: return picoRows(layer: layer, matrices)
    }
  }

  private func valueRows(
    layer: Int, _ matrices: AnalysedMatrices, lanes: Lanes
  ) -> [MeasuredRow] {
    var rows: [MeasuredRow] = []
    if measuresMLP {
      rows += mlpRows(
        layer: layer, object: "weights",
        spectrum: Result { () throws(Gap) in try Spectrum(of: matrices.down) })
    }
    if measuresOV {
      for layout in layouts {
        let spectra = attention(matrices, layout)
          .ovSpectra(products, lanes: lanes)
        rows += ovRows(
          layer: layer, object: "weights", layout: layout, heads: spectra.heads,
          full: spectra.full)
      }
    }
    return rows
  }

  /// The spectra of one layer's gradients.
  struct GradientSpectra: Sendable {
    var mlp: Result<Spectrum, Gap>?
    var ov: [AttentionLayout: OVSpectra] = [:]
    var pico: PicoSpectra?
  }

  func gradientSpectra(
    weights: AnalysedMatrices, gradients: AnalysedMatrices, lanes: Lanes
  ) -> GradientSpectra {
    var spectra = GradientSpectra()
    if measuresMLP {
      spectra.mlp = Result { () throws(Gap) in try Spectrum(of: gradients.down) }
    }
    if measuresOV {
      for layout in layouts {
        spectra.ov[layout] = attention(weights, layout)
          .ovGradientSpectra(attention(gradients, layout), products, lanes: lanes)
      }
    }
    if measuresOV, settings.pico {
      spectra.pico = attention(weights, .interleaved)
        .picoGradientSpectra(attention(gradients, .interleaved), lanes: lanes)
    }
    return spectra
  }

  /// The rows of one layer's gradients: the spectra of several batches are averaged, then measured.
  func gradientRows(layer: Int, batches: [GradientSpectra]) -> [MeasuredRow] {
    var rows: [MeasuredRow] = []
    if measuresMLP {
      rows += mlpRows(
        layer: layer, object: "gradients", spectrum: Self.mean(batches.compactMap(\.mlp)))
    }
    for layout in measuresOV ? layouts : [] {
      let spectra = batches.compactMap { $0.ov[layout] }
      guard let first = spectra.first else { continue }
      rows += ovRows(
        layer: layer, object: "gradients", layout: layout,
        heads: first.heads.indices.map { head in Self.mean(spectra.map { $0.heads[head] }) },
        full: first.full == nil ? nil : Self.mean(spectra.compactMap(\.full)))
    }
    let pico = batches.compactMap(\.pico)
    if let first = pico.first {
      rows += picoRows(
        layer: layer, object: "gradients", k: size,
        heads: first.heads.indices.map { head in Self.mean(pico.map { $0.heads[head] }) },
        layerSpectrum: Self.mean(pico.map(\.layer)))
    }
    return rows
  }

  /// The mean of the batches' spectra; the first gap where one has none.
  private static func mean(_ spectra: [Result<Spectrum, Gap>]) -> Result<Spectrum, Gap> {
    Result { () throws(Gap) in
      var known: [Spectrum] = []
      for spectrum in spectra { known.append(try spectrum.get()) }
      return Spectrum.mean(of: known)
    }
  }

  var measuresMLP: Bool { settings.components.contains(.mlp) }
  var measuresOV: Bool { settings.components.contains(.ov) }
  private var products: OVProducts { settings.heads ? .all : .full }

  /// The published layout is another one only where heads are interleaved.
  private var hasPublishedLayout: Bool { settings.published && configuration.interleavesHeads }

  private var layouts: [AttentionLayout] {
    hasPublishedLayout ? [.interleaved, .published] : [.interleaved]
  }

  /// Rows of W_down or its gradient, cut as well where the published variants are wanted.
  func mlpRows(layer: Int, object: String, spectrum: Result<Spectrum, Gap>) -> [MeasuredRow] {
    let k = min(size, configuration.intermediateSize)
    var rows = self.rows(spectrum, k: k) {
      MeasuredRow(layer: layer, component: "mlp", object: object, metric: $0, value: nil)
    }
    rows.append(sample(spectrum, layer: layer, component: "mlp", object: object))
    if settings.published {
      rows += cutRows(spectrum) {
        MeasuredRow(
          layer: layer, component: "mlp", object: object, metric: $0,
          variant: "published_truncation", value: nil)
      }
    }
    return rows
  }

  /// Rows of OV products, by head and in full. Truncation applies to a head's gradient alone: its
  /// product has 2 d_h values, the weights' have d_h.
  func ovRows(
    layer: Int, object: String, layout: AttentionLayout, heads: [Result<Spectrum, Gap>],
    full: Result<Spectrum, Gap>?
  ) -> [MeasuredRow] {
    let variant = layout == .interleaved ? "default" : "published_layout"
    let isGradient = object == "gradients"
    var rows: [MeasuredRow] = []
    for (head, spectrum) in heads.enumerated() {
      rows += self.rows(spectrum, k: isGradient ? min(2 * headSize, size) : headSize) {
        MeasuredRow(
          layer: layer, head: head, component: "ov", object: object, metric: $0, variant: variant,
          value: nil)
      }
      if isGradient, settings.published {
        rows += cutRows(spectrum) {
          MeasuredRow(
            layer: layer, head: head, component: "ov", object: object, metric: $0,
            variant: layout == .interleaved ? "published_truncation" : "published", value: nil)
        }
      }
    }
    if let full {
      let rank =
        isGradient ? configuration.productGradientRank : configuration.productRank
      rows += self.rows(full, k: rank) {
        MeasuredRow(
          layer: layer, component: "ov", object: object, metric: $0, variant: variant, value: nil)
      }
      if layout == .interleaved {
        rows.append(sample(full, layer: layer, component: "ov", object: object))
      }
    }
    return rows
  }

  /// The wanted quantities of a spectrum over k dimensions.
  func rows(
    _ spectrum: Result<Spectrum, Gap>, k: Int, _ row: (String) -> MeasuredRow
  ) -> [MeasuredRow] {
    spectralMetrics.map { metric in
      var row = row(metric.rawValue)
      switch spectrum.flatMap({ $0.value(metric, k: k) }) {
      case .success(let value): row.value = value
      case .failure(let gap): row.gap = gap.rawValue
      }
      return row
    }
  }

  /// The published cut: the first d_h values over d_h, PER alone.
  private func cutRows(
    _ spectrum: Result<Spectrum, Gap>, _ row: (String) -> MeasuredRow
  ) -> [MeasuredRow] {
    var row = row("per")
    switch spectrum.flatMap({ $0.truncated(to: headSize).value(.per, k: headSize) }) {
    case .success(let value): row.value = value
    case .failure(let gap): row.gap = gap.rawValue
    }
    return [row]
  }

  /// The OV circuit by query head. A head's values are its own or its group's.
  func attention(_ matrices: AnalysedMatrices, _ layout: AttentionLayout) -> AttentionWeights {
    switch layout {
    case .interleaved:
      return AttentionWeights(
        output: matrices.output, value: matrices.value, heads: matrices.heads)
    case .published:
      guard let value = matrices.publishedValue else {
        preconditionFailure("the published layout of heads that are not interleaved")
      }
      return AttentionWeights(output: matrices.output, value: value, heads: matrices.heads)
    }
  }
}
