import Dynamics
import Foundation
import Testing

/// Golden values of one run, from an independent float64 implementation, beside the rows that must
/// agree with them.
struct Golden {
  private let checkpoints: [String: [String: Any]]
  let headSize: Int
  let steps: [Int]

  init(_ file: URL) throws {
    let json = try #require(
      JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
    checkpoints = try #require(json["checkpoints"] as? [String: [String: Any]])
    headSize = try #require(json["head_dim"] as? Int)
    steps = checkpoints.keys.compactMap(Int.init).sorted()
  }

  func loss(_ step: Int) -> Double? { checkpoints[String(step)]?["loss"] as? Double }

  /// Each golden number of a step with the key of its row: CKA, and PER of weights and gradients.
  func values(_ step: Int, rows: String = "last") -> [(key: Row, value: Double)] {
    let layers = checkpoints[String(step)]?["layers"] as? [[String: Any]] ?? []
    return layers.enumerated().flatMap { layer, entry in
      let cka = entry["cka_\(rows)"] as? [String: Any] ?? [:]
      let per = entry["per"] as? [String: [String: Any]] ?? [:]
      return cka.flatMap { name, values in similarity(layer, name, values) }
        + per.flatMap { object, values in
          values.flatMap { name, value in rank(layer, object, name, value) }
        }
    }
  }

  struct Row: Hashable {
    var layer: Int
    var head: Int?
    var component: String
    var object: String
    var metric: String
    var variant: String
  }

  private func similarity(_ layer: Int, _ name: String, _ values: Any) -> [(Row, Double)] {
    // The bias of the projection changes no centred column.
    guard name != "ov_bias", let values = values as? [String: Any] else { return [] }
    let isLegacy = name.hasPrefix("legacy_")
    let plain = name.replacing("legacy_", with: "").replacing("_heads", with: "")
    return [("biased", "cka"), ("debiased", "cka_debiased")].flatMap { key, metric in
      expand(values[key]).map { head, value in
        (
          Row(
            layer: layer, head: head, component: plain, object: "activations", metric: metric,
            variant: isLegacy ? "published_layout" : "default"), value
        )
      }
    }
  }

  private func rank(
    _ layer: Int, _ object: String, _ name: String, _ values: Any
  ) -> [(Row, Double)] {
    let isLegacy = name.hasPrefix("legacy_")
    let isCut = name.hasSuffix("_published")
    let variant =
      switch (isLegacy, isCut) {
      case (true, true): "published"
      case (true, false): "published_layout"
      case (false, true): "published_truncation"
      case (false, false): "default"
      }
    let plain = name.replacing("legacy_", with: "").replacing("_published", with: "")
      .replacing("_heads", with: "")
    return expand(values).map { head, value in
      (
        Row(
          layer: layer, head: head, component: plain, object: object, metric: "per",
          variant: variant), value
      )
    }
  }

  /// A number of the layer, or one of each head.
  private func expand(_ values: Any?) -> [(Int?, Double)] {
    if let value = values as? Double { return [(nil, value)] }
    return (values as? [Double] ?? []).enumerated().map { ($0, $1) }
  }
}

extension Dynamics.Measurement {
  var goldenRow: Golden.Row? {
    layer.map {
      Golden.Row(
        layer: $0, head: head, component: component, object: object, metric: metric,
        variant: variant)
    }
  }
}
