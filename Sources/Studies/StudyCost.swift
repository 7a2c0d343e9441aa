import Capture
import Foundation
import LanguageModels

/// What the units that are still to do will cost, calibrated on this machine.
package struct StudyCost: Sendable {
  package var seconds = 0.0
  /// Resident memory at the largest checkpoint, in bytes.
  package var memory = 0
  /// Bytes that artifacts will take.
  package var disk = 0

  /// The program itself, its buffers and the libraries.
  private static let base = 60 << 20
  /// Products of a pass are narrower than the ones that are measured.
  private static let passShare = 0.6
  /// What `LanguageModel.gradients` keeps where it is not told otherwise.
  private static let keptAtMost = Double(2 << 30)
  /// An artifact is synced twice; seconds each, of a disk that is not fast.
  private static let secondsPerArtifact = 0.01

  /// What gradients of `unit` are taken of; none where they cannot be read, which its failure will say.
  private static func batches(of unit: StudyUnit, _ inventory: StudyInventory) -> [TokenBatch] {
    let named = inventory.gradientBatches(at: unit.checkpoint.step)
    guard let named, named.name == unit.probe else {
      return inventory.probes.filter { $0.name == unit.probe }.map(\.batch)
    }
    do { return try named.batches() } catch { return [] }
  }

  mutating func add(
    _ unit: StudyUnit, _ inventory: StudyInventory, study: Study, speed: MachineSpeed
  ) {
    guard let run = inventory.runs.first(where: { $0.name == unit.checkpoint.run }) else { return }
    let model = run.configuration
    let (d, layers, heads) = (
      Double(model.hiddenSize), Double(model.layers), Double(model.heads)
    )
    let inner = Double(model.intermediateSize)
    let batches = Self.batches(of: unit, inventory)
    let batch = batches.first
    let tokens = Double(batch.map { $0.sequences * $0.length } ?? 0)
    let rows = Double(batch?.sequences ?? 0)
    let layer = 2 * (4 * d * d + 2 * d * inner) + 4 * d * Double(batch?.length ?? 0)
    let forward = tokens * (layers * layer + 2 * d * Double(model.vocabulary))
    let layouts = study.measure.published ? 2.0 : 1.0
    seconds += Self.secondsPerArtifact
    switch unit.inputs.kind {
    case .capture:
      seconds += forward / (speed.single * Self.passShare)
      disk += Int(4 * rows * d * layers * (3 + layouts * (study.measure.heads ? 2 : 1)))
    case .gradients:
      seconds += Double(batches.count) * 3 * forward / (speed.single * Self.passShare)
      seconds += Double(batches.count) * Self.spectra(d, inner, layers, layouts, speed)
      disk += 20_000
    case .weights:
      seconds += Self.spectra(d, inner, layers, layouts, speed)
      disk += Int(layers * 800)
    case .change:
      seconds += layers * 6 * d * (2 * d + inner) / speed.double
      disk += Int(layers * 400)
    case .similarity:
      let matrices = layers * (4 + (study.measure.heads ? heads : 0)) * layouts
      // Gram matrices once; sums over 200 halves and 1000 pairings of n² elements.
      seconds +=
        matrices * (2 * rows * rows * d + 8 * 1200 * rows * rows) / speed.double
      disk += Int(matrices * 1000)
    case .streamed:
      seconds += 2 * forward / (speed.single * Self.passShare)
      seconds += layers * 5 * 220 * tokens * d * d / speed.double
      disk += Int(layers * 5000)
    // The work of a report: what it takes depends on tables that are not measured yet.
    case .analysis, .figure: break
    case .audit:
      // Every checkpoint is read and hashed once.
      let bytes = run.checkpoints.reduce(0) { $0 + $1.byteCount }
      seconds += Double(bytes) / speed.hashing
    case .positions, .lineage: break
    }
    let weights = 4 * (4 * d * d + 2 * d * inner)
    let stream = 4 * tokens * (2 * d + 2 * inner)
    // Inputs and inner activations of blocks, as far as a backward pass keeps them.
    let block = Double(
      (model.heads + 2 * model.keyValueHeads) * model.headSize
        + (model.gatesMLP ? 2 : 1) * model.intermediateSize)
    let kept =
      unit.inputs.kind == .gradients
      ? min(Self.keptAtMost, 4 * tokens * layers * (d + block)) : 0
    let embedding = 4 * d * Double(model.vocabulary)
    memory = max(memory, Self.base + Int(2 * weights + stream + kept + 2 * embedding + 16 * d * d))
  }

  /// Gram matrix and eigenvalues of the MLP matrix, of OV by layer, and of what heads need.
  private static func spectra(
    _ d: Double, _ inner: Double, _ layers: Double, _ layouts: Double, _ speed: MachineSpeed
  ) -> Double {
    let products = layers * (2 * inner * d * d + layouts * 6 * d * d * d)
    let factorisations = layers * (1 + 2 * layouts) * 4 / 3 * d * d * d
    return products / speed.double + factorisations / speed.eigenvalues
  }

  package var words: String {
    let megabytes = disk / (1 << 20)
    return "about \(Self.duration(seconds)), \(max(1, memory / (1 << 20))) MB of memory, "
      + "\(megabytes) MB of disk"
  }

  private static func duration(_ seconds: Double) -> String {
    if seconds < 60 { return "\(max(1, Int(seconds.rounded(.up)))) s" }
    if seconds < 5400 { return "\(Int((seconds / 60).rounded())) min" }
    return String(format: "%.1f h", seconds / 3600)
  }
}
