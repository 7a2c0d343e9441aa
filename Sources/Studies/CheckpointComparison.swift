import Capture
import Dynamics
import Files
import LanguageModels
import LinearAlgebra
import Metrics

/// Similarity and spectra of two checkpoints, as a table: `tend compare A B`.
package struct CheckpointComparison: Sendable {
  /// The rows of both, named `a` and `b`; similarities stand under `a`.
  let table: MeasurementTable

  /// Compares the checkpoints in two folders, or two tensor files of captured activations.
  ///
  /// - probe: an .npy array of token ids; without one only weights are compared.
  package init(_ a: String, _ b: String, probe: String?, threads: Int) throws {
    BLASThreads.set(1)
    do {
      let lanes = Lanes(width: threads)
      if Folder.kind(of: a) == .file || Folder.kind(of: b) == .file {
        table = try MeasurementTable(Self.captures(a, b))
        return
      }
      let (first, second) = (
        try ModelCheckpoint(step: 0, folder: a), try ModelCheckpoint(step: 0, folder: b)
      )
      if let difference = first.model.configuration.difference(from: second.model.configuration) {
        throw CaptureError.model(
          folder: a, "\(difference.replacing("at the run's final step", with: "in \(b)"))")
      }
      var rows: [Measurement] = []
      let settings = MeasureSettings()
      let spectra = SpectraMeasurement(
        configuration: first.model.configuration, settings: settings, seed: 0)
      for (name, checkpoint) in [("a", first), ("b", second)] {
        for layer in 0..<checkpoint.model.configuration.layers {
          rows += try spectra.weightRows(
            .values, layer: layer, of: checkpoint.model, lanes: lanes
          )
          .filter { settings.spectra.contains($0.metric) }
          .map { $0.measurement(run: name, step: 0, probe: "") }
        }
      }
      for layer in 0..<first.model.configuration.layers {
        rows += spectra.changeRows(
          layer: layer, try first.model.analysedMatrices(layer: layer),
          since: try second.model.analysedMatrices(layer: layer), lanes: lanes
        ).map { $0.measurement(run: "a", step: 0, probe: "") }
      }
      if let probe {
        rows += try Self.activations(
          first, second, Probe(name: "probe", path: probe), lanes: lanes)
      }
      table = try MeasurementTable(rows)
    } catch let error as StudyError {
      throw error
    } catch {
      throw StudyError.invalid(file: "tend compare", [StudyFinding("\(error)")])
    }
  }

  package var csv: String { table.csv() }
  package var json: String { table.json() }

  /// CKA of every layer's activations on a probe.
  private static func activations(
    _ first: ModelCheckpoint, _ second: ModelCheckpoint, _ probe: Probe, lanes: Lanes
  ) throws -> [Measurement] {
    let settings = CaptureSettings(
      components: Set(CaptureSettings.Component.allCases), heads: false, publishedLayout: false,
      rows: [.last])
    func capture(_ checkpoint: ModelCheckpoint) throws -> [CapturedMatrix: Matrix<Float>] {
      var capture = ActivationCapture(
        settings, of: checkpoint.model.configuration, batch: probe.batch)
      var matrices: [CapturedMatrix: Matrix<Float>] = [:]
      try checkpoint.model.forward(
        probe.batch, observing: capture.observation, lanes: lanes
      ) { block in
        for finished in try capture.observe(block) { matrices[finished.name] = finished.matrix }
      }
      return matrices
    }
    let (own, others) = (try capture(first), try capture(second))
    return own.flatMap { name, matrix in
      CKAEstimator.allCases.map { estimator in
        let other = others[name] ?? matrix
        return MeasuredRow(
          layer: name.layer, component: name.component.rawValue, object: "activations",
          metric: estimator.rawValue, rows: "last", value: nil, n: probe.batch.sequences
        ).filled(
          Result { () throws(Gap) in try linearCKA(matrix, other, estimator: estimator) }
        ).measurement(run: "a", step: 0, probe: probe.name)
      }
    }
  }

  /// CKA of the matrices that two files have under the same name and with equally many rows.
  private static func captures(_ a: String, _ b: String) throws -> [Measurement] {
    let (own, others) = (try CaptureFile(a), try CaptureFile(b))
    let shared = own.names.filter(Set(others.names).contains).sorted()
    guard !shared.isEmpty else {
      throw StudyError.invalid(
        file: a, [StudyFinding("has no matrix in common with \(b)")])
    }
    return try shared.enumerated().flatMap { index, name -> [Measurement] in
      let (x, y) = (try own.matrix(name), try others.matrix(name))
      guard x.rows == y.rows else {
        throw StudyError.invalid(
          file: a,
          [StudyFinding("\(Spelling.quoted(name)): \(x.rows) rows, but \(y.rows) in \(b)")])
      }
      let place = CaptureFile.place(of: name)
      return CKAEstimator.allCases.map { estimator in
        MeasuredRow(
          layer: place.layer ?? index, component: place.component, object: "activations",
          metric: estimator.rawValue, variant: place.variant, rows: "last", value: nil, n: x.rows
        ).filled(Result { () throws(Gap) in try linearCKA(x, y, estimator: estimator) })
          .measurement(run: "a", step: 0, probe: name)
      }
    }
  }
}

extension MeasuredRow {
  func measurement(run: String, step: Int, probe: String) -> Measurement {
    Measurement(
      run: run, step: step, layer: layer, head: head, component: component, object: object,
      metric: metric, variant: variant, rows: rows, probe: probe, value: value ?? .nan,
      lower: lower, upper: upper, n: n)
  }
}
