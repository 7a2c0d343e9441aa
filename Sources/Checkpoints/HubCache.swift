import Files
import Tensors

/// The local cache of Hugging Face's hub, read without any request.
///
/// Layout: `models--OWNER--NAME/refs/REVISION` holds a commit, `snapshots/COMMIT` its files, mostly
/// links into `blobs`. A revision called like a step (see `StepName`) is that step.
package enum HubCache {
  package static let scheme = "hf://"

  /// The cache's folder: HF_HUB_CACHE, else HF_HOME/hub, else huggingface/hub in XDG_CACHE_HOME or
  /// ~/.cache. A variable that is blank counts as unset.
  package static func folder(environment: [String: String]) -> String? {
    func value(_ name: String) -> String? {
      environment[name].flatMap { $0.allSatisfy(\.isWhitespace) ? nil : $0 }
    }
    if let cache = value("HF_HUB_CACHE") { return cache }
    if let home = value("HF_HOME") { return home + "/hub" }
    if let caches = value("XDG_CACHE_HOME") { return caches + "/huggingface/hub" }
    return value("HOME").map { $0 + "/.cache/huggingface/hub" }
  }

  /// The steps of `hf://OWNER/NAME` that are in the cache.
  package static func run(
    _ address: String, environment: [String: String], pattern: StepPattern? = nil
  ) throws(CheckpointError) -> RunFolder {
    guard let named = HubRepository(address: address) else {
      throw .unreadable(folder: address, reason: "is not of the form hf://OWNER/NAME")
    }
    guard let cache = folder(environment: environment) else {
      throw .unreadable(folder: address, reason: "cannot be looked up: set HF_HOME or HOME")
    }
    let repository = named.folder(inCache: cache)
    guard Folder.kind(of: repository + "/refs") == .folder else {
      throw .unreadable(
        folder: address,
        reason: "is not in the cache \(cache); fetch it first: tend fetch \(address)")
    }
    do throws(FileError) {
      var found: [RunFolder.Place] = []
      for revision in try Folder.names(in: repository + "/refs") {
        let file = repository + "/refs/" + revision
        guard let (step, tokens) = StepName.match(revision, pattern: pattern),
          Folder.kind(of: file) == .file
        else { continue }
        let reader = try FileReader(file)
        let commit = String(
          decoding: try reader.read(at: 0, count: min(reader.size, 128)), as: UTF8.self
        ).filter { !$0.isWhitespace }
        // A step that names no commit is there and cannot be opened: its own file is what is wrong.
        let place = isCommit(commit) ? repository + "/snapshots/" + commit : file
        found.append(RunFolder.Place(step: step, folder: place, tokens: tokens))
      }
      return RunFolder(path: repository, found: found)
    } catch {
      throw .tensors(.file(error))
    }
  }

  /// The commit whose snapshot `folder` is; nil for any other folder.
  package static func commit(ofSnapshot folder: String) -> String? {
    let parts = folder.split(separator: "/")
    guard parts.count >= 3, let commit = parts.last, isCommit(commit),
      parts[parts.count - 2] == "snapshots", parts[parts.count - 3].hasPrefix("models--")
    else { return nil }
    return String(commit)
  }

  private static func isCommit(_ text: some StringProtocol) -> Bool {
    text.utf8.count == 40 && text.utf8.allSatisfy(isHexadecimal)
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
  }
}
