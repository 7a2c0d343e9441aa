#!/usr/bin/env python3
"""Looks at the files of a study's figures from outside.

    scripts/figure-checks.py FOLDER...

FOLDER holds figures (figures/, or one of a venue's below it). Of every PDF: fonts embedded, subset and mapped to Unicode,
none of Type 3; one page; under 60 KB; Title and Subject set. Of every SVG: under 200 KB, no script, no style, nothing from
outside, no id of another file. Of every PNG: the outermost pixels are background, 2x is twice as large. Of every data.js:
one global, every row with a place in each drawing. Exit codes: 0 all is well; 1 a finding, printed; 77 no pdffonts.
"""
import json
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import zlib


def png(path):
    """Width, height and rows of three bytes a pixel of a true-colour PNG whose rows have no filter."""
    data = path.read_bytes()
    at, packed, size = 8, b"", (0, 0)
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + length]
        if zlib.crc32(kind + body) != struct.unpack(">I", data[at + 8 + length:at + 12 + length])[0]:
            raise ValueError("checksum")
        if kind == b"IHDR":
            size = struct.unpack(">II", body[:8])
            if body[8:] != bytes([8, 2, 0, 0, 0]):
                raise ValueError("form")
        packed += body if kind == b"IDAT" else b""
        at += 12 + length
    raw, row = zlib.decompress(packed), 1 + 3 * size[0]
    rows = [raw[y * row:(y + 1) * row] for y in range(size[1])]
    if len(raw) != row * size[1] or any(line[0] for line in rows):
        raise ValueError("rows")
    return size[0], size[1], [line[1:] for line in rows]


def check_pdf(path):
    fonts = subprocess.run(["pdffonts", path], capture_output=True, text=True).stdout.splitlines()[2:]
    info = subprocess.run(["pdfinfo", path], capture_output=True, text=True).stdout
    if not fonts:
        yield "no text"
    for line in fonts:
        # Columns from the right: object (two), unicode, subset, embedded.
        if "Type 3" in line or line.split()[-5:-2] != ["yes", "yes", "yes"]:
            yield "font: " + line
    if not re.search(r"^Pages:\s+1$", info, re.M):
        yield "more than one page"
    for field in ("Title", "Subject"):
        if not re.search(rf"^{field}:\s+\S", info, re.M):
            yield f"no {field}"
    if path.stat().st_size >= 60_000:
        yield f"{path.stat().st_size} bytes"


def check_svg(path, owners):
    text = path.read_text()
    if len(text.encode()) >= 200_000:
        yield f"{len(text)} bytes"
    for bad in ("<script", "<style", "style=", "<image", "foreignObject"):
        if bad in text:
            yield "holds " + bad
    if re.search(r'(?:href|src)="(?!#)', text):
        yield "refers to something outside"
    if 'aria-label="' not in text or 'aria-label=""' in text:
        yield "no alternative text"
    for name in re.findall(r'\sid="([^"]*)"', text):
        if owners.setdefault(name, path.name) != path.name:
            yield f"shares the id {name} with {owners[name]}"


def check_png(path):
    width, height, rows = png(path)
    edge = {rows[0][3 * x:3 * x + 3] for x in range(width)} | {rows[-1][3 * x:3 * x + 3] for x in range(width)}
    for line in rows:
        edge |= {line[:3], line[-3:]}
    if len(edge) != 1:
        yield "something touches the edge"
    if len(set(zlib.crc32(line) for line in rows)) < 3:
        yield "is empty"
    twice = path.with_name(path.stem + "@2x.png")
    if twice.exists() and "@" not in path.name:
        other = struct.unpack(">II", twice.read_bytes()[16:24])
        if not (2 * width - 1 <= other[0] <= 2 * width and 2 * height - 1 <= other[1] <= 2 * height):
            yield f"{width} x {height}, but {other[0]} x {other[1]} at 2x"


def check_points(path):
    text = path.read_text()
    form = re.fullmatch(
        r'\(window\.tendPoints=window\.tendPoints\|\|\{\}\)\[("[^"]*")\]=\{\ncolumns:(\[.*?\]),\nrows:(\[.*?\]),\nvariants:'
        r"\{(.*)\}\};\n", text, re.S)
    if not form:
        yield "does not assign one global"
        return
    identity = path.name.removesuffix(".data.js")
    columns, rows = json.loads(form.group(2)), json.loads(form.group(3))
    if json.loads(form.group(1)) != identity:
        yield "assigns another figure"
    if any(len(row) != len(columns) for row in rows):
        yield "rows and columns differ"
    csv = path.with_name(identity + ".csv").read_text()
    if csv.split("\n")[0] != ",".join(columns):
        yield "other columns than the CSV"
    widths = []
    for variant in re.finditer(r"(\d+):(\[.*?\])(?=,\n\d+:|$)", form.group(4), re.S):
        width, points = int(variant.group(1)), json.loads(variant.group(2))
        widths.append(width)
        if not points:
            yield f"no places at {width}"
        if any(not (0 <= p[0] < len(rows) and 0 <= p[2] <= width and p[4] >= 0 and p[5] >= 0) for p in points):
            yield f"a place outside the drawing at {width}"
    if widths != [960, 680, 320]:
        yield f"drawings {widths}"


def main():
    if not (shutil.which("pdffonts") and shutil.which("pdfinfo")):
        print("skipped: no pdffonts (Debian: poppler-utils)")
        return 77
    findings, seen, owners = [], 0, {}
    for folder in map(pathlib.Path, sys.argv[1:]):
        files = sorted(path for path in folder.iterdir() if path.is_file())
        if not any(path.suffix == ".pdf" for path in files):
            findings.append(f"{folder}: holds no PDF")
        for path in files:
            check = {".pdf": check_pdf, ".svg": lambda p: check_svg(p, owners), ".png": check_png}.get(path.suffix)
            if path.name.endswith(".data.js"):
                check = check_points
            if check:
                seen += 1
                findings += [f"{path}: {finding}" for finding in check(path)]
    for finding in findings:
        print(finding)
    print(f"{seen} files of figures read, {len(findings)} findings")
    return 1 if findings else 0


sys.exit(main())
