import Capture
import Checkpoints
import Files
import Foundation
import Yams

/// Reads `study.yaml` strictly: every mistake that the file alone shows is found in one go.
package struct StudyDecoder {
  private let file: String
  private let folder: String
  private let notes = YAMLCursor.Notes()

  /// Largest study.yaml that is read.
  static let largestFile = 1 << 20

  /// The study in `file`, or every mistake in it as `StudyError.invalid`.
  package static func decode(file: String) throws -> Study {
    let (path, text) = try text(of: file)
    let (study, findings) = try read(text, file: path, shownAs: file)
    if let study, findings.isEmpty { return study }
    // What lies on disk is looked at all the same, so that every mistake is told at once.
    let told = Set(findings.map { [$0.line ?? 0, $0.column ?? 0] })
    let onDisk = (study.map { StudyInspector.findings(inPartOf: $0) } ?? []).filter {
      $0.line == nil || !told.contains([$0.line ?? 0, $0.column ?? 0])
    }
    throw StudyError.invalid(file: file, inOrder(findings + onDisk))
  }

  /// The text of a YAML file and its absolute path; what is in the way as `StudyError.invalid`.
  static func text(of file: String) throws -> (path: String, text: String) {
    let url = URL(fileURLWithPath: file).standardizedFileURL
    do {
      let reader = try FileReader(url.path)
      guard reader.size <= largestFile else {
        throw StudyError.invalid(
          file: file, [StudyFinding("\(reader.size) bytes; a study has at most \(largestFile)")])
      }
      guard let decoded = String(bytes: try reader.read(at: 0, count: reader.size), encoding: .utf8)
      else {
        throw StudyError.invalid(file: file, [StudyFinding("is not UTF-8")])
      }
      return (url.path, decoded)
    } catch let error as FileError {
      // The error names the file itself.
      let message = "\(error)"
      throw StudyError.invalid(
        file: file,
        [
          StudyFinding(
            message.hasPrefix(url.path + ": ")
              ? String(message.dropFirst(url.path.count + 2)) : message)
        ])
    }
  }

  /// The study in `text`; `file` is where it would stand, and paths are relative to its folder.
  package static func decode(_ text: String, file: String, shownAs: String? = nil) throws -> Study {
    let shown = shownAs ?? file
    let (study, findings) = try read(text, file: file, shownAs: shown)
    guard let study, findings.isEmpty else {
      throw StudyError.invalid(file: shown, inOrder(findings))
    }
    return study
  }

  static func inOrder(_ findings: [StudyFinding]) -> [StudyFinding] {
    findings.sorted { ($0.line ?? 0, $0.column ?? 0) < ($1.line ?? 0, $1.column ?? 0) }
  }

  /// As much of the study as can be read, and every mistake; throws where the text is no YAML.
  private static func read(
    _ text: String, file: String, shownAs shown: String
  ) throws -> (study: Study?, findings: [StudyFinding]) {
    let decoder = StudyDecoder(
      file: file, folder: URL(fileURLWithPath: file).deletingLastPathComponent().path)
    let root = try root(
      of: text, shownAs: shown, notes: decoder.notes,
      ifEmpty: "is empty; `tend init` writes a commented study.yaml")
    guard let cursor = root, var study = decoder.study(cursor) else {
      return (nil, decoder.notes.findings)
    }
    study.places = cursor.places()
    return (study, decoder.notes.findings + study.labelFindings(among: study.runs.map(\.name)))
  }

  /// The root of a YAML text; `nil` after a note where it has anchors.
  static func root(
    of text: String, shownAs shown: String, notes: YAMLCursor.Notes, ifEmpty hint: String
  ) throws -> YAMLCursor? {
    if let finding = YAMLLimits.excess(text) {
      throw StudyError.invalid(file: shown, [finding])
    }
    // The parser owns the anchors of its nodes: it has to outlive the search for them.
    let parser: Parser
    let root: Node?
    do {
      parser = try Parser(yaml: text)
      root = try parser.singleRoot()
    } catch let error as YamlError {
      throw StudyError.invalid(file: shown, [error.finding])
    }
    guard let root else { throw StudyError.invalid(file: shown, [StudyFinding(hint)]) }
    let cursor = YAMLCursor(node: root, path: "", notes: notes)
    return withExtendedLifetime(parser) { cursor.findAnchor() } ? nil : cursor
  }

  private init(file: String, folder: String) {
    self.file = file
    self.folder = folder
  }

  private static let keys = [
    "name", "title", "description", "authors", "site", "runs", "training", "probes", "measure",
    "analysis", "figures", "measurements", "seed", "slurm",
  ]

  private func study(_ root: YAMLCursor) -> Study? {
    guard let entries = root.mapping(Self.keys) else { return nil }
    guard let nameCursor = entries["name"] else {
      root.note("name: is missing; add `name: my-study` at the top")
      return rest(entries, name: "")
    }
    return rest(entries, name: nameCursor.name() ?? "")
  }

  private func rest(_ entries: [String: YAMLCursor], name: String) -> Study {
    var study = Study(name: name, file: file, folder: folder)
    study.title = entries["title"]?.text()
    study.description = entries["description"]?.text()
    study.authors = entries["authors"]?.list()?.compactMap { $0.text() } ?? []
    study.siteURL = entries["site"]?.mapping(["url", "host"])?["url"]?.text()
    study.measurements = entries["measurements"]?.text().map(resolve)
    study.seed = UInt64(entries["seed"]?.integer() ?? 0)
    let isTable = study.measurements != nil
    study.runs = runs(entries["runs"], isTable: isTable)
    if let training = entries["training"] { addTrained(training, isTable: isTable, to: &study) }
    study.probes = probes(entries["probes"], isTable: isTable)
    if let measure = entries["measure"] { study.measure = settings(measure) }
    if let analysis = entries["analysis"] { study.analysis = self.analysis(analysis) }
    if let figures = entries["figures"] { study.figures = self.figures(figures) }
    if let slurm = entries["slurm"] { study.slurm = SlurmSettings(slurm) }
    if !isTable, entries["runs"] == nil, entries["training"] == nil {
      notes.findings.append(
        StudyFinding("runs: is missing; name at least one run, or a table as `measurements:`"))
    }
    return study
  }

  private func runs(_ cursor: YAMLCursor?, isTable: Bool) -> [Study.Run] {
    guard let elements = cursor?.list() else { return [] }
    if elements.isEmpty { cursor?.note("is empty; name at least one run") }
    var names: [String: Int] = [:]
    // One that cannot be read keeps its place, so that those after it are told at theirs.
    let unread = Study.Run(name: "")
    return elements.map { element in
      guard
        let entries = element.mapping([
          "name", "checkpoints", "steps", "final", "reference", "parameters", "group", "arm",
          "step_pattern", "label",
        ])
      else { return unread }
      guard let name = element.required("name", of: entries)?.name() else { return unread }
      if let first = names[name] {
        entries["name"]?.note(
          "\(Spelling.quoted(name)) is the name of the run in line \(first) too; names must differ")
      }
      names[name] = names[name] ?? element.line
      var run = Study.Run(name: name)
      if let checkpoints = isTable
        ? entries["checkpoints"]
        : element.required("checkpoints", of: entries)
      {
        run.checkpoints = checkpoints.text().map { $0.hasPrefix("hf://") ? $0 : resolve($0) }
      }
      if let pattern = entries["step_pattern"], let text = pattern.text() {
        run.stepPattern = StepPattern(text)
        if run.stepPattern == nil {
          pattern.note(
            "\(Spelling.quoted(text)): expected one {step}, perhaps {tokens}, * for anything, as in "
              + "stage1-step{step}-tokens{tokens}B")
        }
      }
      run.steps = entries["steps"].flatMap(steps)
      run.final = entries["final"]?.integer()
      if let steps = run.steps, let final = run.final, !steps.contains(final) {
        entries["final"]?.note("step \(final) is not among steps")
      }
      run.reference = entries["reference"].flatMap(reference)
      run.parameters = entries["parameters"]?.integer(atLeast: 1)
      run.group = entries["group"]?.text()
      run.arm = entries["arm"]?.text()
      run.label = entries["label"]?.label()
      return run
    }
  }

  private func addTrained(_ cursor: YAMLCursor, isTable: Bool, to study: inout Study) {
    guard !isTable else {
      return cursor.note("does not go with `measurements:`, whose runs are measured already")
    }
    let trained = TrainingSection(folder: folder, study: study.name).runs(cursor)
    for run in trained where study.runs.contains(where: { $0.name == run.name }) {
      cursor.note("makes the run \(run.name), which `runs:` names too; names must differ")
    }
    study.runs += trained
  }

  private func steps(_ cursor: YAMLCursor) -> [Int]? {
    guard let elements = cursor.list() else { return nil }
    let steps = elements.compactMap { $0.integer() }
    if elements.isEmpty { cursor.note("is empty; leave it out to use all steps") }
    for (index, step) in steps.enumerated() where steps[..<index].contains(step) {
      elements[index].note("step \(step) stands here twice")
    }
    return steps.sorted()
  }

  private func reference(_ cursor: YAMLCursor) -> Study.Reference? {
    guard let entries = cursor.mapping(["run", "step"]),
      let run = cursor.required("run", of: entries)?.text(),
      let step = cursor.required("step", of: entries)?.integer()
    else { return nil }
    return Study.Reference(run: run, step: step)
  }

  private func probes(_ cursor: YAMLCursor?, isTable: Bool) -> [Study.Probe] {
    guard let elements = cursor?.list() else { return [] }
    var names: Set<String> = []
    let unread = Study.Probe(name: "", source: .tokens(path: ""))
    return elements.map { element in
      guard let entries = element.mapping(ProbeDecoder.keys),
        let name = element.required("name", of: entries)?.name(),
        let source = ProbeDecoder(resolve: resolve).source(element, entries)
      else { return unread }
      if !names.insert(name).inserted {
        entries["name"]?.note("\(Spelling.quoted(name)) is another probe's name too")
      }
      return Study.Probe(name: name, source: source)
    }
  }

  private func settings(_ cursor: YAMLCursor) -> MeasureSettings {
    var settings = MeasureSettings()
    guard let entries = cursor.mapping(MeasureVocabulary.keys) else { return settings }
    if let words = entries["objects"]?.words(MeasureVocabulary.objects) {
      settings.objects = words.compactMap(MeasureSettings.Object.init)
    }
    if let words = entries["components"]?.words(MeasureVocabulary.components) {
      settings.components = words.compactMap(MeasureSettings.Component.init)
    }
    if let words = entries["similarity"]?.words(MeasureVocabulary.similarity) {
      settings.similarity = words
    }
    if let words = entries["spectra"]?.words(MeasureVocabulary.spectra) { settings.spectra = words }
    if let heads = entries["heads"]?.boolean() { settings.heads = heads }
    if let variants = entries["variants"]?.words(MeasureVocabulary.variants) {
      settings.published = variants.contains("published")
      settings.pico = variants.contains("pico")
    }
    if let rows = entries["rows"]?.list()?.compactMap(self.rows) { settings.rows = rows }
    if let gradients = entries["gradients"],
      let source = ProbeDecoder(resolve: resolve).gradients(gradients)
    {
      settings.gradients = source
    }
    return settings
  }

  private func rows(_ cursor: YAMLCursor) -> MeasureSettings.Rows? {
    guard let text = cursor.text() else { return nil }
    switch text {
    case "last": return .last
    case "all": return .all
    default: break
    }
    guard text.hasPrefix("sample:"), let count = Int(text.dropFirst(7)), count > 0 else {
      cursor.note("\(Spelling.quoted(text)) is not one of last, all, sample:k (k positions)")
      return nil
    }
    return .sample(count)
  }

  private func analysis(_ cursor: YAMLCursor) -> Study.Analysis {
    var analysis = Study.Analysis()
    guard let entries = cursor.mapping(["late_from", "audit", "evaluations"]) else {
      return analysis
    }
    analysis.lateFrom = entries["late_from"]?.integer()
    analysis.keepsFlagged = entries["audit"]?.word(["drop", "keep"]) == "keep"
    analysis.evaluations = entries["evaluations"]?.text().map(resolve)
    return analysis
  }

  private func figures(_ cursor: YAMLCursor) -> Study.Figures {
    var figures = Study.Figures()
    guard let entries = cursor.mapping(["axis", "tokens_per_step"]) else { return figures }
    figures.axis =
      entries["axis"]?.word(Study.Figures.Axis.allCases.map(\.rawValue))
      .flatMap(Study.Figures.Axis.init) ?? .steps
    figures.tokensPerStep = entries["tokens_per_step"]?.integer(atLeast: 1)
    if figures.tokensPerStep != nil, figures.axis == .steps {
      entries["tokens_per_step"]?.note("counts only with `axis: tokens` beside it")
    }
    return figures
  }

  /// `path` as it stands, or below the study's folder where it is relative.
  private func resolve(_ path: String) -> String {
    URL(fileURLWithPath: path, relativeTo: URL(fileURLWithPath: folder + "/")).standardizedFileURL
      .path
  }
}

extension YAMLCursor {
  /// The entry `key`, or a note that it is missing.
  func required(_ key: String, of entries: [String: YAMLCursor]) -> YAMLCursor? {
    guard let entry = entries[key] else {
      note("\(key) is missing")
      return nil
    }
    return entry
  }

  /// What figures write for a name.
  func label() -> String? {
    guard let label = text() else { return nil }
    guard label.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }),
      label.contains(where: { !$0.isWhitespace })
    else {
      note("\(Spelling.quoted(label)): a label has letters and no control characters")
      return nil
    }
    return limited(label, "label")
  }

  /// A name that stands in tables, titles and paths.
  func name() -> String? {
    guard let name = text() else { return nil }
    let isPlain = name.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    guard isPlain, !name.contains("/"), !name.contains("\\"), name != ".", name != ".." else {
      note("\(Spelling.quoted(name)): a name has no slash and no control characters")
      return nil
    }
    return limited(name, "name")
  }

  private func limited(_ text: String, _ what: String) -> String? {
    guard text.unicodeScalars.count <= 120 else {
      note("a \(what) has at most 120 characters")
      return nil
    }
    return text
  }

  /// Whether an anchor stands anywhere, which is noted. Anchors let a small file stand for a huge
  /// one, and no study needs them.
  fileprivate func findAnchor() -> Bool {
    if node.anchor != nil {
      note("anchors and aliases (& and *) are not allowed; write the value out")
      return true
    }
    let children: [Node]
    switch node {
    case .mapping(let mapping): children = mapping.flatMap { [$0.key, $0.value] }
    case .sequence(let sequence): children = Array(sequence)
    case .scalar, .alias: children = []
    }
    return children.contains { YAMLCursor(node: $0, path: "", notes: notes).findAnchor() }
  }
}

extension YamlError {
  /// This error as a finding, on one line.
  fileprivate var finding: StudyFinding {
    switch self {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      StudyFinding(line: mark.line, column: mark.column, "not valid YAML: \(problem)")
    case .duplicatedKeysInMapping(let duplicates, let context):
      StudyFinding(
        line: context.mark.line, column: context.mark.column,
        "key \(duplicates.map(Spelling.quoted).joined(separator: ", ")) stands here twice")
    default:
      StudyFinding("not valid YAML: \(String(describing: self).prefix(120))")
    }
  }
}
