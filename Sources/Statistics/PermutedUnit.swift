/// Lists x and lists y over the same pairs, with their control: the layers of one stratum, or of
/// all, where a draw keeps to its segments.
struct GridUnit: Sendable {
  let xs: [[Double]]
  let ys: [[Double]]
  let control: [Double]
  let segments: [Range<Int>]

  var count: Int { control.count }
}

/// One of a grid's coefficients: list `x` with list `y`.
package struct GridPair: Sendable, Hashable {
  package let x: Int
  package let y: Int

  package init(x: Int, y: Int) {
    self.x = x
    self.y = y
  }
}

/// The coefficients of a unit's pairs under permutations of x within segments, the same permutation
/// for every pair; each draw continues from the last order, which is as uniform as starting afresh.
///
/// Given a control: Freedman & Lane 1983, the residuals of x on the control are permuted and put on
/// top of its fitted values.
struct PermutedUnit {
  /// One x and its pairs: entries of `targets`.
  private struct Column {
    let form: Form
    let targets: Range<Int>
  }

  private enum Form {
    /// Scores of x (centred; residuals on the control) and their sum of squares.
    case linear(squares: Double)
    case ranks(scale: Double)
    /// The scores are what the control leaves of the mid-ranks; `fitted` is the rest.
    case partialRanks
    /// Constant, or an exact function of the control: 0 in every order.
    case nothing
  }

  private let columns: [Column]
  private let targets: [(y: Int, place: Int)]
  /// What is permuted, a row an x, and what stays in place.
  private let moved: RowTable<Double>
  /// The same of τ without a control: ranks.
  private let movedRanks: RowTable<Int16>
  private let fitted: RowTable<Double>
  /// Orthonormal columns of the control.
  private let basis: RowTable<Double>
  private let basisCount: Int
  /// Unit scores of each y; for τ its signs, the control's last.
  private let yScores: RowTable<Double>
  private let ySigns: RowTable<Int16>
  private let yScales: [Double]
  private let yControl: [Double]
  private let shuffler: Shuffler
  private let count: Int
  private var order: [Int]
  private var drawn: RowTable<Double>
  private var ranks: RowTable<Int16>
  private var signs: RowTable<Int16>

  init(
    _ unit: GridUnit, _ pairs: [GridPair], method: CorrelationMethod, control: CorrelationControl
  ) {
    let isKendall = method == .kendallB
    func scored(_ list: [Double]) -> [Double] {
      method == .pearson ? list : midRanks(of: list)
    }
    count = unit.count
    let columnsOfControl = controlBasis(of: scored(unit.control), control)
    basis = RowTable(columnsOfControl, of: unit.count)
    basisCount = columnsOfControl.count
    let lists = unit.xs.map { list in
      Self.column(list, scored(list), columnsOfControl, isKendall, control)
    }
    moved = RowTable(lists.map(\.moved), of: unit.count)
    movedRanks = RowTable(
      isKendall && control == .none
        ? unit.xs.map { denseRanks(of: $0).map { Int16($0) } } : [], of: unit.count)
    fitted = RowTable(lists.map(\.fitted), of: unit.count)
    yScores = RowTable(
      isKendall ? [] : unit.ys.map { Self.scores(scored($0), columnsOfControl).unit },
      of: unit.count)
    let all = isKendall ? (unit.ys + [unit.control]).map { SignVector.signs(of: $0) } : []
    ySigns = RowTable(all.map(\.signs), of: SignVector.width(unit.count))
    yScales = all.map { Self.scale($0.untied) }
    yControl =
      isKendall && control != .none
      ? unit.ys.map { kendallTauB($0, unit.control) ?? 1 } : []
    let indexed = Dictionary(grouping: pairs.indices) { pairs[$0].x }
    var columns: [Column] = []
    var targets: [(y: Int, place: Int)] = []
    for x in unit.xs.indices {
      let start = targets.count
      targets += (indexed[x] ?? []).map { (pairs[$0].y, $0) }
      columns.append(Column(form: lists[x].form, targets: start..<targets.count))
    }
    self.columns = columns
    self.targets = targets
    shuffler = Shuffler(unit.segments)
    order = Array(0..<unit.count)
    drawn = RowTable(rows: 1, of: unit.count)
    ranks = RowTable(rows: 1, of: isKendall ? unit.count + SignVector.padding : 0)
    signs = RowTable(rows: 1, of: isKendall ? SignVector.width(unit.count) : 0)
  }

  /// Adds `weight` times the coefficient of the next order to the total of each pair.
  mutating func add(
    weight: Double, to totals: inout [Double], using generator: inout SeededGenerator
  ) {
    order.withUnsafeMutableBufferPointer { shuffler.shuffle($0, using: &generator) }
    totals.withUnsafeMutableBufferPointer { totals in
      for x in columns.indices where !columns[x].targets.isEmpty {
        switch columns[x].form {
        case .nothing: continue
        case .linear(let squares):
          drawn.put(x, of: moved, in: order)
          addProducts(squares, weight, columns[x].targets, totals)
        case .ranks(let scale):
          ranks.put(x, of: movedRanks, in: order)
          compare()
          addBalances(weight * scale, columns[x].targets, totals)
        case .partialRanks:
          drawn.put(x, of: moved, in: order)
          // On a grid of 2⁻³²: sums that are equal in exact arithmetic stay ties.
          drawn.withRow(0) { drawn in
            fitted.withRows { fitted in
              let row = fitted.bytes.baseAddress.map { $0 + fitted.place(x) }
              for i in drawn.indices {
                let base = row?.loadUnaligned(fromByteOffset: 8 * i, as: Double.self) ?? 0
                drawn[i] = ((base + drawn[i]) * 0x1p32).rounded()
              }
            }
          }
          // Before the call: its `self` is read first.
          let untied = rank()
          compare()
          addPartials(weight, columns[x].targets, untied, totals)
        }
      }
    }
  }

  /// Ranks what is drawn; the pairs that differ.
  private mutating func rank() -> Int {
    ranks.withRow(0) { ranks in
      drawn.withRows { SignVector.rank($0.bytes, count: count, into: ranks) }
    }
  }

  /// Takes the signs of the ranks of what is drawn.
  private mutating func compare() {
    signs.withRow(0) { signs in
      ranks.withRow(0) { SignVector.fill(signs, UnsafeBufferPointer($0)) }
    }
  }

  private mutating func addProducts(
    _ squares: Double, _ weight: Double, _ range: Range<Int>,
    _ totals: UnsafeMutableBufferPointer<Double>
  ) {
    drawn.withRows { drawn in
      let left = basis.withRows { basis in
        var left = squares
        for column in 0..<basisCount {
          let length = basis.dot(column, drawn, 0)
          left -= length * length
        }
        return left
      }
      guard left > explainedShare * squares else { return }
      let scale = weight / left.squareRoot()
      yScores.withRows { ys in
        targets.withUnsafeBufferPointer { targets in
          for index in range {
            let target = targets[index]
            totals[target.place] += scale * ys.dot(target.y, drawn, 0)
          }
        }
      }
    }
  }

  private mutating func addBalances(
    _ weight: Double, _ range: Range<Int>, _ totals: UnsafeMutableBufferPointer<Double>
  ) {
    signs.withRows { signs in
      ySigns.withRows { ys in
        targets.withUnsafeBufferPointer { targets in
          yScales.withUnsafeBufferPointer { scales in
            for index in range {
              let target = targets[index]
              totals[target.place] +=
                weight * scales[target.y] * Double(ys.dot(target.y, signs, 0))
            }
          }
        }
      }
    }
  }

  private mutating func addPartials(
    _ weight: Double, _ range: Range<Int>, _ untied: Int,
    _ totals: UnsafeMutableBufferPointer<Double>
  ) {
    let own = Self.scale(untied)
    let last = yScales.count - 1
    signs.withRows { signs in
      ySigns.withRows { ys in
        let xz = clamped(Double(ys.dot(last, signs, 0)) * own * yScales[last])
        for index in range {
          let (y, place) = targets[index]
          let xy = clamped(Double(ys.dot(y, signs, 0)) * own * yScales[y])
          totals[place] += weight * (firstOrderPartial(xy: xy, xz: xz, yz: yControl[y]).value ?? 0)
        }
      }
    }
  }

  private static func column(
    _ list: [Double], _ scored: [Double], _ basis: [[Double]], _ isKendall: Bool,
    _ control: CorrelationControl
  ) -> (form: Form, moved: [Double], fitted: [Double]) {
    let nothing = [Double](repeating: 0, count: list.count)
    guard centered(scored) != nil else { return (.nothing, nothing, nothing) }
    if isKendall, control == .none {
      return (.ranks(scale: scale(SignVector.signs(of: list).untied)), scored, nothing)
    }
    let (rest, norm, _) = scores(scored, basis)
    guard norm > 0 else { return (.nothing, nothing, nothing) }
    return isKendall
      ? (.partialRanks, rest, zip(scored, rest).map { $0 - $1 })
      : (.linear(squares: norm * norm), rest, nothing)
  }

  /// A list less its mean and what the control explains, its norm (0 where nothing is left) and
  /// the same at a norm of 1.
  private static func scores(_ list: [Double], _ basis: [[Double]])
    -> (rest: [Double], norm: Double, unit: [Double])
  {
    let nothing = [Double](repeating: 0, count: list.count)
    guard let (a, whole) = centered(list) else { return (nothing, 0, nothing) }
    let rest = residual(of: a, on: basis)
    let norm = dot(rest, rest).squareRoot()
    guard norm * norm > explainedShare * whole * whole else { return (nothing, 0, nothing) }
    return (rest, norm, rest.map { $0 / norm })
  }

  private static func scale(_ untied: Int) -> Double {
    untied > 0 ? 1 / Double(untied).squareRoot() : 0
  }
}
