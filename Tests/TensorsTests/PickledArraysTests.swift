import Files
import Foundation
import Testing

@testable import Tensors

@Suite struct PickledArraysTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func decoded(_ text: String) throws -> [UInt8] {
    Array(try #require(Data(base64Encoded: text)))
  }

  private func open(_ bytes: [UInt8]) throws -> PickledArrays {
    try PickledArrays(folder.write(bytes, "a.pkl"))
  }

  @Test(arguments: [2, 3, 4, 5])
  func readsWhatNumPyPickles(_ version: Int) throws {
    let arrays = try open(decoded(#require(NumPyFixture.pickles[version])))
    #expect(
      arrays.entries.map(\.name) == [
        "layer.0", "columns", "list", "deep/é", "deep/5", "arrays/0", "arrays/1", "arrays/2",
      ])
    #expect(arrays.entry("layer.0")?.shape == [2, 3])
    #expect(arrays.entry("layer.0")?.values == [1, 2, 3, 4, 5, 6])
    #expect(arrays.entry("columns")?.values == [1, 2, 3, 4, 5, 6])
    #expect(arrays.entry("list")?.values == [0.25, 0.5, 3, 2.5, 1])
    #expect(arrays.entry("deep/é")?.values == [-7])
    #expect(arrays.entry("deep/5")?.values == [1, 0])
    #expect(arrays.entry("arrays/1")?.values == [2])
    #expect(arrays.entry("arrays/2")?.shape == [0, 3])
  }

  @Test func readsAnArchiveOfArrays() throws {
    let file = try TensorFile(folder.write(decoded(NumPyFixture.archive), "a.npz"))
    #expect(file.format == .npz)
    #expect(file.tensors.map(\.name).sorted() == ["a", "b", "c", "d", "x.y"])
    #expect(try file.floats("a") == [1, 2, 3, 4, 5, 6])
    #expect(try file.doubles("b") == [1, 2, 3, 4, 5, 6])
    #expect(try file.integers("c") == [0, 1, 2])
    #expect(try file.doubles("d") == [1.5])
    #expect(try file.doubles("x.y") == [1, 0])
    #expect(throws: TensorError.self) { try file.integers("a") }
  }

  @Test func readsACompressedArchive() throws {
    let file = try TensorFile(folder.write(decoded(NumPyFixture.compressed), "c.npz"))
    #expect(file.tensors.map(\.shape) == [[100]])
    #expect(try file.doubles("a") == [Double](repeating: 0, count: 100))
    let values = (0..<3000).map { Int32($0 * $0 % 977) }
    let whole = try TensorFile(folder.write(archive(compressed(values)).bytes(), "d.npz"))
    #expect(try whole.integers("v") == values.map(Int.init))
  }

  /// An entry `v.npy` of integers, compressed.
  private func compressed(_ values: [Int32]) -> ZipFixture.Entry {
    var header = "{'descr': '<i4', 'fortran_order': False, 'shape': (\(values.count),), }"
    header += String(repeating: " ", count: 118 - header.utf8.count - 1) + "\n"
    let array =
      [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(header.utf8)
      + values.flatMap { withUnsafeBytes(of: $0.littleEndian, Array.init) }
    return ZipFixture.Entry(
      name: "v.npy", data: Deflate.compress(array), checksum: Deflate.checksum(of: array),
      method: 8, expandedSize: array.count)
  }

  private func archive(_ entry: ZipFixture.Entry) -> ZipFixture { ZipFixture(entries: [entry]) }

  @Test func aCompressedArchiveThatLiesIsAnError() throws {
    func message(_ change: (inout ZipFixture.Entry) -> Void) throws -> String {
      var entry = compressed([Int32](0..<1000))
      change(&entry)
      do {
        let file = try TensorFile(folder.write(archive(entry).bytes(), "l.npz"))
        _ = try file.integers("v")
        return "opened"
      } catch { return "\(error)" }
    }
    #expect(try message { _ in } == "opened")
    #expect(try message { $0.checksum ^= 1 }.contains("damaged"))
    #expect(try message { $0.data[$0.data.count / 2] ^= 0x55 }.contains("damaged"))
    #expect(try message { $0.data.removeLast(40) }.contains("damaged"))
    // Larger or smaller than the array that its header describes.
    #expect(try message { $0.expandedSize = 5000 }.contains("damaged"))
    #expect(try message { $0.expandedSize = 500 }.contains("bytes of data"))
    #expect(try message { $0.method = 9 }.contains("another method"))
    // A gigabyte out of a few hundred bytes is refused before anything is expanded.
    let bomb = try message { $0.expandedSize = 1 << 30 }
    #expect(bomb.contains("at most 16777216 bytes"), "\(bomb)")
  }

  @Test func aDamagedArrayOfAnArchiveIsFoundByItsChecksum() throws {
    var bytes = try decoded(NumPyFixture.archive)
    let file = try TensorFile(folder.write(bytes, "a.npz"))
    bytes[try #require(file.tensor("c")).bytes.lowerBound] ^= 1
    let damaged = try TensorFile(folder.write(bytes, "b.npz"))
    do {
      _ = try damaged.integers("c")
      Issue.record("read")
    } catch { #expect("\(error)".contains("damaged"), "\(error)") }
    #expect(try damaged.floats("a") == [1, 2, 3, 4, 5, 6])
  }

  @Test func foreignObjectsAreListedAndNeverBuilt() throws {
    var pickle = PickleFixture()
    pickle.bytes += [0x80, 2]
    pickle.global("os", "system")
    pickle.bytes += Array("(".utf8)
    pickle.global("builtins", "eval")
    pickle.bytes += Array("tR.".utf8)
    do {
      _ = try open(pickle.bytes)
      Issue.record("opened")
    } catch {
      #expect("\(error)".contains("\"os.system\", \"builtins.eval\""), "\(error)")
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func referencesMultiplyNothing() throws {
    // Eight levels of lists, each holding the one below 200 times; at the bottom nothing at all.
    var whole: [UInt8] = [0x80, 2] + Array("}(".utf8)
    var inner = PickleFixture()
    inner.text("a")
    whole += inner.bytes + Array("]q".utf8) + [0]
    for level in UInt8(0)..<7 {
      var name = PickleFixture()
      name.text("b\(level)")
      whole += name.bytes + Array("](".utf8)
      for _ in 0..<200 { whole += [0x68, level] }
      whole += Array("eq".utf8) + [level + 1]
    }
    whole += Array("u.".utf8)
    do {
      _ = try open(whole)
      Issue.record("opened")
    } catch { #expect("\(error)".contains("by references"), "\(error)") }
  }

  private static let shared: String = {
    let root = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    return ProcessInfo.processInfo.environment["TEND_SHARED"]
      ?? root.deletingLastPathComponent().appendingPathComponent("shared").path
  }()
  private static var paper: String { shared + "/data/paper-pythia" }
  private static let isThere = Folder.kind(of: paper) == .folder

  @Test(.enabled(if: isThere, "../shared/data/paper-pythia is not here"))
  func theAuthorsFilesHoldTheValuesOfTheTable() throws {
    let table = String(
      decoding: try FileReader(Self.paper + "/measurements.csv").readAll(), as: UTF8.self)
    var expected: [String: [(step: Int, value: Double)]] = [:]
    for line in table.split(separator: "\n").dropFirst() {
      let cells = line.split(separator: ",", omittingEmptySubsequences: false)
      let module = cells[4] == "mlp" ? "mlp.dense_4h_to_h" : "attention.dense"
      let size = cells[0].replacing("pythia-", with: "")
      expected["\(size) gpt_neox.layers.\(cells[2]).\(module)", default: []]
        .append((try #require(Int(cells[1])), try #require(Double(cells[10]))))
    }
    var compared = 0
    for size in ["70m", "160m", "410m", "1.4b", "2.8b"] {
      let arrays = try PickledArrays(Self.paper + "/original/\(size)-cka_scores_per_layer.pkl")
      for entry in arrays.entries where !entry.name.hasSuffix("query_key_value") {
        let rows = try #require(expected["\(size) \(entry.name)"]).sorted { $0.step < $1.step }
        #expect(entry.values == rows.map(\.value), "\(size) \(entry.name)")
        compared += rows.count
      }
    }
    #expect(compared == 2 * (6 + 12 + 24 + 24 + 32) * 27)
  }
}
