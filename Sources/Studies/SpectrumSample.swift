import Capture
import Dynamics
import Metrics

/// Some of the singular values of a matrix, evenly spread over their ranks: what the figures of
/// spectra are drawn from.
enum SpectrumSample {
  /// The name of the rows that hold them in an artifact; no metric of a table.
  static let metric = "singular_values"
  /// At most so many values are kept of a spectrum.
  static let size = 33

  /// Ranks from 0, rising, the first and the last among them; all of up to `size` values.
  static func ranks(of count: Int) -> [Int] {
    guard count > size else { return Array(0..<max(0, count)) }
    return (0..<size).map { (2 * $0 * (count - 1) + size - 1) / (2 * (size - 1)) }
  }

  /// The rows of the table that a row of an artifact stands for.
  static func rows(
    _ row: MeasuredRow, run: String, step: Int, probe: String
  ) -> [SpectrumRow] {
    guard let layer = row.layer, let count = row.n else { return [] }
    return zip(ranks(of: count), row.halves).map { rank, value in
      SpectrumRow(
        run: run, step: step, layer: layer, component: row.component, object: row.object,
        probe: probe, count: count, rank: rank, value: Double(value))
    }
  }
}

extension SpectraMeasurement {
  /// The sample of a spectrum as a row: n says how many values there are, `halves` holds the sample.
  func sample(
    _ spectrum: Result<Spectrum, Gap>, layer: Int, component: String, object: String
  ) -> MeasuredRow {
    var row = MeasuredRow(
      layer: layer, component: component, object: object, metric: SpectrumSample.metric, value: nil)
    switch spectrum {
    case .success(let spectrum):
      row.n = spectrum.values.count
      row.halves = SpectrumSample.ranks(of: spectrum.values.count).map {
        Float(spectrum.values[$0])
      }
    case .failure(let gap): row.gap = gap.rawValue
    }
    return row
  }
}
