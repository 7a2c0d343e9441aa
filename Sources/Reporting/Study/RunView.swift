/// A run as the report shows it.
struct RunView: Sendable, Equatable {
  let name: String
  /// What figures and their words call it.
  let label: String
  /// Its folder under `site/runs/`.
  let folder: String
  /// What its figures' names begin with.
  let slug: String
  let parameters: Int?
  let layers: Int
  /// The steps with at least one value, rising.
  let steps: [Int]
  /// The step of the reference.
  let finalStep: Int
  let group: String
  let arm: String

  /// `6 layers`, with the size where it is known: what stands behind the name above a panel.
  var detail: String { Words.counted(layers, "layer") }

  /// `70M, 6 layers`.
  var description: String {
    (parameters.map { Words.parameters($0) + ", " } ?? "") + detail
  }
}
