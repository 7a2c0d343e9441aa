import LanguageModels

/// A training batch of a Megatron data set as a probe.
struct IndexedProbe {
  let batch: TokenBatch
  let notes: [String]

  init(_ source: IndexedSource) throws(CaptureError) {
    let data = try IndexedDataset(path: source.path)
    func wrong(_ expected: String, _ found: String) -> CaptureError {
      .tokens(path: source.path, expected: expected, found: found)
    }
    let (first, overflow) = source.step.multipliedReportingOverflow(by: source.batch)
    guard !overflow, source.step >= 0, first < data.sequences else {
      throw wrong(
        "a step from 0 to \((data.sequences - 1) / source.batch), at \(source.batch) sequences a "
          + "batch", "step \(source.step)")
    }
    let whole = first..<min(first + source.batch, data.sequences)
    let count = source.sequences ?? whole.count
    guard count <= whole.count else {
      throw wrong("at most \(whole.count) sequences in the batch", "\(count)")
    }
    let range = first..<first + count
    let ids = try data.ids(of: range, limit: source.length)
    let shortest = ids.map(\.count).min() ?? 0
    let length: Int
    if let wanted = source.length {
      length = wanted
    } else {
      // L inputs and their targets are L + 1 ids: a power of two and one.
      let isInputsAndTargets = shortest > 2 && (shortest - 1) & (shortest - 2) == 0
      length = isInputsAndTargets ? shortest - 1 : shortest
    }
    let isEven = source.length != nil || ids.allSatisfy { $0.count == shortest }
    guard isEven, shortest >= length, length >= 2 else {
      let row = ids.firstIndex { $0.count == shortest } ?? 0
      throw wrong(
        "sequences of one length, or `length:` of at most the shortest, 2 or more",
        "\(shortest) ids in sequence \(first + row), \(ids.map(\.count).max() ?? 0) in the longest")
    }
    batch = TokenBatch(
      sequences: count, length: length, tokens: ids.flatMap { $0.prefix(length) })
    notes = [
      "\(source.path): the batch of step \(source.step), sequences \(range.lowerBound) to "
        + "\(range.upperBound - 1) of \(data.sequences) in the order of the file "
        + "(\(source.batch) a step, step 0 first), the first \(length) ids of each; the file has to "
        + "be in training order, as Pythia's pre-shuffled data sets are"
    ]
  }
}
