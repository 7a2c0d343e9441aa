package import LinearAlgebra
package import Statistics

// The control `per_shuffled`: the same numbers without their arrangement. METHODS section 4.

extension Matrix {
  /// The same entries in a random order (Fisher–Yates).
  package func shuffledEntries(using generator: inout SeededGenerator) -> Matrix {
    var entries = elements
    generator.permute(&entries)
    return Matrix(rows: rows, columns: columns, elements: entries)
  }
}

extension AttentionWeights {
  /// The same layer with the entries of each head's W_O block and of its W_V block in random order:
  /// products keep their rank, and lose what the arrangement gave them.
  package func shuffledEntries(using generator: inout SeededGenerator) -> AttentionWeights {
    var outputs = Matrix<Float>(rows: 0, columns: output.rows)
    var values = Matrix<Float>(rows: 0, columns: value.columns)
    for head in 0..<heads {
      outputs = outputs.stacked(on: outputOfHead(head).shuffledEntries(using: &generator))
      values = values.stacked(on: valueOfHead(head).shuffledEntries(using: &generator))
    }
    return AttentionWeights(output: outputs.transposed, value: values, heads: heads)
  }
}
