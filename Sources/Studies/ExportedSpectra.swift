import Capture
import Checkpoints
import LinearAlgebra
import Metrics

/// Spectra of the matrices of a run that was exported, as measured rows.
struct ExportedSpectra {
  let run: ExportedRun
  let settings: MeasureSettings
  let seed: UInt64
  let lanes: Lanes

  private var spectra: SpectraMeasurement? {
    run.configuration.map {
      SpectraMeasurement(configuration: $0, settings: settings, seed: seed)
    }
  }

  private var products: OVProducts { settings.heads ? .all : .full }

  func weightRows(_ step: ExportedStep) throws -> [MeasuredRow] {
    guard let spectra else { return [] }
    var rows: [MeasuredRow] = []
    for layer in 0..<run.layers {
      if spectra.measuresMLP,
        let down = step.weights[ExportedName(layer: layer, role: .mlp)]
      {
        let matrix = try step.matrix(down)
        rows += spectra.mlpRows(
          layer: layer, object: "weights",
          spectrum: Result { () throws(Gap) in try Spectrum(of: matrix) })
      }
      guard spectra.measuresOV, let attention = try step.attention(layer, in: step.weights) else {
        continue
      }
      let ov = attention.ovSpectra(products, lanes: lanes)
      rows += spectra.ovRows(
        layer: layer, object: "weights", layout: .interleaved, heads: ov.heads, full: ov.full)
      if settings.pico {
        let pico = attention.picoSpectra()
        rows += spectra.picoRows(
          layer: layer, object: "weights", k: attention.headSize, heads: pico.heads,
          layerSpectrum: pico.layer)
      }
    }
    return rows
  }

  func gradientRows(
    _ step: ExportedStep, _ capture: ExportedCapture
  ) throws -> [MeasuredRow] {
    guard let spectra else { return [] }
    var rows: [MeasuredRow] = []
    for layer in 0..<run.layers {
      if spectra.measuresMLP,
        let down = capture.gradients[ExportedName(layer: layer, role: .mlp)]
      {
        let matrix = try step.matrix(down)
        rows += spectra.mlpRows(
          layer: layer, object: "gradients",
          spectrum: Result { () throws(Gap) in try Spectrum(of: matrix) })
      }
      // The change of a product needs the factors themselves.
      guard spectra.measuresOV, let weights = try step.attention(layer, in: step.weights),
        let gradients = try step.attention(layer, in: capture.gradients)
      else { continue }
      let ov = weights.ovGradientSpectra(gradients, products, lanes: lanes)
      rows += spectra.ovRows(
        layer: layer, object: "gradients", layout: .interleaved, heads: ov.heads, full: ov.full)
      if settings.pico {
        let pico = weights.picoGradientSpectra(gradients, lanes: lanes)
        rows += spectra.picoRows(
          layer: layer, object: "gradients", k: spectra.size, heads: pico.heads,
          layerSpectrum: pico.layer)
      }
    }
    return rows
  }
}
