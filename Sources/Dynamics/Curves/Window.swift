/// The checkpoints over which a measure is taken (METHODS, section 5).
package enum Window: String, Sendable, Codable, Hashable, CaseIterable {
  /// All of the run's own.
  case all
  /// The run's own from t_w on.
  case late
  /// Those that all runs share.
  case common
  /// Those that all runs share, from t_w on.
  case commonLate = "common_late"
}

/// Which checkpoints of each run a window holds.
package struct WindowPlan: Sendable {
  /// t_w is the last checkpoint up to this fraction of training, unless the study names a step.
  static let lateFraction = 0.01

  private let steps: [String: [Window: [Int]]]
  /// Whether all runs have the same grid, so that `common` is `all` and not written twice.
  package let commonIsAll: Bool
  package let descriptions: [WindowDescription]
  package let leftOut: [LeftOut]

  /// `grids`: ascending steps of each run; `finals`: T of each.
  package init(grids: [String: [Int]], finals: [String: Int], lateFrom: Int?) {
    let common = CommonGrid(grids: grids, finals: finals)
    commonIsAll = common.coversAll
    var steps: [String: [Window: [Int]]] = [:]
    var descriptions: [WindowDescription] = []
    var leftOut: [LeftOut] = []
    for run in grids.keys.sorted(by: precedes) {
      let own = grids[run] ?? []
      let final = finals[run] ?? 0
      var windows: [Window: [Int]] = [.all: own]
      windows[.late] = Array(own[Self.lateStart([own.map { ($0, final) }], lateFrom)...])
      if !common.coversAll {
        let shared = common.steps(of: run)
        windows[.common] = shared
        windows[.commonLate] = Array(shared[Self.lateStart(common.columns, lateFrom)...])
        if shared.count < own.count {
          let kept = Set(shared)
          leftOut.append(
            LeftOut(
              what: "checkpoints", run: run,
              reason: "not shared by all runs, so not in the shared windows",
              count: own.count - shared.count,
              detail: (own.count - shared.count == 1 ? "step " : "steps ")
                + own.filter { !kept.contains($0) }.map(String.init).joined(separator: ", ")))
        }
      }
      steps[run] = windows
      for window in Window.allCases {
        if let list = windows[window] {
          descriptions.append(WindowDescription(run: run, window: window, steps: list))
        }
      }
    }
    self.steps = steps
    self.descriptions = descriptions
    self.leftOut = leftOut
  }

  /// The windows whose rows are written, in the order of the tables.
  package var written: [Window] {
    commonIsAll ? [.all, .late] : [.all, .common, .commonLate, .late]
  }

  /// The window in whose rows `window` is to be looked up.
  package func stored(_ window: Window) -> Window {
    switch window {
    case .common where commonIsAll: .all
    case .commonLate where commonIsAll: .late
    default: window
    }
  }

  func steps(of run: String, _ window: Window) -> [Int] { steps[run]?[stored(window)] ?? [] }

  /// The index of t_w: of the last checkpoint with u ≤ 0.01 in every column, or of the first from
  /// `lateFrom` on; 0 where the checkpoints begin later.
  private static func lateStart(_ columns: [[(step: Int, final: Int)]], _ lateFrom: Int?) -> Int {
    let count = columns.first?.count ?? 0
    if let lateFrom {
      return (0..<count).first { index in columns.allSatisfy { $0[index].step >= lateFrom } }
        ?? count
    }
    let early = (0..<count).prefix { index in
      columns.allSatisfy { column in
        Double(column[index].step) <= lateFraction * Double(column[index].final)
      }
    }
    return max(0, early.count - 1)
  }
}

/// A window of one run, as a page names it.
package struct WindowDescription: Sendable, Equatable {
  package let run: String
  package let window: Window
  package let steps: [Int]

  /// `late: 12 checkpoints of run base from step 16 on.`
  package var sentence: String {
    let from = steps.first.map { " from step \(Wording.count($0)) on" } ?? ""
    return "\(window.rawValue): \(Wording.count(steps.count)) checkpoints of run \(run)\(from)."
  }
}
