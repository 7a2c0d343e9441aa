import Checkpoints
import Testing

@Suite struct StepPatternTests {
  @Test func stepAndTokensAreRead() throws {
    let olmo = try #require(StepPattern("stage1-step{step}-tokens{tokens}B"))
    let found = try #require(olmo.match("stage1-step1000-tokens4B"))
    #expect(found.step == 1000)
    #expect(found.tokens == 4e9)
    #expect(olmo.match("stage2-step1000-tokens4B") == nil)
    #expect(StepPattern("iter_{step}")?.match("iter_0001000")?.step == 1000)
    #expect(StepPattern("*-{step}.ckpt")?.match("a-b-12.ckpt")?.step == 12)
    #expect(StepPattern("{step}")?.match("77")?.step == 77)
    #expect(StepPattern("t{tokens}M-{step}")?.match("t1.5M-3")?.tokens == 1.5e6)
    #expect(StepName.match("step1000-tokens4B")?.tokens == 4e9)
  }

  @Test(arguments: [
    "", "step", "{step}{step}", "{Step}", "{step}{tokens}{tokens}", "{", "*{step}*a*b*c*",
  ])
  func whatIsNoPatternIsRefused(_ text: String) { #expect(StepPattern(text) == nil) }

  @Test(arguments: ["", "iter_", "iter_x", "iter_1x", "iter_99999999999999999999", "aiter_1"])
  func otherNamesDoNotMatch(_ name: String) throws {
    #expect(try #require(StepPattern("iter_{step}")).match(name) == nil)
  }
}
