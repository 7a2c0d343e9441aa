import Capture
import Dynamics
import Foundation
import LinearAlgebra
import Testing

@testable import Studies

/// `tend verify` notices what differs from the inputs, and names it.
@Suite struct VerificationTests {
  private static let study = """
    name: s
    runs: [{name: nano, checkpoints: ., steps: [0, 3000]}]
    probes: [{name: a, tokens: tokens.npy}]
    measure:
      components: [mlp]
      rows: [last, all]
      heads: false
      variants: []
      spectra: [per, relative_change]
    """

  private func withMeasured(_ body: (StudyFolder) throws -> Void) throws {
    try Places.withFixture { folder in
      let study = StudyFolder(folder)
      try study.write(Self.study)
      let results = try study.measure()
      try FileManager.default.createDirectory(
        at: folder.appending(path: "results"), withIntermediateDirectories: true)
      try results.table.csv().write(
        to: folder.appending(path: "results/measurements.csv"), atomically: true, encoding: .utf8)
      try body(study)
    }
  }

  private func verify(_ study: StudyFolder) throws -> StudyVerification {
    let verification = try study.runner().verify(count: nil, seed: 1)
    #expect(
      try FileManager.default.contentsOfDirectory(
        atPath: study.folder.appending(path: ".tend").path
      ).allSatisfy { !$0.hasPrefix("verify-") })
    return verification
  }

  @Test func whatWasMeasuredAgreesInEveryUnit() throws {
    try withMeasured { study in
      let verification = try verify(study)
      #expect(verification.differing == 0, "\(verification.lines)")
      #expect(
        Set(verification.units.map(\.kind))
          == ["weights", "change", "capture", "gradients", "similarity", "streamed"])
      #expect(try study.runner().verify(count: 3, seed: 7).units.count == 3)
    }
  }

  /// An artifact that is intact in itself and holds another number: of each kind one.
  @Test func anAlteredNumberIsNamed() throws {
    try withMeasured { study in
      let store = try study.runner().store
      var altered: Set<String> = []
      for kind in ["weights", "gradients", "similarity", "change", "streamed"] {
        let key = try #require(
          try store.keys().filter { $0.kind.rawValue == kind }.min { $0.hex < $1.hex })
        let artifact = try #require(try store.artifact(key))
        var rows = try artifact.rows()
        let index = try #require(rows.firstIndex { $0.value != nil })
        rows[index].value = (rows[index].value ?? 0) + 1e-3 * max(1, abs(rows[index].value ?? 0))
        let unit = artifact.unit
        _ = try store.write(artifact.inputs, unit: unit) { try $0.add(rows) }
        altered.insert("\(kind) \(unit)")
      }
      let verification = try verify(study)
      let differing = verification.units.filter { !$0.agrees }
      #expect(Set(differing.map { "\($0.kind) \($0.name)" }) == altered)
      #expect(differing.allSatisfy { $0.largest > 5e-4 && $0.largest < 2e-3 })
      // The table on disk was gathered before.
      #expect(!verification.table.isEmpty)
    }
  }

  @Test func anAlteredCaptureIsNamed() throws {
    try withMeasured { study in
      let store = try study.runner().store
      let key = try #require(
        try store.keys().filter { $0.kind == .capture }.min { $0.hex < $1.hex })
      let artifact = try #require(try store.artifact(key))
      let rows = try artifact.rows()
      let names = artifact.matrixNames
      let matrices = try names.map { try artifact.matrix($0) }
      _ = try store.write(artifact.inputs, unit: artifact.unit) { writer in
        for (index, name) in names.enumerated() {
          var matrix = matrices[index]
          if index == 0 { matrix[0, 0] += 1 }
          try writer.add(matrix, section: name)
        }
        try writer.add(rows)
      }
      let differing = try verify(study).units.filter { !$0.agrees }
      #expect(differing.map(\.name).contains(artifact.unit), "\(differing)")
      #expect(differing.contains { $0.kind == "capture" && $0.largest > 1e-4 })
    }
  }

  @Test func aDamagedArtifactAndAChangedTableAreNamed() throws {
    try withMeasured { study in
      let path = try #require(try study.artifacts("weights").first)
      var data = try Data(contentsOf: path)
      data[10] ^= 1
      try data.write(to: path)
      let table = study.folder.appending(path: "results/measurements.csv")
      var lines = try String(contentsOf: table, encoding: .utf8).split(separator: "\n")
      let row = try #require(lines.firstIndex { $0.contains(",loss,") })
      let fields = lines[row].split(separator: ",", omittingEmptySubsequences: false)
      lines[row] = (fields[..<10] + ["1.5"] + fields[11...]).joined(separator: ",")[...]
      try (lines.joined(separator: "\n") + "\n").write(
        to: table, atomically: true, encoding: .utf8)
      let verification = try study.runner().verify(count: nil, seed: 1)
      let differing = verification.units.filter { !$0.agrees }
      #expect(differing.count == 1 && differing[0].obstacle?.contains("damaged") == true)
      #expect(
        verification.lines.contains { $0.contains("1.5 stands there") || $0.contains("damaged") })
    }
  }
}
