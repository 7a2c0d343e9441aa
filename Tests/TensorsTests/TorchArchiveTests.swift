import Files
import Foundation
import Testing

@testable import Tensors

@Suite struct TorchArchiveTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func open(_ archive: ZipFixture) throws -> TensorFile {
    try TensorFile(folder.write(archive.bytes(), "a.bin"))
  }

  private func message(_ archive: ZipFixture) throws -> String {
    do {
      let file = try open(archive)
      for tensor in file.tensors { _ = try file.floats(tensor.name) }
    } catch {
      return "\(error)"
    }
    return "opened"
  }

  private let floats: [UInt8] = (0..<6).flatMap { index in
    withUnsafeBytes(of: Float(index).bitPattern.littleEndian) { Array($0) }
  }

  @Test func readsRowMajorTransposedAndShiftedViews() throws {
    let plain = try open(.tensor(storage: floats, elements: 6, shape: [2, 3], strides: [3, 1]))
    #expect(plain.format == .torch)
    #expect(try plain.floats("a") == [0, 1, 2, 3, 4, 5])
    let transposed = try open(
      .tensor(storage: floats, elements: 6, shape: [3, 2], strides: [1, 3]))
    #expect(try transposed.floats("a") == [0, 3, 1, 4, 2, 5])
    let shifted = try open(
      .tensor(storage: floats, elements: 6, offset: 2, shape: [2, 2], strides: [2, 1]))
    #expect(try shifted.floats("a") == [2, 3, 4, 5])
    let column = try open(.tensor(storage: floats, elements: 6, shape: [2, 1], strides: [3, 7]))
    #expect(try column.floats("a") == [0, 3])
    let empty = try open(.tensor(storage: floats, elements: 6, shape: [0, 9], strides: [9, 1]))
    #expect(try empty.floats("a") == [])
  }

  @Test func halvesAndIntegersAreTold() throws {
    let halves = try open(
      .tensor(
        storage: [0, 0x3C, 0, 0xC0], type: "HalfStorage", elements: 2, shape: [2], strides: [1]))
    #expect(try halves.floats("a") == [1, -2])
    let integers = try open(
      .tensor(storage: [1, 2], type: "ByteStorage", elements: 2, shape: [2], strides: [1]))
    #expect(integers.tensor("a")?.type == .uint8)
    #expect(throws: TensorError.self) { try integers.floats("a") }
  }

  @Test func viewsOutsideTheStorageAreErrors() throws {
    for (offset, shape, strides) in [
      (UInt8(0), [Int32(7)], [Int32(1)]), (1, [6], [1]), (0, [2, 3], [4, 1]), (0, [2], [Int32.max]),
      (0, [-1], [1]), (0, [2], [-1]), (0, [2, 2], [1]), (7, [0], [1]),
    ] {
      let found = try message(
        .tensor(storage: floats, elements: 6, offset: offset, shape: shape, strides: strides))
      #expect(found.contains("tensor \"a\": expected"), "\(found)")
    }
  }

  @Test func aStrideOfZeroMakesNoTerabytes() throws {
    let found = try message(
      .tensor(storage: floats, elements: 6, shape: [1 << 21, 1 << 21], strides: [0, 0]))
    #expect(found.contains("no more elements than the storage holds"), "\(found)")
  }

  @Test func aStorageOfAnotherSizeIsAnError() throws {
    #expect(
      try message(.tensor(storage: floats, elements: 5, shape: [5], strides: [1]))
        .contains("a storage of 24 bytes"))
    #expect(
      try message(.tensor(storage: floats, elements: 6, shape: [6], strides: [1], key: "../../x"))
        .contains("the record"))
    #expect(
      try message(
        .tensor(storage: floats, type: "EvilStorage", elements: 6, shape: [6], strides: [1])
      )
      .contains("torch.EvilStorage"))
  }

  @Test func aWrongChecksumIsAnErrorAndNoneIsNot() throws {
    var archive = ZipFixture.tensor(storage: floats, elements: 6, shape: [6], strides: [1])
    archive.entries[2].checksum = Deflate.checksum(of: floats)
    #expect(try message(archive) == "opened")
    archive.entries[2].checksum ^= 1
    #expect(try message(archive).contains("damaged"))
  }

  @Test func aPickleThatCallsIsInert() throws {
    var pickle = PickleFixture()
    pickle.bytes += [0x80, 2]
    pickle.global("os", "system")
    pickle.bytes += Array("(".utf8)
    pickle.text("touch \(folder.path)/owned")
    pickle.bytes += Array("tR.".utf8)
    let found = try message(ZipFixture(entries: [.init(name: "m/data.pkl", data: pickle.bytes)]))
    #expect(found.contains("os.system"), "\(found)")
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/owned"))
  }

  @Test func foreignObjectsBesideTheWeightsDoNoHarm() throws {
    // {"args": argparse.Namespace(), "model": {…}} as training programs save it.
    var archive = ZipFixture.tensor(storage: floats, elements: 6, shape: [6], strides: [1])
    let inner = Array(archive.entries[0].data.dropFirst(2).dropLast())
    var pickle = PickleFixture()
    pickle.bytes += [0x80, 2] + Array("}".utf8)
    pickle.text("args")
    pickle.global("argparse", "Namespace")
    pickle.bytes += Array(")".utf8) + [0x81] + Array("}bs".utf8)
    pickle.text("model")
    pickle.bytes += inner + Array("s.".utf8)
    archive.entries[0].data = pickle.bytes
    let opened = try open(archive)
    #expect(try opened.floats("a") == [0, 1, 2, 3, 4, 5])
    #expect(opened.unread == #""model" is read; not "args" beside it"#)
  }

  @Test(arguments: [
    ("compressed", 0, "torch.save"), ("encrypted", 1, "not encrypted"), ("twice", 2, "twice"),
    ("prefix", 3, "all entries below"), ("traversal", 4, "inside the archive"),
    ("other local name", 5, "name in directory"), ("script", 6, "TorchScript"),
    ("no pickle", 7, "without data.pkl"), ("big-endian", 8, "little-endian"),
  ])
  func aSuspectArchiveIsRefused(_ what: String, _ number: Int, _ expected: String) throws {
    var archive = ZipFixture.tensor(storage: floats, elements: 6, shape: [6], strides: [1])
    switch number {
    case 0: archive.entries[2].method = 8
    case 1: archive.entries[2].flags = 1
    case 2: archive.entries.append(archive.entries[0])
    case 3: archive.entries[2].name = "n/data/0"
    case 4: archive.entries[2].name = "m/../../data/0"
    case 5: archive.entries[2].localName = "m/data/1"
    case 6: archive.entries.append(.init(name: "m/constants.pkl", data: []))
    case 7: archive.entries.removeFirst()
    default: archive.entries[1].data = Array("big".utf8)
    }
    let found = try message(archive)
    #expect(found.contains(expected), "\(what): \(found)")
  }

  @Test func everyCutAndEveryFlippedByteGivesTensorsOrAnError() throws {
    let whole = ZipFixture.tensor(storage: floats, elements: 6, shape: [2, 3], strides: [3, 1])
      .bytes()
    for length in 0..<whole.count {
      #expect(throws: TensorError.self) {
        try TensorFile(folder.write(Array(whole[..<length]), "cut.bin"))
      }
    }
    for place in whole.indices {
      for flip in [UInt8(0x01), 0x10, 0x80, 0xFF] {
        var bytes = whole
        bytes[place] ^= flip
        guard let file = try? TensorFile(folder.write(bytes, "flipped.bin")) else { continue }
        for tensor in file.tensors { _ = try? file.floats(tensor.name) }
      }
    }
  }

  @Test func bombsOfMarksMemosAndDepthEndInAnError() {
    let deep =
      [0x80, 2] + [UInt8](repeating: 0x5D, count: 1_000_000)
      + [UInt8](repeating: 0x61, count: 1_000_000)
    #expect(throws: PickleReader.Finding.self) { try PickleReader.read(deep) }
    let nested: [UInt8] =
      [0x80, 2] + [UInt8](repeating: 0x29, count: 1) + [UInt8](repeating: 0x85, count: 1_000_000)
      + [0x2E]
    #expect(throws: PickleReader.Finding.self) { _ = try PickleReader.read(nested) }
    // Values one byte each, on the stack or in tuples of a thousand that are then let go.
    let thousand: [UInt8] = [0x28] + [UInt8](repeating: 0x5D, count: 1000) + [0x74]
    let floods: [(opcodes: [UInt8], count: Int)] = [
      ([0x4E], 300_000), ([0x29], 300_000), ([0x5D], 300_000), ([0x4B, 7], 300_000),
      (thousand, 1000),
    ]
    for flood in floods {
      let values = Array(repeating: flood.opcodes, count: flood.count).joined()
      let bytes: [UInt8] = [0x80, 2, 0x28] + values + [0x74, 0x2E]
      do throws(PickleReader.Finding) {
        _ = try PickleReader.read(bytes)
        Issue.record("a flood of \(flood.opcodes.prefix(2)) was read")
      } catch {
        #expect(error.expected.contains("on the stack") || error.expected.contains("two bytes"))
      }
    }
    let marks = [0x80, 2] + [UInt8](repeating: 0x28, count: 1_000_000)
    #expect(throws: PickleReader.Finding.self) { try PickleReader.read(marks) }
    let replay: [UInt8] = [0x80, 2, 0x4E, 0x71, 0] + [UInt8](repeating: 0x68, count: 10) + [0x2E]
    #expect(throws: PickleReader.Finding.self) { _ = try PickleReader.read(replay) }
    #expect(throws: PickleReader.Finding.self) { try PickleReader.read([0x80, 2, 0x32, 0x2E]) }
  }

  @Test func constantsAreOneNodeEachAndKeysOfTheMemoMayBeginAnywhere() throws {
    // (None, None, True, 7, 7, "a", "a"), "a" remembered under 1 as Python 2 does, and under 70,000.
    let text: [UInt8] = [0x58, 1, 0, 0, 0, 0x61]
    let long: [UInt8] = [0x70, 0x11, 1, 0]
    let graph = try PickleReader.read(
      [0x80, 2, 0x28, 0x4E, 0x4E, 0x88, 0x4B, 7, 0x4B, 7] + text + [0x71, 1, 0x72] + long
        + [0x68, 1, 0x6A] + long + [0x74, 0x2E])
    let elements = try #require(graph.tuple(graph.root))
    #expect(elements[0] == elements[1] && elements[3] == elements[4])
    #expect(graph.int(elements[3]) == 7)
    #expect(elements.suffix(3).map { graph.text($0) } == ["a", "a", "a"])
    #expect(graph.nodes.count == PickleGraph().nodes.count + 2)
  }

  @Test func otherContentIsRecognised() throws {
    for (content, word) in [
      ("version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "git-LFS"),
      ("  <!DOCTYPE html><html>", "HTML"), ("<?xml version=\"1.0\"?>", "XML"), ("GGUF....", "GGUF"),
    ] {
      let path = try folder.write(Array(content.utf8), "model.safetensors")
      do {
        _ = try TensorFile(path)
        Issue.record("opened \(word)")
      } catch {
        #expect("\(error)".contains(word), "\(error)")
      }
    }
  }
}
