#!/usr/bin/env python3
"""Compiles a study's figures in a paper with pdflatex and reads their widths back from the PDF.

    scripts/latex-checks.py TEND STUDY.yaml

TEND is the command, STUDY.yaml a study that has been run. Two table studies are made beside it in a temporary folder:
one with TeX's own characters and letters beyond its fonts in the names of study, author and runs; one of twelve runs,
whose figures are as high as they come.
Needs pdflatex and bibtex (Debian: texlive-latex-base). Exit codes: 0 all is well; 1 a finding, printed; 77 no LaTeX.
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

# venue: class options, geometry as its style has it, and column and text width in 1/72 in.
VENUES = {
    "acl": ("11pt,a4paper,twocolumn", "margin=2.5cm,columnsep=0.6cm", 7.7 * 72 / 2.54, 16 * 72 / 2.54),
    "icml": ("10pt,letterpaper,twocolumn", "textwidth=6.75in,textheight=9in,columnsep=0.25in", 234, 486),
    "neurips": ("10pt,letterpaper", "textwidth=5.5in,textheight=9in", 396, 396),
    "nature": ("10pt,a4paper", "textwidth=183mm,textheight=247mm", 8.9 * 72 / 2.54, 18.3 * 72 / 2.54),
    "8.5cm": ("10pt,a4paper", "margin=2cm", 8.5 * 72 / 2.54, 8.5 * 72 / 2.54),
}
HOSTILE = ["50% _a_ & #1 ą÷þ", "$x^2$ {y} ~z", "a\\input{b}", "Größe Łódź đ", "層 ρ≤1", "-dash, \"quoted\"",
           # Every character that figures can write: punctuation and signs, Greek.
           "¡¢£¥¦§¨©ª«¬®¯°±²³´µ¶·¸¹º»¼½¾¿×÷ƒȘșȚțẞ‐‑–—‖‘’‚“”„†‡•…‰′″‹›⁰⁴⁵⁶⁷⁸⁹⁺⁻₀₁₂₃₄₅₆₇₈₉₊₋€ℓ№←↑→↓∂∆∏∑−√∞∫≈≠≤≥",
           "ΆΈΉΊΌΎΏΐΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΪΫάέήίΰαβγδεζηθικλμνξοπρςστυφχψωϊϋόύώ"]


def hostile_study(folder):
    """A table study whose names are TeX's own characters and letters beyond its fonts."""
    runs, rows = [], ["run,step,layer,head,component,object,metric,variant,rows,probe,value,lower,upper,n"]
    for place, name in enumerate(HOSTILE):
        cell = "'" + name if name[0] in "=+-@" else name
        cell = '"' + cell.replace('"', '""') + '"'
        if "\\" not in name:  # which a table may hold and study.yaml may not
            runs.append("  - {name: '%s', parameters: %d}" % (name.replace("'", "''"), 10 ** 6 << place))
        for step in (0, 1, 8, 64, 512, 1000):
            for layer in range(4):
                value = 1 if step == 1000 else 1 - 0.9 * 0.99 ** (step * (place + 1) / (layer + 1))
                for metric in ("cka", "cka_debiased"):
                    rows.append(f"{cell},{step},{layer},,mlp,activations,{metric},default,last,p_%&,{value},,,64")
                rows.append(f"{cell},{step},{layer},,mlp,weights,per,default,,,{0.9 - 0.1 * value},,,")
    (folder / "table.csv").write_text("\n".join(rows) + "\n")
    (folder / "study.yaml").write_text(
        "name: hostile_names\ntitle: '100% of $\\alpha_1$ & #2 {braces} ~ ^ \\ 層'\n"
        "authors: ['Ödön von Horváth & Sons', 'A_B {C}', '" + " ".join(map(chr, range(0xC0, 0x180))) + "']\n"
        "measurements: table.csv\nruns:\n" + "\n".join(runs) + "\n")
    return folder / "study.yaml"


def crowded_study(folder):
    """Twelve runs of sixty characters, several with more layers than a figure has lines for."""
    runs, rows = [], ["run,step,layer,head,component,object,metric,variant,rows,probe,value,lower,upper,n"]
    for place in range(12):
        name = f"the-{place:02d}-run-of-a-crowded-study-whose-names-have-sixty-characters"[:60]
        runs.append(f"  - {{name: {name}, parameters: {10 ** 6 << place}, group: ladder}}")
        for step in (0, 1, 8, 64, 512, 1000):
            for layer in range(4 + place):
                value = 1 if step == 1000 else 1 - 0.9 * 0.99 ** (step * (place + 1) / (layer + 1))
                for component in ("mlp", "ov", "attention", "residual"):
                    for metric in ("cka", "cka_debiased"):
                        rows.append(f"{name},{step},{layer},,{component},activations,{metric},default,last,p,{value},{value - .02},{value + .02},64")
                for matrix in ("mlp", "ov"):
                    for kind in ("weights", "gradients"):
                        rank = 0.9 - 0.1 * value - 0.01 * ((layer * 7 + place) % 5)
                        rows.append(f"{name},{step},{layer},,{matrix},{kind},per,default,,{'p' * (kind == 'gradients')},{rank},,,")
    (folder / "table.csv").write_text("\n".join(rows) + "\n")
    (folder / "study.yaml").write_text("name: crowded\nmeasurements: table.csv\nruns:\n" + "\n".join(runs) + "\n")
    return folder / "study.yaml"


def paper(venue, folder, work):
    """Compiles all figures of a folder in a paper of the venue's geometry; returns the findings."""
    options, geometry, column, text = VENUES[venue]
    pages = sorted(folder.glob("*.pdf"))
    tex = (folder / "figures.tex").read_text()
    findings = []
    included = re.findall(r"\\includegraphics\[[^\n]*\]\{([^}]*)\}", tex)
    missing = [name for name in included if not (folder / name).is_file()]
    if missing:
        findings.append(f"{venue}: figures.tex includes {missing[0]}, which is not there")
    labels = re.findall(r"\\label\{([^}]*)\}", tex)
    if len(labels) != len(set(labels)) or len(labels) != len(included) or not labels:
        findings.append(f"{venue}: {len(included)} figures with {len(set(labels))} labels")
    # Floats are flushed before TeX runs out of them.
    tex = re.sub(r"(\\end\{figure\*?\})", r"\1\n\\clearpage", tex)
    (work / "figures.tex").write_text(tex)
    shutil.copy(folder / "references.bib", work / "references.bib")
    for page in pages:
        shutil.copy(page, work / page.name)
    (work / "paper.tex").write_text(
        "\\pdfcompresslevel=0 \\pdfobjcompresslevel=0\n"
        f"\\documentclass[{options}]{{article}}\n\\usepackage[{geometry}]{{geometry}}\n\\usepackage{{graphicx}}\n"
        "\\usepackage{url}\n\\begin{document}\n"
        "\\typeout{COLUMN \\the\\columnwidth}\\typeout{TEXT \\the\\textwidth}\n"
        "\\nocite{*}\n\\input{figures}\n"
        + "".join(f"See figure~\\ref{{{label}}}.\n" for label in labels)
        + "\\bibliographystyle{plain}\\bibliography{references}\n\\end{document}\n")
    for command in (["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper"], ["bibtex", "paper"],
                    ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper"],
                    ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper"]):
        done = subprocess.run(command, cwd=work, capture_output=True, text=True, errors="replace")
        if done.returncode != 0:
            lines = [line for line in done.stdout.splitlines() if line.startswith(("!", "l.", "I "))] or [done.stdout[-300:]]
            return findings + [f"{venue}: {' '.join(command[:1])} failed: {' '.join(lines[:4])}"]
    log = (work / "paper.log").read_text(errors="replace").replace("\n", "")
    for warning in ("Overfull \\hbox", "undefined references", "Citation", "Float too large"):
        if warning in log:
            where = log.index(warning)
            findings.append(f"{venue}: {log[where:where + 110]}")
    # TeX's point is 1/72.27 in.
    for name, width in (("COLUMN", column), ("TEXT", text)):
        if "twocolumn" not in options and venue != "neurips":
            continue
        found = float(re.search(name + r" ([0-9.]+)pt", log).group(1)) / 72.27 * 72
        if abs(found - width) > 0.02:
            findings.append(f"{venue}: the style's {name.lower()} is {found:.2f} bp wide, the table says {width:.2f}")
    # Each included page is a form of exactly one of the two widths.
    data = (work / "paper.pdf").read_bytes()
    boxes = [float(box) for box in re.findall(rb"/Subtype\s*/Form.*?/BBox\s*\[\s*0 0 ([0-9.]+) [0-9.]+", data, re.S)]
    if len(boxes) != len(included):
        findings.append(f"{venue}: {len(included)} figures were included, the PDF holds {len(boxes)}")
    wrong = [box for box in boxes if min(abs(box - column), abs(box - text)) > 0.02]
    if wrong:
        findings.append(f"{venue}: a figure is {wrong[0]} bp wide, neither {column:.2f} nor {text:.2f}")
    print(f"{venue}: {len(boxes)} figures in a paper, widths {sorted(set(round(b, 2) for b in boxes))} bp")
    return findings


def main():
    if not (shutil.which("pdflatex") and shutil.which("bibtex")):
        print("skipped: no pdflatex (Debian: texlive-latex-base; scripts/setup --latex)")
        return 77
    tend, study = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    findings = []
    with tempfile.TemporaryDirectory() as temporary:
        temporary = pathlib.Path(temporary)
        for name in ("hostile", "crowded"):
            (temporary / name).mkdir()
        # Each figure and its caption stand on one page, else TeX says that a float is too large for it.
        hostile, crowded = hostile_study(temporary / "hostile"), crowded_study(temporary / "crowded")
        for source, venues in ((study, list(VENUES)), (hostile, ["acl", "neurips"]), (crowded, ["acl", "icml", "8.5cm"])):
            options = [part for venue in venues for part in ("--for", venue)]
            done = subprocess.run([str(tend), "figures", str(source), "--quiet", *options], capture_output=True, text=True)
            if done.returncode != 0:
                findings.append(f"tend figures {source.name}: {done.stderr.strip()[-300:]}")
                continue
            for venue in venues:
                work = temporary / f"{source.parent.name}-{venue}"
                work.mkdir()
                findings += paper(venue, source.parent / "figures" / venue, work)
    for finding in findings:
        print(finding)
    return 1 if findings else 0


sys.exit(main())
