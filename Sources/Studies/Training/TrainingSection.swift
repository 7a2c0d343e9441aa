import Files
import Foundation
import Training

/// Reads the `training:` of a study: recipes with seeds and arms, as runs that are trained if missing.
struct TrainingSection {
  static let keys = ["recipe", "seeds", "arms", "output", "group"]

  let folder: String
  /// The study's name, which the runs' group is called by.
  let study: String

  /// The runs of all entries: of each recipe its seeds, of the baseline and then of each arm.
  func runs(_ cursor: YAMLCursor) -> [Study.Run] {
    guard let elements = cursor.list() else { return [] }
    if elements.isEmpty { cursor.note("is empty; name a recipe, or leave it out") }
    var runs: [Study.Run] = []
    var names: Set<String> = []
    for element in elements {
      for run in entry(element) {
        if !names.insert(run.name).inserted {
          element.note("makes the run \(run.name), as another entry does; rename one recipe")
        }
        runs.append(run)
      }
    }
    return runs
  }

  private func entry(_ element: YAMLCursor) -> [Study.Run] {
    guard let entries = element.mapping(Self.keys),
      let cursor = element.required("recipe", of: entries), let file = cursor.text()
    else { return [] }
    let path = resolve(file)
    let recipe: TrainingRecipe
    do {
      recipe = try TrainingDecoder.decode(file: path)
    } catch StudyError.invalid(_, let findings) {
      for finding in findings {
        let place = [finding.line, finding.column].compactMap { $0.map(String.init) }
        cursor.note(([file] + place).joined(separator: ":") + ": " + finding.message)
      }
      return []
    } catch {
      cursor.note("\(error)")
      return []
    }
    let output = resolve(entries["output"]?.text() ?? "runs")
    let group = entries["group"]?.text() ?? study
    let seeds = entries["seeds"].map(self.seeds) ?? [Int(clamping: recipe.seed)]
    let baseline: [(String?, [InterventionSettings])] = [(nil, [])]
    let arms = entries["arms"].map { self.arms($0, recipe) } ?? []
    return (baseline + arms).flatMap { arm, interventions in
      seeds.map { seed in
        var own = recipe
        own.name = [recipe.name, arm, "seed\(seed)"].compactMap(\.self).joined(separator: "-")
        own.seed = UInt64(seed)
        own.interventions += interventions
        own.output = output + "/" + own.name
        var run = Study.Run(name: own.name)
        run.checkpoints = own.output
        run.group = group
        run.arm = arm
        run.training = own
        return run
      }
    }
  }

  private func seeds(_ cursor: YAMLCursor) -> [Int] {
    let elements = cursor.list() ?? []
    let seeds = elements.compactMap { $0.integer() }
    if elements.isEmpty { cursor.note("is empty; leave it out for the recipe's seed") }
    for (index, seed) in seeds.enumerated() where seeds[..<index].contains(seed) {
      elements[index].note("seed \(seed) stands here twice")
    }
    return seeds
  }

  private func arms(
    _ cursor: YAMLCursor, _ recipe: TrainingRecipe
  ) -> [(String?, [InterventionSettings])] {
    guard let arms = cursor.anyMapping() else { return [] }
    let decoder = TrainingDecoder(folder: folder)
    return arms.map { name, value in
      var own = recipe
      let interventions = decoder.interventions(value)
      own.interventions += interventions
      if interventions.isEmpty {
        value.note("names no intervention; the baseline is there already")
      }
      decoder.check(own, value)
      return (name, interventions)
    }
  }

  private func resolve(_ path: String) -> String {
    URL(fileURLWithPath: path, relativeTo: URL(fileURLWithPath: folder + "/")).standardizedFileURL
      .path
  }
}
