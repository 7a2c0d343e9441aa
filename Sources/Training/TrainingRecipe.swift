/// A training run as `training.yaml` describes it, every default filled in.
package struct TrainingRecipe: Sendable, Equatable {
  /// Where the weights begin.
  package enum Model: Sendable, Equatable {
    /// GPT-NeoX from scratch.
    case new(Shape)
    /// The weights of a checkpoint of GPT-NeoX; absolute.
    case checkpoint(folder: String)
  }

  package struct Shape: Sendable, Equatable {
    package var layers: Int
    /// d.
    package var hiddenSize: Int
    /// H, a divisor of d.
    package var heads: Int
    /// `nil`: 4 d.
    package var intermediateSize: Int?
    /// Entries of the embedding; `nil`: as many as the tokenizer has.
    package var vocabulary: Int?
    /// Longest sequence; `nil`: the batch's length.
    package var context: Int?
    /// The share of each head's features that is turned.
    package var rotaryShare = 0.25

    package init(layers: Int, hiddenSize: Int, heads: Int) {
      self.layers = layers
      self.hiddenSize = hiddenSize
      self.heads = heads
    }
  }

  package struct Data: Sendable, Equatable {
    package enum Source: Sendable, Equatable {
      /// A UTF-8 text; absolute.
      case text(path: String, Tokens)
      /// Token ids, [n] or [n, L]; absolute.
      case tokens(path: String)
    }

    package enum Tokens: Sendable, Equatable {
      /// A tokenizer.json; absolute.
      case tokenizer(path: String)
      /// Byte-level BPE of so many entries, trained on the text.
      case trained(vocabulary: Int)
    }

    /// What is held out for the validation loss.
    package enum Validation: Sendable, Equatable {
      /// This share of the windows, evenly spaced.
      case share(Double)
      /// Another text or array of tokens; absolute.
      case file(String)
    }

    package enum Order: String, Sendable, CaseIterable {
      /// Each epoch in an order of its own, drawn with the seed.
      case shuffled
      case sequential
    }

    package var source: Source
    package var validation = Validation.share(0.05)
    package var order = Order.shuffled

    package init(source: Source) { self.source = source }
  }

  package struct Batch: Sendable, Equatable {
    /// Sequences of one pass.
    package var sequences: Int
    /// Tokens of a sequence.
    package var length: Int
    /// Passes of one update.
    package var accumulate = 1

    package init(sequences: Int, length: Int, accumulate: Int = 1) {
      self.sequences = sequences
      self.length = length
      self.accumulate = accumulate
    }

    /// Tokens of one update.
    package var tokens: Int { sequences * length * accumulate }
  }

  package struct Optimiser: Sendable, Equatable {
    /// At the end of the warm-up.
    package var learningRate = 1e-3
    /// β₁ and β₂.
    package var betas = [0.9, 0.95]
    package var epsilon = 1e-8
    /// Of matrices alone, times the learning rate (decoupled).
    package var weightDecay = 0.1
    /// The largest norm of all gradients together; 0: not clipped.
    package var clip = 1.0

    package init() {}
  }

  package struct Schedule: Sendable, Equatable {
    /// Updates of the linear warm-up.
    package var warmup = 0
    /// The last learning rate as a share of the largest.
    package var finalShare = 0.1

    package init() {}
  }

  package struct Checkpoints: Sendable, Equatable {
    /// 0, 1, 2, 4 … below `every`.
    package var logSpaced = true
    /// Then every so many steps.
    package var every: Int
    /// These steps as well.
    package var steps: [Int] = []

    package init(every: Int) { self.every = every }
  }

  package var name: String
  package var model: Model
  package var data: Data
  package var batch: Batch
  package var optimiser = Optimiser()
  package var schedule = Schedule()
  /// Updates.
  package var steps: Int
  /// Fixes the initialisation and the order of the data.
  package var seed: UInt64 = 0
  package var checkpoints: Checkpoints
  /// Updates between two lines of the log.
  package var logEvery = 10
  package var interventions: [InterventionSettings] = []
  /// Where the checkpoints go; absolute.
  package var output: String

  package init(
    name: String, model: Model, data: Data, batch: Batch, steps: Int, checkpoints: Checkpoints,
    output: String
  ) {
    self.name = name
    self.model = model
    self.data = data
    self.batch = batch
    self.steps = steps
    self.checkpoints = checkpoints
    self.output = output
  }
}

extension TrainingRecipe {
  /// The steps at which a checkpoint is written, ascending; 0 and the last among them.
  package var checkpointSteps: [Int] {
    var found: Set<Int> = [0, steps]
    if checkpoints.logSpaced {
      var step = 1
      while step < min(checkpoints.every, steps) {
        found.insert(step)
        step *= 2
      }
    }
    found.formUnion(stride(from: 0, through: steps, by: checkpoints.every))
    found.formUnion(checkpoints.steps.filter { $0 <= steps })
    return found.sorted()
  }

  /// The learning rate of the update that follows `step` updates: linear warm-up, then a cosine down to
  /// `finalShare` of the largest (Loshchilov & Hutter 2017).
  package func learningRate(after step: Int) -> Double {
    let peak = optimiser.learningRate
    if step < schedule.warmup { return peak * Double(step + 1) / Double(schedule.warmup) }
    let progress = Double(step - schedule.warmup) / Double(max(1, steps - schedule.warmup))
    let share = schedule.finalShare
    return peak * (share + (1 - share) * 0.5 * (1 + cosine(.pi * progress)))
  }
}
