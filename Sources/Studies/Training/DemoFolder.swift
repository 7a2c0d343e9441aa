import Files
import Publishing

/// The demo: a study with its recipes and its corpus, from the program's own resources.
package enum DemoFolder {
  /// Writes what is not there yet into `folder`; returns the study's path.
  ///
  /// - isQuick: two sizes and no interventions.
  package static func write(to folder: String, isQuick: Bool) throws -> String {
    let source = "templates/demo/\(isQuick ? "quick" : "full")/"
    do throws(FileError) {
      try Folder.make(folder)
    } catch {
      throw StudyError.output("\(error)")
    }
    let recipes = try Resources.names(in: source)
    let files =
      ["corpus.txt", "LICENSE.txt"].map { ("templates/demo/" + $0, $0) }
      + recipes.map { (source + $0, $0) }
    for (resource, name) in files {
      let bytes = try Resources.bytes(resource)
      do {
        try DurableWrite.writeIfChanged(bytes, to: folder + "/" + name)
      } catch {
        throw StudyError.output("\(error)")
      }
    }
    return folder + "/study.yaml"
  }
}
