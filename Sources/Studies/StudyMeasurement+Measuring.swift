import Capture
import Checkpoints
import LanguageModels
import Metrics

/// Stages that read models: spectra of weights, captures, gradients, and what was exported from elsewhere.
extension StudyMeasurement {
  func measureWeights(_ plan: StudyPlan) throws {
    let own = own(plan)
    let there = try present(own.flatMap(\.weights))
    let work = own.flatMap { checkpoint in
      checkpoint.weights.filter { !there.contains($0.key) }.map { unit in
        StageWork(stage: .weightSpectra, unit: unit.name, key: unit.key.description) {
          guard unit.inputs.kind == .change, let other = unit.other,
            let earlier = self.inventory.checkpoint(other)
          else { return try self.units.measureWeights(unit, of: checkpoint.model) }
          try self.units.measureChange(unit, of: checkpoint.model, since: earlier)
        } failed: {
          unit.failed($0)
        }
      }
    }
    try perform(.weightSpectra, work, done: there.count)
  }

  /// One pass for a checkpoint's capture and its gradients on the same probe.
  func measureActivations(_ plan: StudyPlan) throws {
    let needed = try neededCaptures(plan)
    let there = try present(plan.checkpoints.flatMap { $0.captures + $0.gradients }, needed: needed)
    var work: [StageWork] = []
    for checkpoint in plan.checkpoints {
      let isOwn = slice.own.contains(checkpoint.name)
      for probe in inventory.probes {
        func missing(_ units: [StudyUnit]) -> StudyUnit? {
          units.first {
            $0.probe == probe.name && !there.contains($0.key) && (isOwn || needed.contains($0.key))
          }
        }
        let capture = missing(checkpoint.captures)
        let gradients =
          runner.study.measure.gradients == .probe && isOwn ? missing(checkpoint.gradients) : nil
        guard let unit = capture ?? gradients else { continue }
        work.append(
          StageWork(stage: unit.stage, unit: unit.name, key: unit.key.description) {
            try self.units.capture(
              capture, gradients: gradients, of: checkpoint.model, batch: probe.batch)
          } failed: {
            unit.failed($0)
          })
      }
      if let batches = inventory.gradientBatches(at: checkpoint.name.step), isOwn {
        for unit in checkpoint.gradients where !there.contains(unit.key) {
          work.append(
            StageWork(stage: .gradients, unit: unit.name, key: unit.key.description) {
              try self.units.measureGradients(
                unit, of: checkpoint.model, batches: batches.batches())
            } failed: {
              unit.failed($0)
            })
        }
      }
    }
    try perform(.capture, work, done: there.count)
  }

  /// The captures that comparisons are still to be made of.
  func neededCaptures(_ plan: StudyPlan) throws -> Set<ArtifactKey> {
    let similarities = own(plan).flatMap(\.similarities)
    let compared = try present(similarities)
    var names: Set<CheckpointName> = []
    for unit in similarities where !compared.contains(unit.key) {
      names.insert(unit.checkpoint)
      if let other = unit.other { names.insert(other) }
    }
    let checkpoints = plan.checkpoints.filter { names.contains($0.name) }
    return Set(checkpoints.flatMap(\.captures).map(\.key)).union(
      own(plan).flatMap(\.gradients).map(\.key))
  }

  /// Runs that were exported: first what their files hold, then comparisons.
  func measureExported(_ plan: StudyPlan) throws {
    // Little work beside a pass through a model: the first shard does it.
    guard runner.options.shard.map({ $0.index == 1 }) ?? true else { return }
    let there = try present(plan.exported)
    for run in inventory.exported {
      let units = plan.exported.filter { $0.checkpoint.run == run.name }
      let measurement = ExportedMeasurement(
        run, study: runner.study, store: runner.store, output: runner.store, lanes: runner.lanes,
        clock: runner.clock)
      let captures = units.filter { $0.inputs.kind == .capture }
      for stage in [StudyStage.weightSpectra, .gradients, .capture, .cka] {
        let own = units.filter { $0.stage == stage }
        let work = own.filter { !there.contains($0.key) }.map { unit in
          StageWork(stage: stage, unit: unit.name, key: unit.key.description) {
            try measurement.perform(unit, captures: captures)
          } failed: {
            unit.failed($0)
          }
        }
        if !work.isEmpty { try perform(stage, work, done: own.count - work.count) }
      }
    }
  }
}
