import Foundation
import LanguageModels
import Testing

@testable import Capture

/// Megatron data sets: the batch of a step, and files that are not what they should be.
@Suite struct IndexedDatasetTests {
  private let folder = FileManager.default.temporaryDirectory
    .appending(path: "tend-indexed-\(UUID().uuidString)").path(percentEncoded: false)

  private static func bytes<Value: FixedWidthInteger>(_ values: [Value]) -> [UInt8] {
    values.flatMap { value in withUnsafeBytes(of: value.littleEndian, Array.init) }
  }

  /// Sequences of UInt16 ids: sequence s holds 10 s, 10 s + 1, …
  private struct Files {
    var lengths: [Int32] = [5, 5, 5, 5, 5]
    var places: [Int64] = [0, 10, 20, 30, 40]
    var mark = Array("MMIDIDX\0\0".utf8)
    var version: UInt64 = 1
    var type: UInt8 = 8
    var count: UInt64 = 5
    var data = bytes((0..<5).flatMap { s in (0..<5).map { UInt16(10 * s + $0) } })

    var index: [UInt8] {
      mark + bytes([version]) + [type] + bytes([count]) + bytes([UInt64(2)]) + bytes(lengths)
        + bytes(places) + bytes([Int64(0), 5])
    }
  }

  private func source(_ files: Files, step: Int, batch: Int = 2) throws -> IndexedSource {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data(files.index).write(to: URL(filePath: "\(folder)/d.idx"))
    try Data(files.data).write(to: URL(filePath: "\(folder)/d.bin"))
    var source = IndexedSource(path: "\(folder)/d.bin", step: step)
    source.batch = batch
    return source
  }

  @Test("The batch of step t is sequences t B to t B + B - 1; 2^k + 1 ids are 2^k inputs")
  func batchOfStep() throws {
    let probe = try Probe(name: "p", source: .indexed(source(Files(), step: 1)))
    #expect(
      probe.batch
        == TokenBatch(sequences: 2, length: 4, tokens: [20, 21, 22, 23, 30, 31, 32, 33]))
    #expect(probe.notes[0].contains("the batch of step 1, sequences 2 to 3 of 5"))
    var named = try source(Files(), step: 2)
    (named.length, named.sequences) = (5, 1)
    #expect(
      try Probe(name: "p", source: .indexed(named)).batch.tokens == [40, 41, 42, 43, 44])
  }

  @Test("Gradients are taken of the batches around a step, as many as there are")
  func batchesAroundAStep() throws {
    var files = Files()
    (files.lengths, files.places) = ([Int32](repeating: 5, count: 12), (0..<12).map { $0 * 10 })
    files.count = 12
    files.data = Self.bytes((0..<12).flatMap { s in (0..<5).map { UInt16(10 * s + $0) } })
    let data = try source(files, step: 0)
    func around(_ step: Int, window: Int) throws -> GradientBatches {
      try GradientBatches(data, around: step, window: window)
    }
    #expect(try around(3, window: 1).steps == [2, 3, 4])
    #expect(try around(0, window: 5).steps == [0, 1, 2, 3, 4, 5])
    // The last checkpoint was trained with the batches before its step.
    #expect(try around(7, window: 2).steps == [5])
    let batches = try around(3, window: 1).batches()
    #expect(batches.map { $0.tokens[0] } == [40, 60, 80])
    #expect(batches.allSatisfy { $0.sequences == 2 && $0.length == 4 })
    let digests = try [around(2, window: 1), around(3, window: 1), around(3, window: 0)].map(
      \.digest)
    #expect(Set(digests).count == 3)
    #expect(throws: CaptureError.self) { try around(8, window: 2) }
    #expect(throws: CaptureError.self) { try around(.max, window: 2) }
    // Ids are checked against the model's vocabulary.
    try around(3, window: 1).validate(vocabulary: 94, context: 4)
    #expect(throws: (any Error).self) {
      try around(3, window: 1).validate(vocabulary: 93, context: 4)
    }
  }

  @Test("The index may end with modes")
  func modes() throws {
    let source = try source(Files(), step: 0)
    let index = Files().index + [UInt8](repeating: 0, count: 5)
    try Data(index).write(to: URL(filePath: "\(folder)/d.idx"))
    #expect(try Probe(name: "p", source: .indexed(source)).batch.sequences == 2)
  }

  private func message(_ change: (inout Files) -> Void, step: Int = 0) throws -> String {
    var files = Files()
    change(&files)
    do {
      _ = try Probe(name: "p", source: .indexed(source(files, step: step)))
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  @Test("Each mistake is told with what was expected")
  func mistakes() throws {
    #expect(try message { $0.mark[0] = 0x20 }.contains("expected a Megatron index"))
    #expect(
      try message {
        $0.mark = Array("garbage!!".utf8)
        $0.data = Array("MMIDIDX\0\0".utf8)
      }.contains("swapped"))
    #expect(try message { $0.version = 2 }.contains("expected version 1, found 2"))
    #expect(try message { $0.type = 6 }.contains("found type 6"))
    #expect(try message { $0.count = 4 }.contains("truncated or damaged"))
    #expect(try message { $0.count = .max }.contains("counts that"))
    #expect(try message { $0.count = 1 << 62 }.contains("counts that"))
    #expect(try message { $0.places[1] = -10 }.contains("sequence 1"))
    #expect(try message { $0.places[1] = 0 }.contains("sequence 1"))
    #expect(try message { $0.lengths[0] = -1 }.contains("sequence 0"))
    #expect(try message { $0.lengths[1] = .max }.contains("sequence 1"))
    #expect(try message { $0.places[0] = .max }.contains("sequence 0"))
    #expect(try message { $0.data = [] }.contains("sequence 0"))
    #expect(try message { $0.lengths[1] = 3 }.contains("one length"))
    #expect(try message({ _ in }, step: 3).contains("a step from 0 to 2"))
    #expect(try message({ _ in }, step: .max).contains("a step from 0 to 2"))
    #expect(
      try message {
        $0.type = 3
        $0.data = Self.bytes([Int16](repeating: -7, count: 25))
      }.contains("found -7 in sequence 0"))
  }
}
