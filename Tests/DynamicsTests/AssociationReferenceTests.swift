import Foundation
import Statistics
import Testing

@testable import Dynamics

/// Tables as they are written against those of scripts/reference/associations.py, which numpy and scipy
/// computed from the same measurements by METHODS' definitions: six runs on three grids, one too small,
/// ties, missing values.
@Suite struct AssociationReferenceTests {
  private static let folder = URL(filePath: #filePath).resolvingSymlinksInPath()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/reference/associations")

  private static func text(_ file: String) throws -> String {
    String(decoding: try Data(contentsOf: folder.appending(path: file)), as: UTF8.self)
  }

  private static func result() throws -> AnalysisResult {
    let table = try MeasurementTable(
      csv: [UInt8](text("measurements.csv").utf8), file: "measurements.csv")
    return Analysis(table: table, settings: AnalysisSettings(permutations: 0, resamples: 0))
      .result()
  }

  /// The rows of a table by the cells of `key`, each as its cells by column.
  private func rows(_ csv: String, key: [String]) -> [[String]: [String: String]] {
    let lines = csv.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    let header = lines.first ?? []
    let rows = lines.dropFirst().map { cells in
      Dictionary(zip(header, cells), uniquingKeysWith: { first, _ in first })
    }
    return Dictionary(
      rows.map { row in (key.map { row[$0] ?? "" }, row) }, uniquingKeysWith: { first, _ in first })
  }

  private func agrees(_ found: String?, _ expected: String?) -> Bool {
    guard let expected, let value = Double(expected) else { return found == expected }
    guard let found = found.flatMap(Double.init) else { return false }
    return abs(found - value) <= 1e-10 * max(1, abs(value))
  }

  @Test func convergenceIsThatOfNumpy() throws {
    let key = [
      "run", "layer", "head", "component", "object", "metric", "variant", "rows", "probe",
      "window", "measure",
    ]
    let found = rows(TableWriter.csv(try Self.result().convergence), key: key)
    let expected = rows(try Self.text("convergence.csv"), key: key)
    #expect(expected.count > 1_000)
    for (key, row) in expected {
      let own = found[key]
      #expect(agrees(own?["value"], row["value"]) && own?["n"] == row["n"], "\(key)")
    }
  }

  @Test func associationsAreThoseOfScipy() throws {
    let key = [
      "run", "component", "object", "measure", "per_measure", "window", "method", "scope",
    ]
    let found = rows(TableWriter.csv(try Self.result().associations), key: key)
    let expected = rows(try Self.text("associations.csv"), key: key)
    #expect(expected.count > 800)
    var combined = 0
    for (key, row) in expected {
      let own = found[key]
      #expect(agrees(own?["estimate"], row["estimate"]) && own?["n"] == row["n"], "\(key)")
      guard row["p"]?.isEmpty == false else { continue }
      combined += 1
      for column in ["lower", "upper", "p"] {
        #expect(agrees(own?[column], row[column]), "\(column) of \(key)")
      }
    }
    #expect(combined > 300)
  }

  @Test func everyMeasureIsPairedWithTheMeanOfRankAndWithDepth() throws {
    let result = try Self.result()
    for window in [Window.all, .late, .common, .commonLate] {
      let combined = result.associations.filter {
        $0.key.run.isEmpty && $0.key.window == window && $0.key.method == .spearman
          && $0.key.scope == .within && $0.key.component == "ov"
      }
      for object in ["weights", "gradients", ""] {
        let own = combined.filter { $0.key.object == object }
        #expect(Set(own.map(\.key.measure)) == Set(Measure.ofSimilarities))
        #expect(Set(own.map(\.key.perMeasure)) == [object.isEmpty ? "depth" : "mean"])
        #expect(own.count == Measure.ofSimilarities.count)
      }
    }
    // A run's own coefficients in every window.
    let own = result.associations.filter { $0.key.run == "e" && $0.key.measure == .area }
    #expect(Set(own.map(\.key.window)) == [.all, .late, .common, .commonLate])
    #expect(own.allSatisfy { $0.q == nil && $0.isDescriptive })
  }

  @Test func adjustedValuesAreThoseOfTheirFamilies() throws {
    let combined = try Self.result().associations.filter { $0.key.run.isEmpty && $0.p != nil }
    let families = Dictionary(grouping: combined) { row -> [String] in
      let key = row.key
      return [
        key.metric, key.variant, key.rows, key.probe, key.window.rawValue, key.method.rawValue,
        key.scope.rawValue,
      ]
    }
    // Four windows, three methods, two scopes that have a p without permutations.
    #expect(families.count == 24)
    for rows in families.values {
      let q = benjaminiHochberg(rows.compactMap(\.p))
      #expect(rows.map(\.q) == q)
    }
  }
}
