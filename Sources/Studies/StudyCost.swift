import Capture
import Foundation
import LanguageModels
import LinearAlgebra

/// What the units that are still to do will cost, calibrated on this machine.
package struct StudyCost: Sendable {
  package var seconds = 0.0
  /// Resident memory at the largest checkpoint, in bytes.
  package var memory = 0
  /// Bytes that artifacts will take.
  package var disk = 0

  mutating func add(_ unit: StudyUnit, _ inventory: StudyInventory, study: Study, speed: Speed) {
    guard let run = inventory.runs.first(where: { $0.name == unit.checkpoint.run }) else { return }
    let model = run.configuration
    let (d, layers) = (Double(model.hiddenSize), Double(model.layers))
    let inner = Double(model.intermediateSize)
    let batch = inventory.probes.first { $0.name == unit.probe }?.batch
    let tokens = Double(batch.map { $0.sequences * $0.length } ?? 0)
    let block = 2 * (4 * d * d + 2 * d * inner) + 4 * d * Double(batch?.length ?? 0)
    let forward = tokens * (layers * block + 2 * d * Double(model.vocabulary))
    let layouts = study.measure.published ? 2.0 : 1.0
    // Gram matrix, eigenvalues; the full OV product beside; heads are small.
    let spectra = layers * ((inner * d * d + 9 * d * d * d) + layouts * 12 * d * d * d)
    let rows = Double(batch?.sequences ?? 0)
    switch unit.inputs.kind {
    case .capture:
      seconds += forward / speed.single
      disk += Int(4 * rows * d * layers * (3 + layouts * (study.measure.heads ? 2 : 1)))
    case .gradients: seconds += 3 * forward / speed.single + spectra / speed.double
    case .weights: seconds += spectra / speed.double
    case .change: seconds += layers * 4 * d * d * d / speed.double
    case .similarity:
      let matrices = layers * (4 + (study.measure.heads ? Double(model.heads) : 0)) * layouts
      seconds += matrices * (2 * rows * rows * d + 1400 * rows * rows * 4) / speed.double
      disk += Int(matrices * 900)
    case .streamed:
      seconds += 2 * forward / speed.single + layers * 5 * 220 * tokens * d * d / speed.double
    case .positions, .audit: break
    }
    let weights = 4 * (12 * d * d + d * inner)
    let stream = 4 * tokens * d * (unit.inputs.kind == .gradients ? layers + 2 : 2)
    memory = max(memory, Int(weights + stream + 4 * d * Double(model.vocabulary)) + 300 << 20)
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

  /// How many operations a second this machine does, with all threads of the study.
  struct Speed: Sendable {
    /// Float32 products.
    var single: Double
    /// Float64 products; factorisations reach a part of it.
    var double: Double

    /// Measures for about half a second.
    static func measured(threads: Int) -> Speed {
      Speed(
        single: rate(Float.self, threads: threads) * 0.6,
        double: rate(Double.self, threads: threads) * 0.4)
    }

    private static func rate<Scalar: BLASScalar>(_: Scalar.Type, threads: Int) -> Double {
      let size = 384
      let matrix = Matrix<Scalar>(
        rows: size, columns: size, elements: .init(repeating: 0.5, count: size * size))
      let lanes = Lanes(width: threads)
      let begun = ContinuousClock.now
      var products = 0
      repeat {
        lanes.forEach(threads) { _ in _ = matrix.multiplied(by: matrix) }
        products += threads
      } while StageClock.seconds(begun.duration(to: .now)) < 0.25
      let seconds = StageClock.seconds(begun.duration(to: .now))
      return Double(products) * 2 * Double(size * size * size) / seconds
    }
  }
}
