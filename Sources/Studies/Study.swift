package import Capture
package import Checkpoints
package import Training

/// A study as `study.yaml` describes it, every default filled in.
///
/// The keys and their defaults are a contract (DESIGN, "Contracts").
package struct Study: Sendable, Equatable {
  package struct Run: Sendable, Equatable {
    package var name: String
    /// What figures write instead of the name.
    package var label: String?
    /// Folder of `stepN/`, absolute; `nil` where the rows come from a table.
    package var checkpoints: String?
    /// How the names of its steps are read; `nil`: as training programs write them.
    package var stepPattern: StepPattern?
    /// The steps to use; `nil`: all that lie there.
    package var steps: [Int]?
    /// The step that others are compared with; `nil`: the last.
    package var final: Int?
    package var reference: Reference?
    package var parameters: Int?
    package var group: String?
    /// The intervention; empty: the baseline.
    package var arm: String?
    /// How it is trained where its checkpoints are missing; `nil` where they have to be there.
    package var training: TrainingRecipe?
  }

  /// Another run's checkpoint to compare with.
  package struct Reference: Sendable, Equatable {
    package var run: String
    package var step: Int
  }

  package struct Probe: Sendable, Equatable {
    package var name: String
    /// Where its tokens come from; paths are absolute.
    package var source: ProbeSource
  }

  package struct Place: Sendable, Equatable {
    /// From 1.
    package let line: Int
    package let column: Int
  }

  package struct Analysis: Sendable, Equatable {
    /// First step of the window `late`; `nil`: the last step with u <= 0.01.
    package var lateFrom: Int?
    /// Whether steps that the audit flags stay in the statistics.
    package var keepsFlagged = false
    package var evaluations: String?
  }

  /// How figures look.
  package struct Figures: Sendable, Equatable {
    package enum Axis: String, Sendable, CaseIterable { case steps, tokens }

    /// What the axis of training counts.
    package var axis = Axis.steps
    /// Tokens of one step; `nil`: as the training logs say.
    package var tokensPerStep: Int?
  }

  package var name: String
  package var title: String?
  package var description: String?
  package var authors: [String] = []
  package var siteURL: String?
  package var runs: [Run] = []
  package var probes: [Probe] = []
  package var measure = MeasureSettings()
  package var analysis = Analysis()
  package var figures = Figures()
  /// A table measured elsewhere, absolute; then there is nothing to capture.
  package var measurements: String?
  package var seed: UInt64 = 0
  /// What jobs on a cluster ask for; no result depends on it.
  package var slurm = SlurmSettings()
  /// Where each key and element stands, by its path such as `runs[0].steps[2]`.
  package var places: [String: Place] = [:]
  /// The file itself, absolute.
  package var file: String
  /// The file's folder, absolute: outputs go beside it.
  package var folder: String

  /// Whether the file says what is measured: then activations without a probe are a mistake.
  package var namesObjects: Bool { places["measure.objects"] != nil }

  package var displayTitle: String { title ?? name }

  /// `path` as seen from the study's folder, where it lies below.
  func relative(_ path: String) -> String {
    path.hasPrefix(folder + "/") ? String(path.dropFirst(folder.count + 1)) : path
  }

  /// A finding at the key or element `path`, or at the nearest one above it.
  package func finding(at path: String, _ message: String) -> StudyFinding {
    var known = path
    while places[known] == nil, let cut = known.lastIndex(where: { $0 == "." || $0 == "[" }) {
      known = String(known[..<cut])
    }
    let place = places[known]
    return StudyFinding(line: place?.line, column: place?.column, "\(path): \(message)")
  }
}

/// What a study measures.
package struct MeasureSettings: Sendable, Equatable {
  package enum Object: String, Sendable, CaseIterable { case activations, weights, gradients }
  package enum Component: String, Sendable, CaseIterable { case mlp, ov, attention, residual }

  /// Which rows of the activations are compared.
  package enum Rows: Sendable, Hashable {
    case last
    case all
    /// So many positions, drawn once with the study's seed.
    case sample(Int)
  }

  /// What the gradients are taken of.
  package enum GradientBatches: Sendable, Hashable {
    /// Each probe.
    case probe
    /// A .npy file of token ids, [b, n, L]; absolute.
    case file(String)
    /// Training batches of a Megatron data set: those of the steps t − window … t + window around each
    /// checkpoint's step t.
    case indexed(IndexedSource, window: Int)
  }

  package var objects: [Object] = Object.allCases
  package var components: [Component] = Component.allCases
  package var rows: [Rows] = [.last]
  package var similarity: [String] = ["cka_debiased", "cka"]
  package var spectra: [String] = ["per", "effective_rank", "stable_rank"]
  /// OV by head as well as by layer.
  package var heads = true
  /// The `published` variants beside the default ones.
  package var published = true
  /// pico-analyze's variants, for comparison.
  package var pico = false
  package var gradients = GradientBatches.probe

  package init() {}
}
