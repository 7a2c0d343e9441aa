import Files
import Foundation
import LinearAlgebra
import Testing

@testable import Training

@Suite struct ResumeTests {
  private struct Stopped: Error {}

  @Test(arguments: [[], [InterventionSettings(kind: .lowRank, start: 3)], [.init(kind: .muon)]])
  func `a run that is stopped anywhere goes on to the same bytes`(
    interventions: [InterventionSettings]
  ) throws {
    try TrainingFixtures.withFolder { folder in
      var recipe = try TrainingFixtures.tiny(in: folder)
      recipe.interventions = interventions
      _ = try Trainer(recipe, lanes: .single).run()
      let whole = try TrainingFixtures.files(recipe.output)
      recipe.output = folder + "/stopped"
      let corpus = try TrainingCorpus(recipe.data, length: recipe.batch.length)
      let start = try StartingPoint(recipe, vocabulary: corpus.vocabulary)
      // A fresh process for every update; what was done after the last save is lost each time.
      var done = -1
      while done < recipe.steps {
        var run = try TrainedRun(recipe, corpus, start, lanes: Lanes(width: 2))
        done = try run.begin()
        let isNew = run.isNew
        if !isNew, done < recipe.steps { _ = try run.update() }
        if run.isCheckpoint {
          _ = try run.validate()
          try run.writeCheckpoint()
        }
        try run.keep()
        // Lost: an update that is not kept, and a log that is ahead of the state.
        if run.step < recipe.steps {
          var lost = run
          _ = try lost.update()
        }
        done = run.step
      }
      let again = try TrainingFixtures.files(recipe.output)
      #expect(Set(again.keys) == Set(whole.keys))
      for (path, bytes) in whole { #expect(again[path] == bytes, "\(path)") }
    }
  }

  @Test func `a finished run is reused, and trained anew where a checkpoint was removed`() throws {
    try TrainingFixtures.withFolder { folder in
      let recipe = try TrainingFixtures.tiny(in: folder)
      let first = try Trainer(recipe, lanes: .single).run()
      #expect(first.updates == 12)
      let second = try Trainer(recipe, lanes: .single).run()
      #expect(second.updates == 0)
      #expect(second.validationLoss == first.validationLoss)
      let files = try TrainingFixtures.files(recipe.output)
      try FileManager.default.removeItem(atPath: recipe.output + "/step4")
      #expect(try Trainer(recipe, lanes: .single).run().updates == 12)
      #expect(try TrainingFixtures.files(recipe.output) == files)
    }
  }

  @Test func `a folder of another recipe is left alone, with what differs`() throws {
    try TrainingFixtures.withFolder { folder in
      var recipe = try TrainingFixtures.tiny(in: folder)
      _ = try Trainer(recipe, lanes: .single).run()
      recipe.seed = 5
      #expect(
        throws: TrainingError.otherRecipe(folder: recipe.output, difference: "now seed: 5")
      ) { try Trainer(recipe, lanes: .single).run() }
    }
  }

  @Test func `a damaged state is told and not trained over`() throws {
    try TrainingFixtures.withFolder { folder in
      let recipe = try TrainingFixtures.tiny(in: folder)
      _ = try Trainer(recipe, lanes: .single).run()
      let path = recipe.output + "/" + StateFile.name
      let bytes = try FileReader(path).readAll()
      try DurableWrite.write(Array(bytes.prefix(bytes.count / 2)), to: path)
      #expect { try Trainer(recipe, lanes: .single).run() } throws: { error in
        guard case TrainingError.state(let file, _) = error else { return false }
        return file == path
      }
    }
  }

  @Test func `the number of threads changes no byte`() throws {
    try TrainingFixtures.withFolder { folder in
      var recipe = try TrainingFixtures.tiny(in: folder, steps: 4)
      recipe.batch = .init(sequences: 80, length: 16)
      _ = try Trainer(recipe, lanes: .single).run()
      let one = try TrainingFixtures.files(recipe.output)
      recipe.output = folder + "/three"
      _ = try Trainer(recipe, lanes: Lanes(width: 3)).run()
      #expect(try TrainingFixtures.files(recipe.output) == one)
    }
  }
}
