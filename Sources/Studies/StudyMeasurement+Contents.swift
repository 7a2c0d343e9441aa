import Capture
import Checkpoints
import Files
import Tensors

/// What is read: the contents of checkpoints and probes, by their hashes.
extension StudyMeasurement {
  /// The content of every checkpoint: read once, then known by the identity of its files.
  func hashCheckpoints() throws -> [CheckpointName: TensorDigests] {
    let cache = runner.digestCache
    let all = inventory.runs.flatMap { run in
      run.checkpoints.map { (CheckpointName(run: run.name, step: $0.step), $0) }
    }.filter { slice.known.contains($0.0) }
    var digests: [CheckpointName: TensorDigests] = [:]
    let known = all.map { cache.known($0.1) }
    let missing = all.indices.filter { known[$0] == nil }
    let work = missing.map { index in
      StageWork(stage: .audit, unit: all[index].0.description, key: "content \(all[index].0)") {
        _ = try self.runner.clock.measure(.audit) { try cache.digests(of: all[index].1) }
      } failed: {
        FailedUnit(stage: .audit, run: all[index].0.run, step: all[index].0.step, reason: $0)
      }
    }
    let failed = try perform(.audit, work, done: all.count - missing.count)
    for (index, (name, checkpoint)) in all.enumerated() where !failed.contains(name.description) {
      digests[name] = TensorDigests(
        byTensor: try known[index] ?? cache.digests(of: checkpoint), model: checkpoint.model,
        analysed: checkpoint.analysedTensors)
    }
    return digests.merging(try hashExported()) { own, _ in own }
  }

  /// The content of exported steps; one that cannot be read fails alone.
  func hashExported() throws -> [CheckpointName: TensorDigests] {
    var digests: [CheckpointName: TensorDigests] = [:]
    for run in inventory.exported {
      guard case .steps(let steps) = run.content else { continue }
      for step in steps {
        let name = CheckpointName(run: run.name, step: step.step)
        do {
          digests[name] = TensorDigests(byTensor: try runner.hashed(step))
        } catch let error as CaptureError {
          throw error
        } catch {
          fail(FailedUnit(stage: .audit, run: name.run, step: name.step, reason: "\(error)"))
        }
      }
    }
    return digests
  }

  /// Probes and checkpoints by the hash of their content.
  func inputs() throws -> [StudyProvenance.Input] {
    let probes = try inventory.probes.map { probe in
      StudyProvenance.Input(
        path: runner.study.relative(probe.path), sha256: probe.digest,
        bytes: try probe.files.reduce(0) { try $0 + FileReader($1).size })
    }
    let checkpoints = inventory.runs.flatMap { run in
      run.checkpoints.compactMap { checkpoint -> StudyProvenance.Input? in
        let name = CheckpointName(run: run.name, step: checkpoint.step)
        guard let digest = digests[name] else { return nil }
        return StudyProvenance.Input(
          path: runner.study.relative(checkpoint.folder), sha256: digest.all,
          analysed: digest.analysed, commit: HubCache.commit(ofSnapshot: checkpoint.folder),
          bytes: checkpoint.byteCount)
      }
    }
    let exported = inventory.exported.flatMap { run -> [StudyProvenance.Input] in
      guard case .steps(let steps) = run.content else {
        guard case .scores(let scores, _) = run.content else { return [] }
        return [
          StudyProvenance.Input(
            path: runner.study.relative(scores.path), sha256: scores.digest, bytes: 0)
        ]
      }
      return steps.compactMap { step in
        digests[CheckpointName(run: run.name, step: step.step)].map {
          StudyProvenance.Input(
            path: runner.study.relative(step.folder), sha256: $0.all,
            bytes: step.files.reduce(0) { $0 + Int($1.identity.size) })
        }
      }
    }
    return probes + checkpoints + exported
  }
}
