import Files
import Tensors
import Testing

@Suite struct SafetensorsTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A file of a header's text and data behind it.
  private func file(_ header: String, data: [UInt8] = []) throws -> String {
    let text = Array(header.utf8)
    let length = (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) }
    return try folder.write(length + text + data, "a.safetensors")
  }

  private func malformed(_ header: String, data: [UInt8] = []) throws -> String {
    let path = try file(header, data: data)
    do {
      _ = try TensorFile(path)
    } catch {
      return error.description.replacing(path + ": ", with: "")
    }
    return "opened"
  }

  @Test func moreThanAMillionTensorsAreRefusedBeforeAnyIsBuilt() throws {
    let entries = String(repeating: #""a,{\"":[0],"#, count: 1_000_001)
    #expect(try malformed("{" + entries + #""b":0}"#).contains("1000002 entries in the header"))
  }

  @Test func manyTensorsInAnyOrderAreFoundByNameAndListedByPlace() throws {
    // Written last to first; every name spelled with an escape or without, one a prefix of the other.
    let count = 20_000
    let entries = (0..<count).reversed().map { place in
      let name = place % 2 == 0 ? "t\(place)" : #"\u0074\#(place)"#
      return #""\#(name)":{"dtype":"U8","shape":[1],"data_offsets":[\#(place),\#(place + 1)]}"#
    }
    let header = "{" + entries.joined(separator: ",") + "}"
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
    let opened = try TensorFile(file(header, data: bytes))
    #expect(opened.tensors.map(\.name) == (0..<count).map { "t\($0)" })
    for place in [0, 1, 777, count - 1] {
      #expect(try opened.integers("t\(place)") == [place % 256])
      #expect(opened.tensor("t\(place)") == opened.tensors[place])
    }
    #expect(opened.tensor("t\(count)") == nil)
    #expect(opened.tensor(#"\u0074"#) == nil)
    // The first name once more, in its other spelling.
    let again = #"{"\u00741":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"# + header.dropFirst()
    #expect(try malformed(again, data: bytes).contains(#""t1" twice"#))
  }

  @Test func whatIsWrittenAboutTheFileIsNoTensor() throws {
    let entry = #""a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}"#
    let opened = try TensorFile(
      file(#"{"__metadata__":{"step":"7"},\#(entry)}"#, data: [1]))
    #expect(opened.metadata == ["step": "7"])
    #expect(opened.tensor("__metadata__") == nil && opened.tensors.count == 1)
    let twice = #"{"__metadata__":{},\#(entry),"__meta\u0064ata__":{}}"#
    #expect(try malformed(twice, data: [1]).contains(#""__metadata__" twice"#))
    let many = (0...65_536).map { #""\#($0)":"""# }.joined(separator: ",")
    #expect(
      try malformed(#"{"__metadata__":{\#(many)}}"#).contains("at most 65536 members"))
  }

  @Test func readsEveryComputableTypeExactly() throws {
    let header = #"""
       {"h":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},"b":{"dtype":"BF16","shape":[2],"data_offsets":[4,8]},
       "f":{"dtype":"F32","shape":[1,1],"data_offsets":[8,12]},"d":{"dtype":"F64","shape":[],"data_offsets":[12,20]},
       "i":{"dtype":"I8","shape":[0],"data_offsets":[20,20]},"__metadata__":{}}  
      """#
    let data: [UInt8] =
      [0x00, 0x3C, 0x01, 0x80] + [0x80, 0x3F, 0x49, 0xC0] + [0x00, 0x00, 0x20, 0x3E]
      + [0, 0, 0, 0, 0, 0, 0xF0, 0x3F]
    let tensors = try TensorFile(file(header, data: data))
    #expect(try tensors.floats("h") == [1, -0x1p-24])
    #expect(try tensors.floats("b") == [1, -3.140625])
    #expect(try tensors.floats("f") == [0.15625])
    #expect(try tensors.floats("d") == [1])
    #expect(tensors.tensors.map(\.name) == ["h", "b", "f", "d", "i"])
    #expect(tensors.tensor("d")?.shape == [])
    #expect(throws: TensorError.missingTensor(file: tensors.path, tensor: "x")) {
      try tensors.floats("x")
    }
    #expect(
      throws: TensorError.unsupportedType(
        file: tensors.path, tensor: "i", type: "I8", supported: "F16, BF16, F32, F64")
    ) { try tensors.floats("i") }
  }

  @Test func everyHalfFloatBecomesTheFloatOfEqualValue() throws {
    let data = (0...UInt16.max).flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
    let header = #"{"h":{"dtype":"F16","shape":[65536],"data_offsets":[0,131072]}}"#
    let values = try TensorFile(file(header, data: data)).floats("h")
    for bits in 0...UInt16.max {
      let expected = Float(Float16(bitPattern: bits))
      let found = values[Int(bits)]
      #expect(
        found.bitPattern == expected.bitPattern || (found.isNaN && expected.isNaN),
        "half \(bits): \(found), expected \(expected)")
    }
  }

  @Test(arguments: [
    // Header, bytes of data, what the message says.
    (
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
      8, #""a" twice"#
    ),
    (
      #"{"ab":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a\u0062":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
      8, "twice"
    ),
    (#"{"a":{"dtype":"F32","shape":[1],"shape":[1],"data_offsets":[0,4]}}"#, 4, #""shape" twice"#),
    (
      #"{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}"#, 4,
      "whole numbers of at least 0, found 1.0"
    ),
    (#"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#, 4, "found -1"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}}"#, 4, "two data_offsets, found 3"),
    (#"{"a":{"dtype":"F 33","shape":[1],"data_offsets":[0,4]}}"#, 4, #"found "F 33""#),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, 4, "8 bytes, found 4 bytes"),
    (
      #"{"a":{"dtype":"F32","shape":[9223372036854775807,3],"data_offsets":[0,4]}}"#, 4,
      "can be addressed"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[18446744073709551617],"data_offsets":[0,4]}}"#, 4,
      "found 18446744073709551617"
    ),
    (#"{"a":{"dtype":"F4","shape":[3],"data_offsets":[0,1]}}"#, 1, "12 bits"),
    (
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}"#,
      6, "overlap"
    ),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, 8, "there is a hole"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 6, "2 more"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 2, "truncated"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, 4, "in order"),
    (#"{"a":1}"#, 0, "found 1"),
    (#"{"a":{"dtype":7,"shape":[1],"data_offsets":[0,4]}}"#, 4, "dtype as text, found 7"),
    (
      #"{"a":{"dtype":"F32","shape":{},"data_offsets":[0,4]}}"#, 4,
      "shape as a list, found an object"
    ),
    (#"{"a":{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}}"#, 4, #"at least 0, found "1""#),
    (#"{"a":{"dtype":"F32","shape":[1,],"data_offsets":[0,4]}}"#, 4, "a value at byte"),
    (#"{"a":{"dtype":"F32","shape":[1]}}"#, 4, "data_offsets as a list, found nothing"),
    (#"{"a":{}}"#, 4, "dtype as text, found nothing"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}"#, 4, #"alone, found "x""#),
    (#"{"a":{"dtype":"F32","shape":[-0],"data_offsets":[0,0]}}"#, 0, "found -0"),
    (#"[]"#, 0, "an object as header, found a list of 0"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},}"#, 4, "a name in quotes"),
    ("\u{FEFF}{}", 0, "byte-order mark"),
    ("{}\u{0}", 0, "the end of the text"),
    (#"{"__metadata__":{"a":1}}"#, 0, "text for"),
    (#"{"a":{"dtype":[[[["F32"]]]],"shape":[1],"data_offsets":[0,4]}}"#, 4, "nesting"),
  ])
  func aBrokenRuleIsNamed(_ header: String, _ bytes: Int, _ message: String) throws {
    let found = try malformed(header, data: [UInt8](repeating: 0, count: bytes))
    #expect(found.contains(message), "\(found)")
  }

  @Test func aTypeOfALaterFormatIsListedAndNotRead() throws {
    let header =
      #"{"a":{"dtype":"F33","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#
    let opened = try TensorFile(file(header, data: [1, 2, 3, 4, 0, 0, 128, 63]))
    #expect(opened.tensors.map(\.typeName) == ["F33", "F32"])
    #expect(try opened.floats("b") == [1])
    #expect(throws: TensorError.self) { try opened.floats("a") }
  }

  @Test func namesThatDifferInUnicodeFormAreTwoTensors() throws {
    let header =
      "{\"\u{E9}\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
      + "\"e\u{301}\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}}"
    let tensors = try TensorFile(file(header, data: [1, 2]))
    #expect(tensors.tensors.count == 2)
    #expect(
      tensors.tensor("e\u{301}")?.bytes.lowerBound == (tensors.tensor("\u{E9}")?.bytes.upperBound))
  }

  @Test func aHeaderLongerThanTheFileIsRefusedBeforeItIsRead() throws {
    let path = try folder.write([0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0x7B], "long.safetensors")
    #expect(
      throws: TensorError.malformed(
        file: path, expected: "a header of 65535 bytes",
        found: "1 bytes in the whole file; it is truncated")
    ) { try TensorFile(path) }
    let huge = try folder.write([UInt8](repeating: 0xFF, count: 16), "huge.safetensors")
    #expect(throws: TensorError.self) { try TensorFile(huge) }
    #expect(throws: TensorError.self) { try TensorFile(folder.path) }
  }

  @Test func aFileCutAnywhereIsAnErrorNeverACrash() throws {
    let header = #"{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}"#
    let whole = try FileReader(file(header, data: [UInt8](repeating: 1, count: 16))).readAll()
    for length in 0..<whole.count {
      let path = try folder.write(Array(whole[..<length]), "cut.safetensors")
      #expect(throws: TensorError.self) { try TensorFile(path) }
    }
  }

  @Test func everyFlippedByteGivesATensorOrAnError() throws {
    let header = #"{"a":{"dtype":"F16","shape":[2,2],"data_offsets":[0,8]}}"#
    let whole = try FileReader(file(header, data: [1, 2, 3, 4, 5, 6, 7, 8])).readAll()
    for place in whole.indices {
      for flip in [UInt8(0x01), 0x20, 0x80] {
        var bytes = whole
        bytes[place] ^= flip
        let path = try folder.write(bytes, "flipped.safetensors")
        guard let opened = try? TensorFile(path) else { continue }
        for tensor in opened.tensors { _ = try? opened.floats(tensor.name) }
      }
    }
  }
}
