import Capture
import Checkpoints
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
      // The folder of an interrupted verification goes with its last file; others are not empty.
      if item.what == Self.verification { rmdir(Folder.parent(of: item.path)) }
    }
  }

  static let verification = "interrupted verification"
}

extension StudyRunner {
  /// What lies in the working folder that no study beside this one refers to, and what interrupted
  /// writes left in the outputs.
  ///
  /// - Throws: `StudyError.invalid` where one of the studies in the folder cannot be read: what it
  ///   needs is then not known, and nothing may go.
  package func clean() throws -> StudyCleaning {
    var needed = try artifactsOfReports()
    var digestFiles: Set<String> = []
    // Checkpoints whose content is not known now: their artifacts stay.
    var unread: Set<CheckpointName> = []
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
      for run in inventory.runs {
        let contents = run.checkpoints.compactMap {
          digests[CheckpointName(run: run.name, step: $0.step)]
        }
        for (place, later) in contents.enumerated() {
          needed.formUnion(contents[..<place].map { MeasuredMoves.inputs($0, later).key })
        }
      }
      unread.formUnion(inventory.failures.map { CheckpointName(run: $0.run, step: $0.step) })
      for run in inventory.runs {
        for checkpoint in run.checkpoints {
          digestFiles.insert(digestCache.path(of: checkpoint))
          let name = CheckpointName(run: run.name, step: checkpoint.step)
          if digests[name] == nil { unread.insert(name) }
        }
      }
    }
    do {
      let items =
        artifacts(try store.keys().subtracting(needed), unread: unread)
        + (try digests(except: digestFiles, isKept: !unread.isEmpty)) + (try interrupted())
      return StudyCleaning(items: items.sorted { $0.path < $1.path })
    } catch {
      throw StudyError.output("\(error)")
    }
  }

  /// The analyses and figures of the reports that were made last; all, where the last was interrupted.
  private func artifactsOfReports() throws -> Set<ArtifactKey> {
    do {
      let stamps = [FinishedStamp.run(self), FinishedStamp.report(self)]
      guard stamps.contains(where: \.isThere) else {
        return try store.keys().filter(\.kind.isOfReport)
      }
      return Set(try stamps.flatMap { try $0.artifacts().map(\.key) })
    } catch {
      throw StudyError.output("\(error)")
    }
  }

  private func artifacts(
    _ superfluous: Set<ArtifactKey>, unread: Set<CheckpointName>
  ) -> [StudyCleaning.Item] {
    superfluous.compactMap { key -> StudyCleaning.Item? in
      let path = store.path(of: key)
      var words = [key.kind.rawValue]
      do {
        let unit = try store.artifact(key)?.unit ?? ""
        guard !unread.contains(where: { $0.isPart(of: unit) }) else { return nil }
        words.append(unit)
      } catch {
        words.append("(damaged)")
      }
      return StudyCleaning.Item(
        path: path, bytes: Self.size(path), what: words.joined(separator: " "))
    }
  }

  /// What is known of checkpoints that no study names; nothing where one could not be looked at.
  private func digests(
    except needed: Set<String>, isKept: Bool
  ) throws(FileError) -> [StudyCleaning.Item] {
    let folder = folders.working + "/digests"
    guard !isKept, Folder.kind(of: folder) == .folder else { return [] }
    return try Folder.names(in: folder).map { "\(folder)/\($0)" }
      .filter { !needed.contains($0) && !Self.isTemporary($0) }
      .map {
        StudyCleaning.Item(
          path: $0, bytes: Self.size($0), what: "digests of a checkpoint that no study names")
      }
  }

  /// Temporary files of writes that were interrupted, and what an interrupted verification left.
  private func interrupted() throws(FileError) -> [StudyCleaning.Item] {
    var items: [StudyCleaning.Item] = []
    for folder in [folders.working] + folders.outputs {
      for path in try Self.files(below: folder) {
        if path.hasPrefix("\(folders.working)/verify-") {
          items.append(
            StudyCleaning.Item(
              path: path, bytes: Self.size(path), what: StudyCleaning.verification))
        } else if Self.isTemporary(path) {
          items.append(
            StudyCleaning.Item(path: path, bytes: Self.size(path), what: "interrupted write"))
        }
      }
    }
    return items
  }

  private static func isTemporary(_ path: String) -> Bool {
    path.split(separator: "/").last?.hasPrefix(DurableWrite.temporaryPrefix) ?? false
  }

  private static func files(below folder: String) throws(FileError) -> [String] {
    guard Folder.kind(of: folder) == .folder else { return [] }
    var files: [String] = []
    for name in try Folder.names(in: folder) {
      let path = "\(folder)/\(name)"
      if Folder.kind(of: path) == .folder {
        files += try Self.files(below: path)
      } else {
        files.append(path)
      }
    }
    return files
  }

  /// The studies in this study's folder; files of other content are passed over.
  private func studiesBeside() throws -> [String] {
    do throws(FileError) {
      var studies: [String] = []
      for name in try Folder.names(in: study.folder)
      where name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
        let path = "\(study.folder)/\(name)"
        let isStudy = try Self.looksLikeStudy(path)
        if path == study.file || isStudy { studies.append(path) }
      }
      return studies
    } catch {
      throw StudyError.output("\(error); what it needs is not known, so nothing was removed")
    }
  }

  private static func looksLikeStudy(_ path: String) throws(FileError) -> Bool {
    guard Folder.kind(of: path) == .file else { return false }
    let reader = try FileReader(path)
    guard reader.size <= StudyDecoder.largestFile else { return false }
    let text = String(decoding: try reader.readAll(), as: UTF8.self)
    return text.split(whereSeparator: \.isNewline).contains { $0.hasPrefix("runs:") }
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
    for run in inventory.exported {
      guard case .steps(let steps) = run.content else { continue }
      for step in steps {
        do {
          _ = try hashed(step)
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
    return lstat(path, &status) == 0 ? Int(status.st_size) : 0
  }
}

extension CheckpointName {
  /// Whether `unit` is of this checkpoint or compares with it: `nano/512/a against nano/3000`.
  fileprivate func isPart(of unit: String) -> Bool {
    unit.components(separatedBy: " against ").contains {
      $0 == description || $0.hasPrefix(description + "/") || $0 == run
    }
  }
}
