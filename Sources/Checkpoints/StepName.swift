/// Names of folders and revisions that training programs give to a step.
///
/// `step1000` (Pythia), `step_1000` (Pico), `checkpoint-1000` (Hugging Face Trainer),
/// `global_step1000` (GPT-NeoX, DeepSpeed), `step1000-tokens4B` and `stage1-step1000-tokens4B` (OLMo).
package enum StepName {
  private static let prefixes = [
    "step", "step_", "step-", "checkpoint-", "checkpoint_", "global_step", "global_step_",
  ]
  /// Names that say the tokens seen as well.
  private static let withTokens = [
    "step{step}-tokens{tokens}B", "stage*-step{step}-tokens{tokens}B",
  ]
  .compactMap(StepPattern.init)

  /// The step that `name` stands for; digits only, without leading zeros.
  package static func step(of name: String) -> Int? { match(name)?.step }

  /// Step of `name`, and the tokens seen where it says so; by `pattern` alone where there is one.
  package static func match(
    _ name: String, pattern: StepPattern? = nil
  ) -> (step: Int, tokens: Double?)? {
    if let pattern { return pattern.match(name) }
    for prefix in prefixes where name.hasPrefix(prefix) {
      if let step = number(name.dropFirst(prefix.count)) { return (step, nil) }
    }
    return withTokens.lazy.compactMap { $0.match(name) }.first
  }

  private static func number(_ digits: Substring) -> Int? {
    guard !digits.isEmpty, digits.utf8.count <= 18,
      digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), digits == "0" || digits.first != "0"
    else { return nil }
    return Int(digits)
  }
}
