import Checkpoints

/// The files of a revision that measuring it takes: `config.json` and the weights, in the order in which
/// `CheckpointWeights` looks for them.
enum NeededFiles {
  /// The needed ones among `files`, or why the revision has no checkpoint. `also`: paths that are
  /// wanted as well, where they are there.
  static func choose(
    _ files: [HubFile], also: Set<String>
  ) -> Result<[HubFile], Missing> {
    let byPath = Dictionary(files.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
    guard let configuration = byPath["config.json"] else {
      return .failure(Missing(reason: "has no config.json"))
    }
    guard let weights = weights(byPath) else {
      return .failure(
        Missing(reason: "has no model.safetensors and no pytorch_model.bin, whole or in shards"))
    }
    let chosen = [configuration] + weights
    let paths = Set(chosen.map(\.path))
    let others = files.filter {
      also.contains($0.path) && !paths.contains($0.path) && isConfined($0.path)
    }
    return .success(chosen + others)
  }

  struct Missing: Error { let reason: String }

  /// Whether `path` holds weights: more than a small file, and removable once it is measured.
  static func isWeights(_ path: String) -> Bool {
    path.hasSuffix(".safetensors") || path.hasSuffix(".bin")
  }

  /// Whether `path` stays in the folder that it is put into.
  private static func isConfined(_ path: String) -> Bool {
    path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
      !$0.isEmpty && $0 != "." && $0 != ".." && $0.utf8.count <= 255 && !$0.utf8.contains(0)
    }
  }

  private static func weights(_ files: [String: HubFile]) -> [HubFile]? {
    for (stem, ending) in [("model", "safetensors"), ("pytorch_model", "bin")] {
      if let single = files["\(stem).\(ending)"] { return [single] }
      if let index = files["\(stem).\(ending).index.json"] {
        let shards = files.values.filter { isShard($0.path, stem: stem, ending: ending) }
        return [index] + shards.sorted { $0.path < $1.path }
      }
    }
    return nil
  }

  /// `model-00001-of-00002.safetensors`: nothing that an index could name beside shards of this form
  /// is asked for, so that no path from the hub is ever used.
  private static func isShard(_ path: String, stem: String, ending: String) -> Bool {
    guard path.hasPrefix(stem + "-"), path.hasSuffix("." + ending) else { return false }
    let middle = path.dropFirst(stem.count + 1).dropLast(ending.count + 1)
    let parts = middle.split(separator: "-", omittingEmptySubsequences: false)
    return parts.count == 3 && parts[1] == "of"
      && [parts[0], parts[2]].allSatisfy { number in
        (1...8).contains(number.utf8.count) && number.utf8.allSatisfy { (0x30...0x39).contains($0) }
      }
  }
}
