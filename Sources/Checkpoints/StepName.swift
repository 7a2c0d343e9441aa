/// Names of folders and revisions that training programs give to a step.
///
/// `step1000` (Pythia), `step_1000` (Pico), `checkpoint-1000` (Hugging Face Trainer),
/// `global_step1000` (GPT-NeoX, DeepSpeed), `step1000-tokens4B` and `stage1-step1000-tokens4B` (OLMo).
package enum StepName {
  private static let prefixes = [
    "step", "step_", "step-", "checkpoint-", "checkpoint_", "global_step", "global_step_",
  ]

  /// The step that `name` stands for; digits only, without leading zeros.
  package static func step(of name: String) -> Int? {
    for prefix in prefixes where name.hasPrefix(prefix) {
      if let step = number(name.dropFirst(prefix.count)) { return step }
    }
    let parts = name.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2 || parts.count == 3, let tokens = parts.last,
      tokens.hasPrefix("tokens"), tokens.hasSuffix("B"),
      parts.count == 2 || parts[0].hasPrefix("stage")
    else { return nil }
    let step = parts[parts.count - 2]
    return step.hasPrefix("step") ? number(step.dropFirst(4)) : nil
  }

  private static func number(_ digits: Substring) -> Int? {
    guard !digits.isEmpty, digits.utf8.count <= 18,
      digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), digits == "0" || digits.first != "0"
    else { return nil }
    return Int(digits)
  }
}
