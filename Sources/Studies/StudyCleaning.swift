import Capture
import Files
import Foundation

/// What of the working folder no study needs any more: `tend clean`.
package struct StudyCleaning: Sendable {
  package struct Item: Sendable {
    package let path: String
    package let bytes: Int
    /// What it was the result of, or what else it is.
    package let what: String
  }

  package let items: [Item]

  package var bytes: Int { items.reduce(0) { $0 + $1.bytes } }

  /// Removes everything that was found.
  package func remove() throws {
    for item in items {
      guard unlink(item.path) == 0 || errno == ENOENT else {
        throw StudyError.output(
          "\(FileError.system(action: "remove", path: item.path, code: errno))")
      }
    }
  }
}

extension StudyRunner {
  /// What lies in the working folder that no study beside this one refers to.
  ///
  /// - Throws: `StudyError.invalid` where one of the studies in the folder cannot be read: what it
  ///   needs is then not known, and nothing may go.
  package func clean() throws -> StudyCleaning {
    var needed: Set<ArtifactKey> = []
    for file in try studiesBeside() {
      let other = try StudyRunner(file: file, options: options, events: events)
      guard other.study.measurements == nil else { continue }
      let inventory = try StudyInspector.inspect(other.study, shownAs: file)
      let digests = try other.hashedDigests(inventory)
      needed.formUnion(StudyPlan(other.study, inventory, digests: digests).units.map(\.key))
      needed.formUnion(
        inventory.runs.map {
          RunAudit(run: $0, inventory: inventory, digests: digests).unit.key
        })
    }
    var items = store.keys().subtracting(needed).map { key -> StudyCleaning.Item in
      let path = store.path(of: key)
      // One that cannot be read goes as well, under its kind alone.
      let unit = (try? store.artifact(key))?.unit
      return StudyCleaning.Item(
        path: path, bytes: Self.size(path),
        what: [key.kind.rawValue, unit].compactMap(\.self).joined(separator: " "))
    }
    for path in store.leftovers() + strayFiles() {
      items.append(
        StudyCleaning.Item(path: path, bytes: Self.size(path), what: "interrupted write"))
    }
    return StudyCleaning(items: items.sorted { $0.path < $1.path })
  }

  /// The studies in this study's folder; files of other content are passed over.
  private func studiesBeside() throws -> [String] {
    let names = try Folder.names(in: study.folder).filter {
      $0.hasSuffix(".yaml") || $0.hasSuffix(".yml")
    }
    return names.map { "\(study.folder)/\($0)" }.filter { path in
      path == study.file || Self.looksLikeStudy(path)
    }
  }

  private static func looksLikeStudy(_ path: String) -> Bool {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return false }
    return text.split(separator: "\n").contains { $0.hasPrefix("runs:") }
  }

  /// Temporary files of writes into the outputs.
  private func strayFiles() -> [String] {
    [folders.working, folders.working + "/digests", folders.results].flatMap { folder -> [String] in
      guard Folder.kind(of: folder) == .folder, let names = try? Folder.names(in: folder) else {
        return []
      }
      return names.filter { $0.hasPrefix(DurableWrite.temporaryPrefix) }.map { "\(folder)/\($0)" }
    }
  }

  /// The content of all checkpoints; those that cannot be read have no units.
  func hashedDigests(_ inventory: StudyInventory) throws -> [CheckpointName: TensorDigests] {
    for run in inventory.runs {
      for checkpoint in run.checkpoints where digestCache.known(checkpoint) == nil {
        do {
          _ = try digestCache.digests(of: checkpoint)
        } catch let error as CaptureError {
          throw StudyError.output("\(error)")
        } catch {
          events(.note("\(error)"))
        }
      }
    }
    return knownDigests(inventory)
  }

  private static func size(_ path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : 0
  }
}
