import Tensors

/// Times reading a safetensors file and converting it to float32, beside copying as many float32
/// values from one array into a new one.
struct Reading {
  let file: TensorFile

  /// One Markdown row a round-trip over all tensors, `rounds` times: rates in bytes of float32 a second.
  func run(rounds: Int) throws -> String {
    var (reads, copies): ([Double], [Double]) = ([], [])
    for round in 0...rounds {
      let (read, copy) = try self.round()
      // The first brings the file into the page cache.
      if round > 0 {
        reads.append(read)
        copies.append(copy)
      }
    }
    let ratios = zip(reads, copies).map { $0 / $1 }.sorted()
    let types = Set(file.tensors.map(\.type.rawValue)).sorted().joined(separator: " ")
    func rate(_ seconds: [Double]) -> Double {
      Double(4 * count) / seconds.sorted()[seconds.count / 2] / 1e9
    }
    return "| \(types) | \(rounded(rate(reads))) | \(rounded(rate(copies))) "
      + "| \(rounded(ratios[ratios.count / 2])) (\(rounded(ratios[0])) to "
      + "\(rounded(ratios[ratios.count - 1]))) |"
  }

  private var count: Int { file.tensors.reduce(0) { $0 + $1.count } }

  /// Seconds of reading with conversion, and of copying, tensor by tensor in turns.
  private func round() throws -> (read: Double, copy: Double) {
    let clock = ContinuousClock()
    var (read, copy) = (Duration.zero, Duration.zero)
    for tensor in file.tensors {
      var values: [Float] = []
      read += try clock.measure { values = try file.floats(tensor.name) }
      var copied: [Float] = []
      copy += clock.measure {
        copied = [Float](unsafeUninitializedCapacity: values.count) { buffer, filled in
          values.withUnsafeBufferPointer { source in
            guard let target = buffer.baseAddress, let start = source.baseAddress else { return }
            target.initialize(from: start, count: values.count)
          }
          filled = values.count
        }
      }
      precondition(copied.last?.bitPattern == values.last?.bitPattern, "the copy differs")
    }
    return (read / .seconds(1), copy / .seconds(1))
  }

  private func rounded(_ value: Double) -> Double { (100 * value).rounded() / 100 }
}
