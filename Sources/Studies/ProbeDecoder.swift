import Capture

/// Reads where a probe's tokens come from: `tokens:`, `text:` with `tokenizer:`, or `indexed:` with
/// `step:`.
struct ProbeDecoder {
  /// A path as it is meant: relative ones below the study's folder.
  let resolve: (String) -> String

  static let keys = [
    "name", "tokens", "text", "tokenizer", "length", "sequences", "skip", "separator", "field",
    "indexed", "step", "batch",
  ]

  /// The keys that go with each source, beside its own.
  private static let belonging = [
    "tokens": [],
    "text": ["tokenizer", "length", "sequences", "skip", "separator", "field"],
    "indexed": ["step", "batch", "sequences", "length"],
  ]

  /// The source that `entries` of `probe` describe; `nil` after a note.
  func source(_ probe: YAMLCursor, _ entries: [String: YAMLCursor]) -> ProbeSource? {
    let named = ["tokens", "text", "indexed"].filter { entries[$0] != nil }
    guard named.count == 1, let key = named.first, let belonging = Self.belonging[key] else {
      probe.note(
        named.isEmpty
          ? "tokens is missing; name `tokens: FILE.npy`, `text: FILE` with `tokenizer:`, or "
            + "`indexed: FILE` with `step:`"
          : "\(named.joined(separator: " and ")): a probe has one source")
      return nil
    }
    let strangers = entries.keys.filter { $0 != "name" && $0 != key && !belonging.contains($0) }
    for stranger in strangers.sorted() {
      entries[stranger]?.note("does not go with `\(key):`")
    }
    guard strangers.isEmpty, let path = entries[key]?.text().map(resolve) else { return nil }
    switch key {
    case "text": return text(path, probe, entries)
    case "indexed": return indexed(path, probe, entries)
    default: return .tokens(path: path)
    }
  }

  private func text(
    _ path: String, _ probe: YAMLCursor, _ entries: [String: YAMLCursor]
  ) -> ProbeSource? {
    guard let tokenizer = probe.required("tokenizer", of: entries)?.text() else { return nil }
    var source = TextSource(path: path, tokenizer: resolve(tokenizer))
    if let length = size(entries["length"], atLeast: 2) { source.length = length }
    source.sequences = size(entries["sequences"], atLeast: 1)
    if let skip = size(entries["skip"], atLeast: 0) { source.skip = skip }
    source.separator = entries["separator"]?.text()
    if let field = entries["field"]?.text() { source.field = field }
    return .text(source)
  }

  private func indexed(
    _ path: String, _ probe: YAMLCursor, _ entries: [String: YAMLCursor]
  ) -> ProbeSource? {
    guard let step = probe.required("step", of: entries)?.integer() else { return nil }
    return .indexed(indexed(path, step: step, entries))
  }

  private func indexed(
    _ path: String, step: Int, _ entries: [String: YAMLCursor]
  ) -> IndexedSource {
    var source = IndexedSource(path: path, step: step)
    if let batch = size(entries["batch"], atLeast: 1) { source.batch = batch }
    source.sequences = size(entries["sequences"], atLeast: 1)
    source.length = size(entries["length"], atLeast: 2)
    return source
  }

  /// Steps before and after a checkpoint's whose batches are taken, as the paper does.
  private static let window = 5

  /// What gradients are taken of: `batches: probe`, `batches: FILE.npy`, or `indexed:` with what goes
  /// with it; `nil` after a note.
  func gradients(_ cursor: YAMLCursor) -> MeasureSettings.GradientBatches? {
    let belonging = ["window", "batch", "sequences", "length"]
    guard let entries = cursor.mapping(["batches", "indexed"] + belonging) else { return nil }
    guard let path = entries["indexed"] else {
      let strangers = belonging.filter { entries[$0] != nil }
      for stranger in strangers { entries[stranger]?.note("goes with `indexed:`") }
      guard strangers.isEmpty, let text = entries["batches"]?.text() else { return nil }
      return text == "probe" ? .probe : .file(resolve(text))
    }
    if let batches = entries["batches"] {
      batches.note("batches and indexed: gradients have one source")
      return nil
    }
    guard let text = path.text() else { return nil }
    return .indexed(
      indexed(resolve(text), step: 0, entries),
      window: size(entries["window"], atLeast: 0) ?? Self.window)
  }

  /// Larger than any probe's, small enough that products are exact.
  private static let largest = 1 << 30

  private func size(_ cursor: YAMLCursor?, atLeast least: Int) -> Int? {
    guard let cursor, let size = cursor.integer(atLeast: least) else { return nil }
    guard size <= Self.largest else {
      cursor.note("\(size) is more than \(Self.largest)")
      return nil
    }
    return size
  }
}
