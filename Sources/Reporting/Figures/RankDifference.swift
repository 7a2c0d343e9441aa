/// The largest change that one of the published choices makes to the median over layers of a matrix's PER.
struct RankDifference {
  /// `MLP weights`, `OV gradients by head`.
  let matrix: String
  /// `layout`, `cut`, `layout and cut`.
  let choice: String
  /// How many runs have both.
  let runs: Int
  let run: String
  let step: Int
  let defined: Double
  let published: Double

  private static let choices = [
    ("published_layout", "layout"), ("published_truncation", "first d_h values"),
    ("published", "both"),
  ]

  /// Every matrix and choice that some run has both versions of.
  static func all(of study: StudyView) -> [RankDifference] {
    ["mlp", "ov"].flatMap { component in
      ["weights", "gradients"].flatMap { object in
        choices.compactMap { variant, name in
          RankDifference(study, component, object, variant: variant, name: name)
        }
      }
    }
  }

  private init?(
    _ study: StudyView, _ component: String, _ object: String, variant: String, name: String
  ) {
    var best: (run: String, step: Int, defined: Double, published: Double)?
    var runs = 0
    var isByHead = false
    for run in study.runs {
      let quantities = ["default", variant].map {
        Quantity(
          component: component, object: object, metric: "per", variant: $0,
          probe: object == "gradients" ? study.headline.probe : "")
      }
      let byHead = quantities.map { !study.heads(run, $0).isEmpty }
      guard byHead[0] == byHead[1],
        let ours = study.matrix(run, component, object: object),
        let theirs = study.matrix(run, component, object: object, variant: variant)
      else { continue }
      let medians = [ours, theirs].map { MedianCurves.medians($0, includingFinal: true) }
      isByHead = byHead[0]
      var isIn = false
      for step in medians[0].keys.sorted() {
        guard let a = medians[0][step], let b = medians[1][step] else { continue }
        isIn = true
        if abs(b - a) > best.map({ abs($0.published - $0.defined) }) ?? -1 {
          best = (run.name, step, a, b)
        }
      }
      if isIn { runs += 1 }
    }
    guard let best else { return nil }
    matrix =
      "\(Vocabulary.short(component)) \(object)"
      + (component == "ov" ? (isByHead ? " by head" : ", full product") : "")
    choice = name
    self.runs = runs
    run = best.run
    step = best.step
    defined = best.defined
    published = best.published
  }
}
