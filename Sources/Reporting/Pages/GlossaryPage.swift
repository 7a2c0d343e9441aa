import Markup
import Publishing

/// The words of the report, and what they must not be taken for.
struct GlossaryPage {
  let context: PageContext

  func page() -> SitePage {
    var body = PageBody()
    body.lede("What the words mean, and what they must not be taken for.")
    body.section("Reading the numbers", id: "reading", short: "Reading")
    body.definitions([
      (
        "CKA against cosine",
        "The cosine of two activations changes when one of them is rotated; CKA does not. Networks are free to rotate what they represent, so CKA asks whether the sequences lie in the same arrangement, not whether single numbers agree."
      ),
      (
        "Debiased CKA below 0",
        "Unrelated activations give 0 on average, so some values fall below it. A negative value says that nothing is shared, not that something is reversed."
      ),
      (
        "Why not biased CKA",
        "With fewer sequences than dimensions the biased value of unrelated activations tends to 1 as the width grows. A wide model then looks converged from the start."
      ),
      (
        "An effective rank far below the nominal one",
        "Few directions carry most of the matrix. It does not mean that the other directions can be cut: they may still matter to single tokens."
      ),
      (
        "Raw ranks across sizes",
        "A larger matrix has a larger effective rank even if it is random. Across sizes compare PER, and beside it PER over its expectation for random matrices of the same shape."
      ),
      (
        "Settled",
        "A layer's CKA stays at 0.9 or more to the end. It is a statement about the grid of checkpoints and the threshold, so the share is shown over all thresholds too."
      ),
      (
        "At the end everything is 1",
        "The final checkpoint is compared with itself. It is drawn as an open circle and enters no statistic."
      ),
    ])
    body.section("Words", id: "words")
    body.definitions([
      (
        "Alarm",
        "Something that makes a reading doubtful: a flat curve, a rank that rises, a value that is missing."
      ),
      (
        "Area",
        "The mean height of a layer's CKA curve over training: 1 would be final from the start."
      ),
      (
        "Cell",
        "One estimate of a claim: a component (MLP, OV) with an object (weights, gradients) or a measure. A claim is decided by several."
      ),
      ("Chance, 95\u{202F}%", "What re-paired sequences score at most in 95 of 100 draws."),
      ("Checkpoint, step", "The weights after so many optimiser updates."),
      (
        "Descriptive",
        "An interval over layers, which are no independent draws: it decides nothing."
      ),
      (
        "Given depth",
        "After relative depth, the layer's place between first and last, is taken out of both sides."
      ),
      (
        "Inconclusive",
        "The 95\u{202F}% interval holds 0, q is above .05, or the cells of the claim do not agree."
      ),
      ("Late window", "The checkpoints after the first hundredth of training."),
      (
        "Monotonicity, instability",
        "Instability is the sum of a curve's decreases; monotonicity is 1 less their share of all its changes."
      ),
      (
        "OV",
        "The product of a head's output and value projection: what it writes of what it reads."
      ),
      (
        "PER",
        "Proportional effective rank: effective rank over the largest that the matrix could have."
      ),
      ("Probe", "The fixed sequences on which all checkpoints are compared."),
      (
        "p and q",
        "p: how often chance alone gives so much. q: p adjusted for all tests of its family (Benjamini and Hochberg). Beside a share of settled layers q is the threshold of CKA."
      ),
      (
        "Seed ceiling",
        "The CKA of two seeds' final checkpoints: a layer at 0.9 of itself may be as close as two seeds ever get."
      ),
      (
        "Shared window",
        "The checkpoints that all runs have. Trends over sizes are read there, so that no run gains by a finer grid."
      ),
      (
        "Size, seed",
        "Runs of one group with equal parameters are seeds of one size and are averaged; a trend over sizes has one point a size."
      ),
      (
        "Weak",
        "A contradiction that one opposite cell makes and chance among several cells explains: with the error shared among them none would contradict."
      ),
    ])
    return SitePage(
      path: context.map.glossary, title: "Glossary",
      description: "CKA against cosine, low effective rank, ranks across sizes.",
      section: "Reference", parents: [context.map.overview], body: body)
  }
}
