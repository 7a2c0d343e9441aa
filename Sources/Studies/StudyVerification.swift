import Capture
import Dynamics
import Files
import Foundation
import LanguageModels
import LinearAlgebra
import Statistics

/// Units measured again from the inputs, beside what is stored: `tend verify`.
package struct StudyVerification: Sendable {
  package struct Unit: Sendable {
    package let name: String
    package let kind: String
    /// The largest difference: of a row |a − b| / max(1, |b|), of a captured matrix ‖a − b‖ / ‖b‖.
    package var largest = 0.0
    /// Rows that only one side has, or that are defined on one side alone.
    package var unmatched = 0
    /// Why there is nothing to compare: the artifact is damaged, or the unit cannot be measured again.
    package var obstacle: String?

    package var agrees: Bool {
      obstacle == nil && unmatched == 0 && largest <= StudyVerification.tolerance
    }
  }

  /// Differences up to this are the arithmetic of another processor.
  package static let tolerance = 1e-5

  package var units: [Unit] = []
  /// Units of the study that have no artifact yet.
  package var missing = 0
  /// Units that read weights which were removed once they were measured, by checkpoint.
  package var removed: [(checkpoint: String, units: Int)] = []
  /// How the stored table differs from what the artifacts give, one line each; the first of them.
  package var table: [String] = []

  package var differing: Int { units.count { !$0.agrees } + (table.isEmpty ? 0 : 1) }

  /// For a person, one line each.
  package var lines: [String] {
    units.map { unit in
      let verdict = unit.agrees ? "agrees" : "DIFFERS"
      if let obstacle = unit.obstacle {
        return "\(verdict)  \(unit.kind) \(unit.name): \(obstacle)"
      }
      var line = "\(verdict)  \(unit.kind) \(unit.name): largest difference \(unit.largest)"
      if unit.unmatched > 0 { line += ", \(unit.unmatched) rows without a partner" }
      return line
    } + table.map { "DIFFERS  results/measurements.csv: \($0)" }
      + removed.map {
        "cannot be measured again: \($0.units) \($0.units == 1 ? "unit" : "units") of \($0.checkpoint), "
          + "whose weights were removed once they were measured"
      }
  }
}

extension StudyRunner {
  /// Measures a random sample of `count` units again, or all, into a folder that is then removed, and
  /// compares the stored table with the artifacts.
  package func verify(count: Int?, seed: UInt64) throws -> StudyVerification {
    guard study.measurements == nil else {
      throw StudyError.invalid(
        file: shown, [study.finding(at: "measurements", "a table has nothing to measure again")])
    }
    let inventory = try inspect()
    let digests = knownDigests(inventory)
    let plan = StudyPlan(study, inventory, digests: digests)
    let there = try store.keys()
    let all = plan.units.filter { there.contains($0.key) }
    var verification = StudyVerification()
    verification.missing = plan.units.count - all.count
    let done = all.filter { $0.removedWeights(inventory).isEmpty }
    verification.removed = Self.removed(all, inventory)
    var generator = SeededGenerator(seed: seed)
    let sample = count.map {
      generator.sample(min($0, done.count), of: done.count).sorted().map { done[$0] }
    }
    let again = try RemeasuredUnits(self, inventory, plan)
    let chosen = sample ?? done
    for (index, unit) in chosen.enumerated() {
      events(.unitStarted(unit.stage, unit: unit.name, index: index + 1, of: chosen.count))
      verification.units.append(again.compared(unit))
    }
    try again.remove()
    verification.table = try tableDifferences(inventory, plan)
    return verification
  }

  /// How many of `units` need each checkpoint whose weights are not there.
  private static func removed(
    _ units: [StudyUnit], _ inventory: StudyInventory
  ) -> [(checkpoint: String, units: Int)] {
    var counts: [CheckpointName: Int] = [:]
    for unit in units {
      for name in unit.removedWeights(inventory) { counts[name, default: 0] += 1 }
    }
    return counts.sorted { ($0.key.run, $0.key.step) < ($1.key.run, $1.key.step) }
      .map { ($0.key.description, $0.value) }
  }

  /// How results/measurements.csv differs from what the artifacts give.
  private func tableDifferences(_ inventory: StudyInventory, _ plan: StudyPlan) throws -> [String] {
    let path = folders.results + "/measurements.csv"
    guard Folder.kind(of: path) == .file else { return [] }
    do {
      let stored = try MeasurementTable(csv: try FileReader(path).readAll(), file: path)
      let gather = Gather(study: study, inventory: inventory, plan: plan, store: store)
      let fresh = try gather.results(failures: [], audit: []).table
      return Self.differences(stored, fresh)
    } catch {
      return ["\(error)"]
    }
  }

  /// The rows of one table that the other has not, or has with another value.
  static func differences(_ stored: MeasurementTable, _ fresh: MeasurementTable) -> [String] {
    let values = Dictionary(
      fresh.rows.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    var differences: [String] = []
    for row in stored.rows {
      guard let other = values[row.key] else {
        differences.append("\(Self.words(row)): no artifact gives this row")
        continue
      }
      let same = row.value == other.value || (!row.value.isFinite && !other.value.isFinite)
      if !same || row.lower != other.lower || row.upper != other.upper || row.n != other.n {
        differences.append(
          "\(Self.words(row)): \(row.value) stands there, \(other.value) was measured")
      }
    }
    let known = Set(stored.rows.map(\.key))
    let absent = fresh.rows.count { !known.contains($0.key) }
    if absent > 0 { differences.append("\(absent) rows that were measured are not in it") }
    let shown = 20
    guard differences.count > shown else { return differences }
    return differences.prefix(shown) + ["and \(differences.count - shown) more"]
  }

  private static func words(_ row: Dynamics.Measurement) -> String {
    let place = [
      row.run, "step \(row.step)", row.layer.map { "layer \($0)" }, row.head.map { "head \($0)" },
    ]
    return place.compactMap(\.self).joined(separator: ", ")
      + ": \(row.metric) of \(row.component) \(row.object)"
  }
}

extension StudyUnit {
  /// The checkpoints whose weights measuring it reads and that have none any more.
  fileprivate func removedWeights(_ inventory: StudyInventory) -> [CheckpointName] {
    let read: [CheckpointName?] =
      switch inputs.kind {
      case .weights, .capture, .gradients: [checkpoint]
      case .change, .streamed, .positions, .lineage: [checkpoint, other]
      // Made from captures; the audit has no part in a sample.
      case .similarity, .audit, .analysis, .figure: []
      }
    return Set(read.compactMap(\.self)).filter { inventory.checkpoint($0)?.isRemoved ?? false }
      .sorted { $0.step < $1.step }
  }
}
