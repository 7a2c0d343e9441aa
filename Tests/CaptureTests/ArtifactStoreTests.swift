import Files
import Foundation
import LinearAlgebra
import Testing

@testable import Capture

@Suite struct ArtifactStoreTests {
  private let matrix = Matrix<Float>(rows: 2, columns: 3, elements: [1, -2, 3.5, 0, .nan, 6])
  private let rows = [
    MeasuredRow(
      layer: 3, head: 1, component: "ov", object: "activations", metric: "cka", rows: "last",
      value: 0.25, lower: 0.125, upper: 0.5, n: 48, halves: [0.25, .nan, 0.5]),
    MeasuredRow(
      component: "model", object: "loss", metric: "loss", rows: "all", value: nil,
      gap: "too_few_rows"),
  ]

  private func inputs(_ seed: String = "1") -> UnitInputs {
    UnitInputs(.weights, ["tensors": "abc", "seed": seed])
  }

  private func withStore(_ body: (ArtifactStore) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "tend-store-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(ArtifactStore(folder: folder.path))
  }

  private func write(_ store: ArtifactStore) throws -> ArtifactKey {
    try store.write(inputs(), unit: "nano/512") {
      try $0.add(matrix, section: "0/mlp")
      try $0.add(rows)
    }
    return inputs().key
  }

  @Test func whatWasWrittenIsReadBack() throws {
    try withStore { store in
      let key = try write(store)
      let keys = try store.keys()
      #expect(keys == [key])
      let artifact = try #require(try store.artifact(key))
      #expect(artifact.unit == "nano/512")
      #expect(artifact.inputs == inputs())
      let read = try artifact.matrix("0/mlp")
      #expect(read.elements.map(\.bitPattern) == matrix.elements.map(\.bitPattern))
      let found = try artifact.rows()
      #expect(found[1] == rows[1])
      #expect(found[0].halves.map(\.bitPattern) == rows[0].halves.map(\.bitPattern))
      #expect(found[0].lower == 0.125 && found[0].head == 1 && found[0].n == 48)
      let leftovers = try store.leftovers()
      #expect(leftovers.isEmpty)
    }
  }

  @Test func everyInputChangesTheKey() {
    let base = inputs().key
    #expect(inputs("2").key != base)
    #expect(UnitInputs(.gradients, ["tensors": "abc", "seed": "1"]).key != base)
    // A border that moves between two values makes another key.
    #expect(
      UnitInputs(.weights, ["tensors": "ab", "c": "1"]).key
        != UnitInputs(.weights, ["tensors": "a", "bc": "1"]).key)
    #expect(inputs("2").changes(from: inputs()) == ["seed"])
  }

  /// Wherever one byte is flipped, reading says so, and nothing is used.
  @Test func aFlippedByteAnywhereIsFound() throws {
    try withStore { store in
      let key = try write(store)
      let path = store.path(of: key)
      let intact = try Data(contentsOf: URL(fileURLWithPath: path))
      for place in intact.indices {
        var damaged = intact
        damaged[place] ^= 0x10
        try damaged.write(to: URL(fileURLWithPath: path))
        #expect(throws: CaptureError.self, "byte \(place)") {
          try store.artifact(key)?.verify()
        }
      }
    }
  }

  @Test func aCutArtifactIsFoundAtEveryLength() throws {
    try withStore { store in
      let key = try write(store)
      let path = store.path(of: key)
      let intact = try Data(contentsOf: URL(fileURLWithPath: path))
      for length in 0..<intact.count {
        try intact.prefix(length).write(to: URL(fileURLWithPath: path))
        #expect(throws: CaptureError.self, "\(length) bytes") {
          try store.artifact(key)?.verify()
        }
      }
    }
  }

  @Test func anotherUnitsArtifactUnderThisNameIsDamaged() throws {
    try withStore { store in
      let key = try write(store)
      let other = inputs("2").key
      try FileManager.default.copyItem(atPath: store.path(of: key), toPath: store.path(of: other))
      #expect(throws: CaptureError.self) { try store.artifact(other) }
    }
  }

  @Test func aUnitThatThrowsLeavesNothing() throws {
    struct Stop: Error {}
    try withStore { store in
      #expect(throws: Stop.self) {
        try store.write(inputs(), unit: "nano/512") {
          try $0.add(matrix, section: "0/mlp")
          throw Stop()
        }
      }
      let (keys, leftovers) = (try store.keys(), try store.leftovers())
      #expect(keys.isEmpty && leftovers.isEmpty)
    }
  }

  /// Without this a folder that cannot be listed would pass for one without results. A link to itself
  /// cannot be followed by root either.
  @Test func aFolderThatCannotBeListedIsNamed() throws {
    try withStore { store in
      let key = try write(store)
      let folder = store.folder + "/" + key.kind.rawValue
      try FileManager.default.removeItem(atPath: folder)
      try FileManager.default.createSymbolicLink(
        atPath: folder, withDestinationPath: key.kind.rawValue)
      let expected = CaptureError.store(.system(action: "list", path: folder, code: ELOOP))
      #expect(throws: expected) { _ = try store.keys() }
      #expect(throws: expected) { _ = try store.keys(among: [key]) }
      #expect(throws: expected) { _ = try store.leftovers() }
      #expect(Folder.kind(of: folder) == .unreachable(ELOOP))
    }
  }

  @Test func aStoreThatCannotBeWrittenSaysSo() throws {
    // A file stands where the store's folder should be; root may write into any folder.
    try withStore { store in
      try Data().write(to: URL(fileURLWithPath: store.folder))
      #expect {
        try write(store)
      } throws: { error in
        guard case .store = error as? CaptureError else { return false }
        return true
      }
    }
  }
}
