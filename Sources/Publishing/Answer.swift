package import Markup

/// A question of the study with its verdict, as the overview lists it.
package struct Answer: Sendable, Hashable {
  /// An effect with its verdict, beside the headline's.
  package struct Effect: Sendable, Hashable {
    /// What this effect alone would say; nil where it is the headline's own.
    package var verdict: Verdict.State?
    /// `+0.12 [−0.03, 0.28]`
    package var value: String
    /// What the number is: "slope of the share".
    package var unit: String
    package var strip: Strip?

    package init(verdict: Verdict.State? = nil, value: String, unit: String, strip: Strip? = nil) {
      self.verdict = verdict
      self.value = value
      self.unit = unit
      self.strip = strip
    }
  }

  package var id: String
  package var question: String
  package var page: SitePath
  package var note: HTML
  package var verdict: Verdict.State
  /// What is missing, or what the verdict stands on.
  package var why: String
  package var effect: Effect?

  package init(
    id: String, question: String, page: SitePath, note: HTML, verdict: Verdict.State,
    why: String = "", effect: Effect? = nil
  ) {
    self.id = id
    self.question = question
    self.page = page
    self.note = note
    self.verdict = verdict
    self.why = why
    self.effect = effect
  }

  static func list(_ answers: [Answer], effectHeading: String) -> HTML {
    var output: HTML = """
      <div class="heads" aria-hidden="true"><span></span><span>Question</span><span>Verdict</span>\
      <span>\(effectHeading)</span><span>against ← 0 → for</span></div>\n<ol class="answers">
      """
    for answer in answers { output += answer.row(effectHeading: effectHeading) }
    return output + "</ol>\n"
  }

  private func row(effectHeading: String) -> HTML {
    let why: HTML = why.isEmpty ? HTML() : "<div class=\"why\">\(why)</div>"
    var output: HTML = """
      <li><span class="id">\(id)</span><div class="q"><h3><a href="\(page)">\(question)</a></h3>\
      <p>\(note)</p></div><div class="ver">\(Verdict.mark(verdict))\(why)</div>
      """
    if let effect {
      let state: HTML = effect.verdict.map { Verdict.mark($0, provisional: true) } ?? HTML()
      output += """
        <div class="eff"><span class="hd">\(effectHeading): </span>\(state) \
        <span class="n">\(effect.value)</span> <span class="u">\(effect.unit)</span></div>
        """
      if let strip = effect.strip { output += "<div class=\"st\">\(strip.html)</div>" }
    }
    return output + "</li>\n"
  }
}
