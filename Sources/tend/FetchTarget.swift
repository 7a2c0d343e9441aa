import ArgumentParser
import Checkpoints
import Fetching
import Studies

/// What `tend fetch` is pointed at: one repository, or those that the runs of a study name.
struct FetchTarget {
  let requests: [FetchRequest]

  init(_ target: String, steps: String?, also: Set<String>) throws {
    if target.hasPrefix(HubCache.scheme) {
      guard let repository = HubRepository(address: target) else {
        throw FetchError.address(target, reason: "is not of the form hf://OWNER/NAME")
      }
      requests = [
        FetchRequest(repository: repository, steps: try steps.map(Self.parse), also: also)
      ]
      return
    }
    guard steps == nil else {
      throw ValidationError("--steps goes with hf://OWNER/NAME; a study names its own steps.")
    }
    let study = try StudyDecoder.decode(file: target)
    var requests: [FetchRequest] = []
    var findings: [StudyFinding] = []
    for (index, run) in study.runs.enumerated() {
      guard let checkpoints = run.checkpoints, checkpoints.hasPrefix(HubCache.scheme) else {
        continue
      }
      guard let repository = HubRepository(address: checkpoints) else {
        findings.append(
          study.finding(
            at: "runs[\(index)].checkpoints", "\(checkpoints) is not of the form hf://OWNER/NAME"))
        continue
      }
      let steps = run.steps.map(Set.init)
      // Two runs may name one repository: one listing serves both.
      if let known = requests.firstIndex(where: { $0.repository == repository }) {
        guard requests[known].pattern == run.stepPattern else {
          findings.append(
            study.finding(
              at: "runs[\(index)].checkpoints",
              "another run names steps of \(checkpoints) by another pattern; use one for both"))
          continue
        }
        if let before = requests[known].steps, let steps {
          requests[known].steps = before.union(steps)
        } else {
          requests[known].steps = nil
        }
      } else {
        requests.append(
          FetchRequest(
            repository: repository, steps: steps, also: also, pattern: run.stepPattern))
      }
    }
    guard findings.isEmpty else { throw StudyError.invalid(file: target, findings) }
    guard !requests.isEmpty else {
      throw StudyError.invalid(
        file: target,
        [
          StudyFinding(
            "runs: no run has checkpoints on the hub (hf://OWNER/NAME): nothing to fetch")
        ]
      )
    }
    self.requests = requests
  }

  private static func parse(_ list: String) throws -> Set<Int> {
    var steps: Set<Int> = []
    for word in list.split(separator: ",", omittingEmptySubsequences: false) {
      guard let step = Int(word.filter { $0 != " " }), step >= 0 else {
        throw ValidationError(
          "--steps \(list): expected whole numbers separated by commas, found \"\(word)\".")
      }
      steps.insert(step)
    }
    return steps
  }
}
