extension Matrix {
  /// All entries in Double, row-major, with `shift` [columns] subtracted from each row.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func shiftedRows(by shift: [Double]) -> [Double] {
    precondition(shift.count == columns, "\(shift.count) shifts for \(columns) columns")
    let (rows, columns) = (rows, columns)
    return [Double](unsafeUninitializedCapacity: rows * columns) { target, count in
      elements.withUnsafeBufferPointer { source in
        shift.withUnsafeBufferPointer { shift in
          for row in 0..<rows {
            for column in 0..<columns {
              let place = row * columns + column
              target[place] = Double(source[place]) - shift[column]
            }
          }
        }
      }
      count = rows * columns
    }
  }
}
