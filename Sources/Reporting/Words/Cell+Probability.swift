import Publishing

extension Cell {
  /// A p or q as APA writes it, sorted by its value.
  static func shownProbability(_ value: Double?) -> Cell {
    guard let value else { return .none }
    return .shown(Words.probability(value), sort: value)
  }
}
