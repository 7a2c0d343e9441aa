import Capture
import Checkpoints
import Dynamics
import LanguageModels

/// Puts the artifacts of a study together into its table.
struct Gather {
  let study: Study
  let inventory: StudyInventory
  let plan: StudyPlan
  let store: ArtifactStore

  private struct Collected {
    var rows: [Measurement] = []
    var halves: [MeasurementKey: [Double]] = [:]
    var gaps: Set<StudyResults.LeftOut> = []
    /// Values against the final checkpoints of other seeds, of which the mean is shown.
    var ceilings: [MeasurementKey: [Measurement]] = [:]
    var records: [UnitRecord] = []
    var spectra: [SpectrumRow] = []
    var layerSimilarities: [LayerSimilarityRow] = []
  }

  /// The results from all artifacts that are there; those that failed are missing.
  func results(failures: [FailedUnit], audit: [AuditFinding]) throws -> StudyResults {
    try gathered(failures: failures, audit: audit).results
  }

  /// The results, and which unit each of their rows came from.
  func gathered(
    failures: [FailedUnit], audit: [AuditFinding]
  ) throws -> (results: StudyResults, records: [UnitRecord]) {
    var collected = Collected()
    let there = try store.keys(among: plan.units.map(\.key))
    for unit in plan.units where there.contains(unit.key) {
      guard let artifact = try store.artifact(unit.key) else { continue }
      var values: [UnitRecord.Rows: Int] = [:]
      for row in try artifact.rows() where isWanted(row, of: unit) {
        let given = add(row, of: unit, to: &collected)
        values[
          UnitRecord.Rows(
            table: given.table, object: row.object, metric: row.metric, rows: row.rows),
          default: 0] += given.rows
      }
      collected.records.append(
        UnitRecord(unit, values: values, origin: try UnitOrigin(of: artifact)))
    }
    for (_, seeds) in collected.ceilings {
      var mean = seeds[0]
      mean.value = seeds.map(\.value).sorted().reduce(0, +) / Double(seeds.count)
      collected.rows.append(mean)
    }
    var results = StudyResults(table: try MeasurementTable(collected.rows))
    results.spectra = collected.spectra
    results.layerSimilarities = collected.layerSimilarities
    let order = study.runs.map(\.name)
    results.runs = (inventory.runs.map(description) + inventory.exported.map(description))
      .sorted { (order.firstIndex(of: $0.run) ?? 0) < (order.firstIndex(of: $1.run) ?? 0) }
    results.audit = audit
    results.halves = collected.halves
    results.failures = failures
    results.leftOut = collected.gaps.sorted { ($0.what, $0.reason) < ($1.what, $1.reason) }
    results.probes = inventory.probes.map {
      StudyResults.Probe(
        name: $0.name, sequences: $0.batch.sequences, length: $0.batch.length, sha256: $0.digest)
    }
    return (results, collected.records)
  }

  /// Puts what a unit measured where it belongs: into which table of the results, and how many of its
  /// rows that is.
  private func add(
    _ row: MeasuredRow, of unit: StudyUnit, to collected: inout Collected
  ) -> (table: String, rows: Int) {
    if row.metric == SpectrumSample.metric {
      let rows = SpectrumSample.rows(
        row, run: unit.checkpoint.run, step: unit.checkpoint.step, probe: unit.probe ?? "")
      collected.spectra += rows
      return ("spectra", rows.count)
    }
    if unit.similarityGroup == .layers {
      let rows = LayerPairs.rows(row, of: unit)
      collected.layerSimilarities += rows
      return ("layer_similarity", rows.count)
    }
    let measurement = Measurement(
      run: unit.checkpoint.run, step: unit.checkpoint.step, layer: row.layer, head: row.head,
      component: row.component, object: row.object, metric: row.metric, variant: row.variant,
      rows: row.rows, probe: unit.probe ?? "", value: row.value ?? .nan, lower: row.lower,
      upper: row.upper, n: row.n)
    if unit.relation == .seed {
      collected.ceilings[measurement.key, default: []].append(measurement)
    } else {
      collected.rows.append(measurement)
    }
    if !row.halves.isEmpty { collected.halves[measurement.key] = row.halves.map(Double.init) }
    if let gap = row.gap {
      let what = "\(row.metric) of \(row.component) \(row.object), run \(unit.checkpoint.run)"
      collected.gaps.insert(StudyResults.LeftOut(what: what, reason: gap))
    }
    return ("measurements", 1)
  }

  /// Whether the study asks for a row: artifacts hold what costs nothing beside the rest as well.
  private func isWanted(_ row: MeasuredRow, of unit: StudyUnit) -> Bool {
    if row.metric == SpectrumSample.metric || unit.similarityGroup == .layers { return true }
    switch row.object {
    case "weights", "gradients":
      return study.measure.spectra.contains(row.metric)
        && (row.component != "qk" || study.measure.spectra.contains("qk"))
    case "activations":
      let estimator = row.metric.hasPrefix("cka_debiased") ? "cka_debiased" : "cka"
      return row.metric.hasPrefix("cka") && row.metric != "cka_seed_ceiling"
        && !study.measure.similarity.contains(row.metric)
        ? study.measure.similarity.contains(estimator) : true
    default:
      return true
    }
  }

  private func description(_ run: StudyInventory.Run) -> RunDescription {
    let model = run.configuration
    return RunDescription(
      run: run.name, parameters: run.parameters, layers: model.layers, heads: model.heads,
      hiddenSize: model.hiddenSize, headDimension: model.headSize,
      intermediateSize: model.intermediateSize, vocabulary: model.vocabulary,
      steps: run.checkpoints.count, finalStep: run.reference.step, group: run.study.group ?? "",
      arm: run.study.arm ?? "")
  }

  /// What the matrices of an exported run tell of its model.
  private func description(_ run: ExportedRun) -> RunDescription {
    let model = run.configuration
    let heads = run.reference?.heads
    return RunDescription(
      run: run.name, parameters: run.study.parameters, layers: run.layers, heads: heads,
      hiddenSize: model?.hiddenSize, headDimension: heads == nil ? nil : model?.headSize,
      intermediateSize: model?.intermediateSize, steps: run.steps.count, finalStep: run.final,
      group: run.study.group ?? "", arm: run.study.arm ?? "")
  }
}
