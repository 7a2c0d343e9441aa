import ArgumentParser
import Studies

struct TendCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tend",
    abstract: "Shows how the layers of language models settle while they train.",
    discussion: """
      From the checkpoints of training runs to a browsable report: which layers reach their final \
      representation when (CKA), how much of their parameter space they use (effective rank), and \
      how the two go together.

      Start with `tend init`, then `tend check study.yaml` and `tend run study.yaml`.

      Exit codes: 0 done; 1 something failed while running, the rest was done; 2 the input is wrong \
      and nothing was started; 130 interrupted, the same command resumes.
      """,
    version: "tend \(TendVersion.current)",
    subcommands: [
      DemoCommand.self, InitCommand.self, CheckCommand.self, TrainCommand.self, RunCommand.self,
      ReportCommand.self, FiguresCommand.self,
      ServeCommand.self, PublishCommand.self, InspectCommand.self, CompareCommand.self,
      TokenizeCommand.self, FetchCommand.self, CleanCommand.self, GatherCommand.self,
      StatusCommand.self,
      VerifyCommand.self, SubmitCommand.self,
    ])
}
