import Tensors
import Testing

@Suite struct NumPyFileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func file(_ header: String, _ data: [UInt8], version: UInt8 = 1) throws -> String {
    let text = Array(header.utf8)
    let length =
      version == 1
      ? [UInt8(text.count & 255), UInt8(text.count >> 8)]
      : [UInt8(text.count & 255), UInt8(text.count >> 8), 0, 0]
    return try folder.write(
      [0x93] + Array("NUMPY".utf8) + [version, 0] + length + text + data, "a.npy")
  }

  @Test func readsIntegersOfEverySizeAndOrder() throws {
    let small = try NumPyFile(
      file(
        "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 2), }\n",
        [1, 0, 255, 255, 3, 0, 4, 0]))
    #expect(small.shape == [2, 2])
    #expect(try small.integers() == [1, -1, 3, 4])
    let big = try NumPyFile(
      file(
        "{'descr': '>u4', 'fortran_order': False, 'shape': (2,), }",
        [0, 0, 1, 0, 255, 255, 255, 255], version: 2))
    #expect(try big.integers() == [256, 4_294_967_295])
    let columns = try NumPyFile(
      file("{\"descr\": \"|u1\", \"fortran_order\": True, \"shape\": (2, 3)}", [1, 4, 2, 5, 3, 6]))
    #expect(try columns.integers() == [1, 2, 3, 4, 5, 6])
    #expect(try columns.doubles() == [1, 2, 3, 4, 5, 6])
  }

  @Test func readsFloats() throws {
    let file = try NumPyFile(
      file("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}", [0, 0, 0x80, 0x3F]))
    #expect(try file.doubles() == [1])
    #expect(throws: TensorError.self) { try file.integers() }
  }

  @Test(arguments: [
    ("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", 8, "integers or floats"),
    ("{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (1,)}", 4, "in quotes"),
    ("{'descr': '<i4', 'fortran_order': False, 'shape': (2,)}", 4, "8 bytes of data"),
    (
      "{'descr': '<i8', 'fortran_order': False, 'shape': (4611686018427387904, 4)}", 8,
      "can be addressed"
    ),
    ("{'descr': '<i4', 'descr': '<i4', 'fortran_order': False, 'shape': (1,)}", 4, "twice"),
    ("{'descr': '<i4', 'shape': (1,)}", 4, "the keys"),
    ("{'descr': '<i4', 'fortran_order': False, 'shape': (-1,)}", 4, "whole numbers"),
    (
      "{'descr': '<i4', 'fortran_order': False, 'shape': (1,)} + evil()", 4, "the end of the header"
    ),
    ("{'descr': '<i4', 'fortran_order': False, 'shape': (1,), 'x': 1}", 4, "the keys"),
    ("((((((((", 0, "expected {"),
  ])
  func aBrokenRuleIsNamed(_ header: String, _ bytes: Int, _ message: String) throws {
    let path = try file(header, [UInt8](repeating: 0, count: bytes))
    do {
      _ = try NumPyFile(path)
      Issue.record("opened")
    } catch {
      #expect("\(error)".contains(message), "\(error)")
    }
  }

  @Test func whatIsNoArrayIsSaidToBeNone() throws {
    let path = try folder.write(Array("hello, world".utf8), "a.npy")
    #expect(throws: TensorError.self) { try NumPyFile(path) }
  }
}
