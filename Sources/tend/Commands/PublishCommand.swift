import ArgumentParser
import Studies

struct PublishCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "publish",
    abstract: "Puts the report where it is served: a folder, a branch, a Space.",
    discussion: """
      Publishes the site as it was built; build it with `tend run` or `tend report`. In a folder, \
      files that differ are written, what an earlier publication wrote and the site no longer has is \
      removed, and nothing else is touched. On a branch, one commit is made beside the work tree; it \
      is pushed only with --push.

      Exit codes: 0 published; 1 something failed while publishing; 2 there is no site, or the place \
      cannot be used.
      """)

  @OptionGroup var argument: StudyArgument

  @Option(
    name: .customLong("to"), help: "A folder to mirror the site into.", completion: .directory)
  var folder: String?

  @Option(help: ArgumentHelp("A branch to commit the site on.", valueName: "gh-pages"))
  var branch: String?

  @Option(help: "The remote that the branch belongs to.")
  var remote = "origin"

  @Flag(help: "Push the branch.")
  var push = false

  @Flag(help: "A Hugging Face static Space: the folder of --to, else space/ beside the study.")
  var space = false

  @Option(help: ArgumentHelp("The Space's licence, as the hub abbreviates it.", valueName: "id"))
  var license = ""

  func validate() throws {
    if branch != nil, folder != nil || space {
      throw ValidationError("--branch goes without --to and --space: publish twice.")
    }
    if branch == nil, folder == nil, !space {
      throw ValidationError("Name a place: --to FOLDER, --branch gh-pages or --space.")
    }
    if push, branch == nil { throw ValidationError("--push goes with --branch.") }
    if !license.isEmpty, !space { throw ValidationError("--license goes with --space.") }
  }

  func run() throws {
    let publication = try StudyPublication(file: argument.study)
    if let branch {
      Output.result(try publication.publish(branch: branch, remote: remote, push: push))
    } else if space {
      Output.result(try publication.publishSpace(to: folder, license: license))
    } else if let folder {
      Output.result(try publication.publish(to: folder))
    }
  }
}
