import Capture
import Checkpoints
import Foundation
import LinearAlgebra
import Metrics
import Tensors

/// Makes the artifacts of a run that was exported.
final class ExportedMeasurement {
  private let study: Study
  private let run: ExportedRun
  private let store: ArtifactStore
  private let output: ArtifactStore
  private let lanes: Lanes
  private let clock: StageClock
  private let settings: MeasureSettings
  /// The final step's activations, made ready once, by capture.
  private var references: [ArtifactKey: CapturedActivations] = [:]

  /// The probe of similarities that the paper's code measured, which says no name.
  static let scoreProbe = "published"

  init(
    _ run: ExportedRun, study: Study, store: ArtifactStore, output: ArtifactStore, lanes: Lanes,
    clock: StageClock
  ) {
    self.run = run
    self.study = study
    self.store = store
    self.output = output
    self.lanes = lanes
    self.clock = clock
    settings = ExportedPlan.settings(study, run)
  }

  /// What the digests of a file's tensors begin with.
  static func prefix(of file: TensorFile) -> String {
    URL(fileURLWithPath: file.path).lastPathComponent + "/"
  }

  /// Makes the artifact of `unit`; `captures` are the units of this run's activations.
  func perform(_ unit: StudyUnit, captures: [StudyUnit]) throws {
    if case .scores(let scores, let steps) = run.content {
      guard let index = steps.firstIndex(of: unit.checkpoint.step) else { return }
      return try write(unit, scoreRows(scores, index))
    }
    guard let step = run.step(unit.checkpoint.step) else { return }
    let capture = step.captures.first { $0.probe == unit.probe }
    switch unit.inputs.kind {
    case .weights: try write(unit, clock.measure(.weightSpectra) { try spectra.weightRows(step) })
    case .gradients:
      guard let capture else { return }
      try write(unit, clock.measure(.gradientSpectra) { try spectra.gradientRows(step, capture) })
    case .capture:
      guard let capture else { return }
      try writeActivations(unit, step, capture)
    case .similarity:
      guard let capture else { return }
      try write(
        unit, clock.measure(.cka) { try similarityRows(unit, step, capture, captures: captures) })
    default: return
    }
  }

  private func write(_ unit: StudyUnit, _ rows: [MeasuredRow]) throws {
    try output.write(unit.inputs, unit: unit.name) { try $0.add(rows) }
  }

  private func scoreRows(_ scores: PickledScores, _ index: Int) -> [MeasuredRow] {
    scores.curves.map { curve in
      MeasuredRow(
        layer: curve.layer, component: curve.component, object: "activations", metric: "cka",
        variant: curve.component == "ov" ? "published_layout" : "default", rows: "last",
        value: curve.values[index].isFinite ? curve.values[index] : nil,
        gap: curve.values[index].isFinite ? nil : Gap.nonFinite.rawValue)
    }
  }

  private var spectra: ExportedSpectra {
    ExportedSpectra(run: run, settings: settings, seed: study.seed, lanes: lanes)
  }
}

// MARK: Activations

extension ExportedMeasurement {
  /// What of the activations can be compared: what the final step has in every layer.
  private func captureSettings(_ capture: ExportedCapture, _ step: ExportedStep) -> CaptureSettings
  {
    func isThere(_ role: ExportedRole, in matrices: [ExportedName: ExportedMatrix]) -> Bool {
      (0..<run.layers).allSatisfy { matrices[ExportedName(layer: $0, role: role)] != nil }
    }
    let fromValues =
      isThere(.value, in: capture.activations) && isThere(.output, in: step.weights)
    let components = CaptureSettings.Component.allCases.filter { component in
      guard settings.components.contains(where: { $0.rawValue == component.rawValue }) else {
        return false
      }
      switch component {
      case .mlp: return isThere(.mlp, in: capture.activations)
      case .ov: return isThere(.ov, in: capture.activations) || fromValues
      case .attention: return isThere(.attention, in: capture.activations)
      case .residual: return isThere(.residual, in: capture.activations)
      }
    }
    return CaptureSettings(
      components: Set(components),
      heads: fromValues && step.heads != nil && (settings.heads || settings.pico),
      publishedLayout: false,
      rows: [capture.rows.isOnePerSequence ? .last : .sample([])])
  }

  private static func picoMatrix(_ layer: Int, rows: String) -> CapturedMatrix {
    CapturedMatrix(layer: layer, component: .ov, variant: "pico", rows: rows)
  }

  private func writeActivations(
    _ unit: StudyUnit, _ step: ExportedStep, _ capture: ExportedCapture
  ) throws {
    let chosen = captureSettings(capture, step)
    let rows = capture.rows.isOnePerSequence ? "last" : "sample"
    try output.write(unit.inputs, unit: unit.name) { writer in
      for layer in 0..<run.layers {
        for name in chosen.matrices(layer: layer) {
          guard let matrix = try activation(name, step, capture) else { continue }
          guard matrix.rows == capture.rows.count else {
            throw StudyError.output(
              "\(step.folder): \(name.component.rawValue) of layer \(layer) has \(matrix.rows) rows, "
                + "expected \(capture.rows.count)")
          }
          try writer.add(matrix, section: name.section)
          // pico-analyze sets the heads side by side: their inner products are the sums of the heads'.
          if settings.pico, name.form == .heads {
            try writer.add(matrix, section: Self.picoMatrix(layer, rows: rows).section)
          }
        }
      }
      if let loss = capture.loss {
        try writer.add([
          MeasuredRow(
            component: "model", object: "loss", metric: "loss", rows: "all", value: loss)
        ])
      } else {
        try writer.add([MeasuredRow]())
      }
    }
  }

  private func activation(
    _ name: CapturedMatrix, _ step: ExportedStep, _ capture: ExportedCapture
  ) throws -> Matrix<Float>? {
    let role: ExportedRole =
      switch name.component {
      case .mlp: .mlp
      case .ov: .ov
      case .attention: .attention
      case .residual: .residual
      }
    if name.form == .layer,
      let exported = capture.activations[ExportedName(layer: name.layer, role: role)]
    {
      return try step.matrix(exported)
    }
    guard let values = try step.values(name.layer, of: capture),
      let attention = try step.attention(name.layer, in: step.weights)
    else { return nil }
    let projection = try HeadProjection(
      attention.output, heads: attention.heads, byHead: name.form == .heads)
    return name.form == .heads ? projection.compress(values) : projection.project(values)
  }

  private func similarityRows(
    _ unit: StudyUnit, _ step: ExportedStep, _ capture: ExportedCapture, captures: [StudyUnit]
  ) throws -> [MeasuredRow] {
    guard let other = unit.other, let final = run.reference,
      let finalCapture = final.captures.first(where: { $0.probe == unit.probe })
    else { return [] }
    let rows = capture.rows.isOnePerSequence ? "last" : "sample"
    var numbers: [Int: Int] = [:]
    for sequence in capture.rows.sequences where numbers[sequence] == nil {
      numbers[sequence] = numbers.count
    }
    let groups = RowGroups(sequenceOfRow: capture.rows.sequences.compactMap { numbers[$0] })
    let resampling = [
      rows: Resampling(
        groups: groups, halves: Study.halves, permutations: Study.permutations, seed: study.seed)
    ]
    func activations(_ name: CheckpointName, isReference: Bool) throws -> CapturedActivations {
      guard
        let unit = captures.first(where: { $0.checkpoint == name && $0.probe == unit.probe })
      else { throw StudyError.output("\(name) has no activations on \(unit.probe ?? "")") }
      if isReference, let known = references[unit.key] { return known }
      guard let artifact = try store.artifact(unit.key) else {
        throw StudyError.output("\(name) cannot be compared: its activations failed")
      }
      let made = CapturedActivations(
        artifact, heads: step.heads ?? 1, resampling: resampling, keepsHeads: isReference)
      if isReference { references = [unit.key: made] }
      return made
    }
    var chosen = captureSettings(finalCapture, final)
    let hasPico = settings.pico && chosen.heads
    if !settings.heads { chosen.heads = false }
    var measurement = SimilarityMeasurement(
      capture: chosen, layers: run.layers, sequences: groups.sequences)
    if hasPico { measurement.further = { [Self.picoMatrix($0, rows: rows)] } }
    return try measurement.rows(
      of: activations(unit.checkpoint, isReference: false),
      [
        SimilarityMeasurement.Comparison(
          relation: unit.relation, group: unit.similarityGroup,
          other: activations(other, isReference: unit.relation == .reference))
      ], lanes: lanes
    ).flatMap(\.self)
  }
}
