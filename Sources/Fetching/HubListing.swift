import Checkpoints
import Tensors

/// What the hub says about a repository: its revisions, and the files of each.
struct HubListing {
  let client: HubClient
  let connection: HTTPConnection
  let repository: HubRepository

  /// A branch or a tag.
  struct Revision: Sendable, Hashable {
    let name: String
    let commit: String
  }

  private static let mostPages = 10_000

  /// The branches, then the tags; of two with one name the branch.
  func revisions() throws(FetchError) -> [Revision] {
    let address = try client.address("/api/models/\(repository)/refs")
    let (value, _) = try client.json(address, over: connection)
    guard value.members != nil else {
      throw .listing("\(address)", expected: "an object of branches and tags", found: value.kind)
    }
    var names: Set<String> = []
    var found: [Revision] = []
    for kind in ["branches", "tags"] {
      for entry in value[kind]?.elements ?? [] {
        guard let name = entry["name"]?.string, let commit = entry["targetCommit"]?.string,
          Self.isCommit(commit)
        else {
          throw .listing(
            "\(address)", expected: "a name and a targetCommit of 40 hexadecimal digits in \(kind)",
            found: entry.kind)
        }
        if names.insert(name).inserted { found.append(Revision(name: name, commit: commit)) }
      }
    }
    return found
  }

  /// The files of `revision`, by its commit; by its name where a mirror knows no commits. Also under
  /// which of both the files are to be asked for.
  func files(of revision: Revision) throws(FetchError) -> (files: [HubFile], reference: String) {
    do throws(FetchError) {
      return (try files(at: revision.commit), revision.commit)
    } catch {
      guard case .refused(_, 404, _) = error else { throw error }
      return (try files(at: WebAddress.encoded(revision.name)), WebAddress.encoded(revision.name))
    }
  }

  private func files(at reference: String) throws(FetchError) -> [HubFile] {
    var next: WebAddress? = try client.address(
      "/api/models/\(repository)/tree/\(reference)?recursive=1")
    var files: [HubFile] = []
    var paths: Set<String> = []
    var pages: Set<String> = []
    while let page = next {
      guard pages.count < Self.mostPages, pages.insert(page.text).inserted else {
        throw .listing("\(page)", expected: "a listing with an end", found: "pages without one")
      }
      let answer = try client.json(page, over: connection)
      guard let entries = answer.value.elements else {
        throw .listing("\(page)", expected: "a list of files", found: answer.value.kind)
      }
      for entry in entries where entry["type"]?.string == "file" {
        let file = try Self.file(entry, page: page)
        guard paths.insert(file.path).inserted else {
          throw .listing(
            "\(page)", expected: "each file once", found: TensorError.quoted(file.path) + " twice")
        }
        files.append(file)
      }
      next = answer.next
    }
    return files
  }

  private static func file(_ entry: JSONValue, page: WebAddress) throws(FetchError) -> HubFile {
    guard let path = entry["path"]?.string else {
      throw .listing("\(page)", expected: "a path for each file", found: entry.kind)
    }
    // In large file storage `oid` is that of a pointer: the content's stands under `lfs`.
    let large = entry["lfs"].flatMap { $0.isNull ? nil : $0 }
    let size = (large ?? entry)["size"]?.integer
    let name = (large ?? entry)["oid"]?.string
    guard let size, (0...1 << 50).contains(size), let name, let hash = BlobHash(name: name),
      name.utf8.count == (large == nil ? 40 : 64)
    else {
      throw .listing(
        "\(page)", expected: "size and hash of \(TensorError.quoted(path))",
        found: "\((large ?? entry)["size"]?.kind ?? "none") and "
          + "\((large ?? entry)["oid"]?.kind ?? "none")")
    }
    return HubFile(path: path, size: size, hash: hash)
  }

  static func isCommit(_ text: String) -> Bool {
    if case .gitBlob = BlobHash(name: text) { true } else { false }
  }
}
