import Files
import Foundation
import Publishing

/// The workflow that `tend init --ci` writes.
package enum WorkflowTemplate {
  static let path = ".github/workflows/tend.yml"

  /// The workflow for the study at `study`, a path inside the repository: the text of the program's own
  /// resource with the study's place filled in.
  static func text(for study: String) throws -> String {
    let folder = Folder.parent(of: study)
    return try Resources.text("templates/workflow.yml")
      .replacing("@STUDY@", with: quoted(study))
      .replacing("@SITE@", with: quoted("study/" + (folder == "." ? "" : folder + "/") + "site"))
  }

  /// Writes it into the current folder, the root of the repository; returns the path. Throws where the
  /// file is there already, or where `study` leads out of the folder.
  package static func write(for study: String) throws -> String {
    let names = study.split(separator: "/")
    guard !study.hasPrefix("/"), !names.contains(".."), !study.contains(where: \.isNewline) else {
      throw StudyError.invalid(
        file: study,
        [StudyFinding("the workflow runs at the root of the repository: name the study from there")]
      )
    }
    guard Folder.kind(of: path) == .missing else {
      throw StudyError.invalid(
        file: path, [StudyFinding("is there already; move it away to get a new one")])
    }
    do {
      try Folder.make(Folder.parent(of: path))
      try DurableWrite.write(try text(for: study), to: path)
    } catch let error as FileError {
      throw StudyError.invalid(file: path, [StudyFinding("\(error)")])
    }
    return path
  }

  /// As a single-quoted scalar of YAML; GitHub's own `${{ }}` in the name of a file stays text.
  private static func quoted(_ text: String) -> String {
    "'" + text.replacing("${{", with: "$ {{").replacing("'", with: "''") + "'"
  }
}
