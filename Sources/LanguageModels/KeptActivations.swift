/// What a forward pass keeps for the backward pass that follows, within a budget of bytes.
///
/// Block inputs come first: all of them if they fit, else every k-th, from which those between are
/// computed again (Chen et al. 2016). What is left keeps the inner activations of the last layers.
/// What was kept changes the time of a pass and none of its bits.
struct KeptActivations {
  private let plan: Plan
  private let configuration: ModelConfiguration?
  private var inputs: [Int: FloatBuffer] = [:]
  /// By layer and then by group of sequences.
  private var inner: [Int: [InnerActivations]] = [:]

  /// Keeps nothing.
  static var none: KeptActivations {
    KeptActivations(plan: Plan(stride: .max, firstInner: .max), nil)
  }

  init(_ configuration: ModelConfiguration, tokens: Int, budget: Int) {
    self.init(
      plan: Plan(
        layers: configuration.layers, input: tokens * configuration.hiddenSize * 4,
        inner: tokens * InnerActivations.width(configuration) * 4, budget: budget), configuration)
  }

  private init(plan: Plan, _ configuration: ModelConfiguration?) {
    self.plan = plan
    self.configuration = configuration
  }

  /// The layers in runs whose first input is kept, last run first.
  var segments: [Range<Int>] {
    guard let layers = configuration?.layers else { return [] }
    return stride(from: 0, to: layers, by: plan.stride).map {
      $0..<min($0 + plan.stride, layers)
    }.reversed()
  }

  /// Copies a layer's input, where the plan keeps it.
  mutating func keepInput(_ stream: FloatBuffer, layer: Int) {
    guard configuration != nil, layer % plan.stride == 0 else { return }
    inputs[layer] = FloatBuffer(copying: stream)
  }

  /// Gives a workspace fresh inner activations for the next group of a layer that keeps them.
  mutating func prepareInner(of workspace: inout BlockWorkspace, layer: Int, rows: Int) {
    guard let configuration, layer >= plan.firstInner else { return }
    let fresh = InnerActivations(rows: rows, configuration)
    inner[layer, default: []].append(fresh)
    workspace.inner = fresh
  }

  /// Hands over the input of a segment's first layer.
  mutating func takeInput(layer: Int) -> FloatBuffer {
    guard let input = inputs.removeValue(forKey: layer) else {
      preconditionFailure("the input of layer \(layer) was not kept")
    }
    return input
  }

  /// Hands over a layer's inner activations, one for each group, if they were kept.
  mutating func takeInner(layer: Int) -> [InnerActivations]? { inner.removeValue(forKey: layer) }
}

extension KeptActivations {
  struct Plan: Equatable {
    /// Every `stride`-th block input is kept, from layer 0 on.
    var stride: Int
    /// The first layer whose inner activations are kept.
    var firstInner: Int
  }
}

extension KeptActivations.Plan {
  /// - input, inner: bytes of one layer's input and inner activations.
  init(layers: Int, input: Int, inner: Int, budget: Int) {
    if layers * input <= budget {
      stride = 1
      firstInner = layers - min(layers, (budget - layers * input) / max(inner, 1))
      return
    }
    firstInner = layers
    // A run of k layers holds its own k inputs beside those at the starts of all runs.
    let strides = 1...max(layers, 1)
    func held(_ stride: Int) -> Int { ((layers + stride - 1) / stride + stride - 1) * input }
    stride =
      strides.first { held($0) <= budget } ?? strides.min { held($0) < held($1) } ?? 1
  }
}
