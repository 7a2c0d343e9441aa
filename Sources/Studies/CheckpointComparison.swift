import Capture
import Checkpoints
import Dynamics
import Files
import LinearAlgebra
import Reporting

/// Similarity and spectra of two checkpoints or captures, as a table: `tend compare A B`.
package struct CheckpointComparison: Sendable {
  /// Which layers are compared with each other.
  package enum Layers: String, Sendable, CaseIterable { case same, all }

  /// What the activations of checkpoints are compared on.
  package enum ProbeChoice: Sendable, Equatable {
    /// Token ids [n, L] in an .npy file.
    case file(String)
    /// Tokens drawn evenly from the vocabulary, always the same ones.
    case random
    case none
  }

  /// A row of the table, and the layer of B where every layer is compared with every one.
  struct Row: Sendable {
    let measurement: Measurement
    var otherLayer: Int?
  }

  /// Spectra of A and B under the names `a` and `b`; similarities stand under `a`.
  let rows: [Row]
  let layers: Layers
  private let otherStep: Int
  /// What a user should know of how it came about.
  package let notes: [String]

  /// Compares what lies at two paths: checkpoints, steps of captures, or files of activations.
  package init(
    _ a: String, _ b: String, probe: ProbeChoice = .random, layers: Layers = .same, threads: Int
  ) throws {
    BLASThreads.set(1)
    self.layers = layers
    do {
      var builder = ComparisonBuilder(
        layers: layers, probe: probe, lanes: Lanes(width: threads))
      let (first, second) = (try ComparedSide(a), try ComparedSide(b))
      otherStep = second.step
      try builder.compare(first, second)
      // The table's own order, which also finds a key that occurs twice.
      let keyed = Dictionary(grouping: builder.rows, by: \.otherLayer)
      rows = try keyed.sorted { ($0.key ?? -1) < ($1.key ?? -1) }.flatMap { other, rows in
        try MeasurementTable(rows.map(\.measurement)).rows.map {
          Row(measurement: $0, otherLayer: other)
        }
      }
      notes = builder.notes
    } catch let error as StudyError {
      throw error
    } catch {
      throw StudyError.invalid(file: "tend compare", [StudyFinding("\(error)")])
    }
  }

  package var csv: String {
    layers == .all
      ? TableWriter.csv(rows.map(PairRow.init)) : TableWriter.csv(rows.map(\.measurement))
  }

  package var json: String {
    layers == .all
      ? TableWriter.json(rows.map(PairRow.init)) : TableWriter.json(rows.map(\.measurement))
  }

  /// Formats in which the heatmap is written, by the end of a file's name.
  private static let formats = ["svg", "pdf", "png"]

  /// Whether the name of a file says a format of figures.
  package static func canWriteHeatmap(to path: String) -> Bool {
    path.split(separator: ".").last.map { formats.contains(String($0)) } ?? false
  }

  /// Draws the similarity of every layer of A with every layer of B, a panel a component, into `path`, in
  /// the format that its name ends in.
  package func writeHeatmap(to path: String) throws {
    let pairs = rows.compactMap { row -> LayerSimilarityRow? in
      let own = row.measurement
      guard let layer = own.layer, let other = row.otherLayer, own.metric == "cka_debiased" else {
        return nil
      }
      return LayerSimilarityRow(
        run: own.run, step: own.step, otherStep: otherStep, component: own.component,
        metric: own.metric, rows: own.rows, probe: own.probe, layer: layer, otherLayer: other,
        value: own.value, n: own.n)
    }
    do {
      let files = try Report.layerSimilarity(pairs, of: "A and B")
      let suffix = path.split(separator: ".").last.map(String.init) ?? ""
      guard let file = files.first(where: { $0.name == "layer-similarity.\(suffix)" }) else {
        throw StudyError.output("\(path): there are no activations of several layers to draw")
      }
      try DurableWrite.write(file.bytes, to: path)
    } catch let error as StudyError {
      throw error
    } catch {
      throw StudyError.output("\(path): \(error)")
    }
  }

  /// The columns of measurements.csv with the layer of B behind them.
  private struct PairRow: TableRow {
    static let columns = Measurement.columns + ["other_layer"]
    let row: Row

    init(_ row: Row) { self.row = row }

    var cells: [TableCell] { row.measurement.cells + [.integer(row.otherLayer)] }
  }
}

/// What stands on one side of a comparison.
enum ComparedSide {
  case checkpoint(ModelCheckpoint)
  case exported(ExportedStep)
  case file(String)

  init(_ path: String) throws {
    switch Folder.kind(of: path) {
    case .file: self = .file(path)
    case .missing: throw FileError.system(action: "find", path: path, code: 2)
    case .unreachable(let code): throw FileError.system(action: "find", path: path, code: code)
    case .other: throw FileError.notRegular(path: path, kind: "a device or pipe")
    case .folder:
      let step = StepName.step(of: path.split(separator: "/").last.map(String.init) ?? "") ?? 0
      if let exported = try ExportedStep.open(path, step: step) {
        self = .exported(exported)
      } else {
        self = .checkpoint(try ModelCheckpoint(step: step, folder: path))
      }
    }
  }

  var step: Int {
    switch self {
    case .checkpoint(let checkpoint): checkpoint.step
    case .exported(let exported): exported.step
    case .file: 0
    }
  }
}

extension MeasuredRow {
  func measurement(run: String, step: Int, probe: String) -> Measurement {
    Measurement(
      run: run, step: step, layer: layer, head: head, component: component, object: object,
      metric: metric, variant: variant, rows: rows, probe: probe, value: value ?? .nan,
      lower: lower, upper: upper, n: n)
  }
}
