import Markup
import Publishing

/// How to cite the report, the paper behind its questions and the tool.
struct CitePage {
  let context: PageContext

  static let paper = """
    @inproceedings{diehl-martinez-etal-2024-tending,
      title = {Tending Towards Stability: Convergence Challenges in Small Language Models},
      author = {Diehl Martinez, Richard and Lesci, Pietro and Buttery, Paula},
      booktitle = {Findings of the Association for Computational Linguistics: EMNLP 2024},
      year = {2024},
      note = {arXiv:2410.11451}
    }

    """

  static let similarity = """
    @inproceedings{kornblith-etal-2019-similarity,
      title = {Similarity of Neural Network Representations Revisited},
      author = {Kornblith, Simon and Norouzi, Mohammad and Lee, Honglak and Hinton, Geoffrey},
      booktitle = {International Conference on Machine Learning},
      year = {2019}
    }

    """

  static let bias = """
    @article{murphy-etal-2024-correcting,
      title = {Correcting Biased Centered Kernel Alignment Measures in Biological and Artificial Neural Networks},
      author = {Murphy, Alex and Zylberberg, Joel and Fyshe, Alona},
      journal = {arXiv:2405.01012},
      year = {2024}
    }

    """

  static let rank = """
    @inproceedings{roy-vetterli-2007-effective,
      title = {The Effective Rank: A Measure of Effective Dimensionality},
      author = {Roy, Olivier and Vetterli, Martin},
      booktitle = {15th European Signal Processing Conference},
      year = {2007}
    }

    """

  static let tool = """
    @software{tend,
      title = {tend: how the layers of language models settle while they train},
      author = {{The authors of tend}}
    }

    """

  /// All entries: what `references.bib` holds.
  static func references(_ study: StudyView) -> String {
    [report(study), tool, paper, similarity, bias, rank].joined(separator: "\n")
  }

  /// The report itself as an entry; its names come from study.yaml and are made literal.
  static func report(_ study: StudyView) -> String {
    let description = study.input.study
    var fields = ["  title = {{\(TeX.escaped(description.title))}}"]
    if !description.authors.isEmpty {
      fields.append(
        "  author = {\(description.authors.map { "{\(TeX.escaped($0))}" }.joined(separator: " and "))}"
      )
    }
    fields.append("  note = {Report made with tend}")
    if let url = description.url, let safe = LinkDestination.safe(url) {
      fields.append("  howpublished = {\\url{\(TeX.address(safe))}}")
    }
    return "@misc{\(Slugs.slug(description.name)),\n\(fields.joined(separator: ",\n"))\n}\n"
  }

  /// `CITATION.cff` of the report.
  static func citationFile(_ study: StudyView) -> String {
    let description = study.input.study
    var text =
      "cff-version: 1.2.0\nmessage: If you use this report, please cite it.\ntype: dataset\n"
    text += "title: \(quoted(description.title))\n"
    if description.authors.isEmpty {
      text += "authors:\n  - name: \(quoted("The authors of " + description.name))\n"
    } else {
      text += "authors:\n"
      for author in description.authors { text += "  - name: \(quoted(author))\n" }
    }
    if let url = description.url, let safe = LinkDestination.safe(url) {
      text += "url: \(quoted(safe))\n"
    }
    return text
  }

  func page() throws -> SitePage {
    let study = context.study
    var body = PageBody()
    body.lede(
      "What to cite: the report for its numbers, the paper for its questions, the tool for the measuring."
    )
    body.section("This report", id: "report")
    body.code(Self.report(study), label: "BibTeX")
    body.downloads([
      Download("CITATION.cff", try SitePath("cite/CITATION.cff")),
      Download(
        "references.bib", try SitePath("cite/references.bib"), detail: "all entries of this page"),
    ])
    body.section("The paper whose questions it asks", id: "paper", short: "The paper")
    body.code(Self.paper, label: "BibTeX")
    body.section("The measures", id: "measures")
    body.code([Self.similarity, Self.bias, Self.rank].joined(separator: "\n"), label: "BibTeX")
    body.section("The tool", id: "tool")
    body.code(Self.tool, label: "BibTeX")
    return SitePage(
      path: context.map.cite, title: "Cite", description: "BibTeX and CITATION.cff.",
      section: "Reference", parents: [context.map.overview], body: body)
  }

  /// A double-quoted YAML scalar.
  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F: result += " "
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
