import Files
import Foundation
import Testing

@testable import Tensors

/// Files with one or a few bytes changed, drawn from a fixed seed: each opens or ends in an error of the
/// module, without a crash and without a hang.
@Suite struct MutationTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// xorshift64*: the same mutations on every machine.
  private struct Draws {
    var state: UInt64
    mutating func next(_ bound: Int) -> Int {
      state ^= state >> 12
      state ^= state << 25
      state ^= state >> 27
      return Int((state &* 2_685_821_657_736_338_717) >> 33) % max(bound, 1)
    }
  }

  /// Numbers at which readers break.
  private static let words: [[UInt8]] = [
    [0, 0, 0, 0], [0xFF, 0xFF, 0xFF, 0xFF], [0xFF, 0xFF, 0xFF, 0x7F], [0, 0, 0, 0x80],
    [UInt8](repeating: 0xFF, count: 8), [UInt8](repeating: 0xFF, count: 7) + [0x7F],
    Array("-1".utf8), Array("1e9".utf8), Array("18446744073709551617".utf8), Array("\"\"".utf8),
    Array("\\ud800".utf8), Array("((((".utf8), Array("[[[[".utf8), [0x68, 0], [0x94, 0x52], [],
  ]

  private func mutations(
    of whole: [UInt8], count: Int, seed: UInt64, body: ([UInt8]) throws -> Void
  )
    rethrows
  {
    var draws = Draws(state: seed)
    for _ in 0..<count {
      var bytes = whole
      for _ in 0...draws.next(3) where !bytes.isEmpty {
        let place = draws.next(bytes.count)
        switch draws.next(5) {
        case 0: bytes[place] ^= 1 << UInt8(draws.next(8))
        case 1: bytes[place] = UInt8(draws.next(256))
        case 2:
          let word = Self.words[draws.next(Self.words.count)]
          bytes.replaceSubrange(place..<min(place + word.count, bytes.count), with: word)
        case 3: bytes.removeSubrange(place..<min(place + 1 + draws.next(16), bytes.count))
        default:
          let end = min(place + 1 + draws.next(32), bytes.count)
          bytes.insert(contentsOf: bytes[place..<end], at: draws.next(bytes.count))
        }
      }
      try body(bytes)
    }
  }

  /// Whether `body` threw something else than a `TensorError`.
  private func survives(_ body: () throws -> Void) -> Bool {
    do { try body() } catch { return error is TensorError }
    return true
  }

  @Test(arguments: ["safetensors", "torch", "npz"])
  func filesOfTensors(_ kind: String) throws {
    let whole: [UInt8]
    switch kind {
    case "safetensors":
      let header = Array(
        #"{"__metadata__":{"a":"b"},"x":{"dtype":"F16","shape":[2,3],"data_offsets":[0,12]},"y":{"dtype":"I64","shape":[],"data_offsets":[12,20]}}"#
          .utf8)
      whole =
        [UInt8(header.count), 0, 0, 0, 0, 0, 0, 0] + header + [UInt8](repeating: 9, count: 20)
    case "torch":
      whole =
        ZipFixture.tensor(
          storage: [UInt8](repeating: 1, count: 24), elements: 6, shape: [2, 3], strides: [1, 2]
        ).bytes()
    default: whole = Array(try #require(Data(base64Encoded: NumPyFixture.archive)))
    }
    mutations(of: whole, count: 1500, seed: 7) { bytes in
      let sound = survives {
        let file = try TensorFile(folder.write(bytes, "a"))
        for tensor in file.tensors {
          // A tensor is never much larger than its file.
          #expect(tensor.count <= max(32 * bytes.count, 1 << 20))
          _ = try file.doubles(tensor.name)
        }
      }
      #expect(sound, "\(kind): \(Data(bytes).base64EncodedString())")
    }
  }

  @Test(arguments: [2, 3, 4, 5])
  func pickles(_ version: Int) throws {
    let text = try #require(NumPyFixture.pickles[version])
    let whole = Array(try #require(Data(base64Encoded: text)))
    mutations(of: whole, count: 1000, seed: 11) { bytes in
      let sound = survives {
        let arrays = try PickledArrays(folder.write(bytes, "a"))
        let elements = arrays.entries.reduce(0) { $0 + $1.values.count }
        #expect(elements <= bytes.count + 1024)
      }
      #expect(sound, "\(Data(bytes).base64EncodedString())")
    }
  }

  @Test func arrays() throws {
    let header = Array("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }    \n".utf8)
    let whole =
      [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.count), 0] + header
      + [UInt8](repeating: 1, count: 24)
    mutations(of: whole, count: 1500, seed: 13) { bytes in
      #expect(survives { _ = try NumPyFile(folder.write(bytes, "a")).doubles() })
    }
  }

  @Test func texts() {
    let whole = Array(
      #"{"weight_map":{"a\u0062":"x.safetensors","é":[1,-2.5e3,true,null]},"n":{"m":[[],{}]}}"#.utf8
    )
    mutations(of: whole, count: 8000, seed: 17) { bytes in
      do throws(JSONSyntaxError) { _ = try JSONReader.read(bytes) } catch {
        #expect((0...bytes.count).contains(error.offset))
      }
    }
  }
}
