#!/usr/bin/env python3
"""Lists every message of the program in docs/messages.md, read from the sources.

    scripts/messages.py            writes the list anew
    scripts/messages.py --check    tells what in it is not as the sources have it, and ends with exit code 1

A message is a string of the sources that is a sentence: a capital or a value first, a full stop last. What a value stands
for is told by its name in the code. The sentence itself says the cause, and behind its last colon or semicolon the remedy.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LIST = ROOT / "docs/messages.md"
# Texts of --help and of the report, and what is written into files.
LEFT_OUT = {"RunOptions.cs", "HelpText.cs", "FlagTranslator.cs", "ViewerScripts.cs", "MrcHeader.cs"}
# For programmers, who find them in the sources.
INTERNAL = ("ArgumentException", "ArgumentOutOfRangeException", "InvalidOperationException", "ArgumentNullException", "UnreachableException")
REMEDIES = (
    "give use make choose leave check start add name crop bin move set run ask look try put write take see compare fit let "
    "turn build install link correct place report raise shift multiply resample export fetch mirror split allow bring pack "
    "keep compute wait"
).split()
# Where the sentence says what is so, and not what to do.
REMEDY_OF = {
    "FFTW has no plan": "Please report it with the size of the map.",
    "The library FFTW 3": "Install FFTW 3 in single and double precision (Debian: libfftw3-single3 libfftw3-double3).",
    "The library that ‹library variable›": "Correct the variable, or leave it out.",
    "‹implementation variable› is": "Correct the variable, or leave it out.",
    "‹name› is neither Open MPI": "Name a library of Open MPI 4 or 5, MPICH, Intel MPI or MS-MPI.",
    "The header of ‹path› gives its extended header": "Nothing, if the map looks right in a viewer; else export it again.",
    "The header of ‹path› has an origin": "Check in a viewer that map and model lie on each other.",
    "The machine stamp of": "Nothing: the map is read as it was meant.",
    "The map ‹path› has ‹count›": "Nothing, if the file is not of several maps; else give one map.",
    "The map ‹path› cannot be read": "Check the disk, and that the file is whole.",
    "The ‹what› ‹path› cannot be read": "Check the disk, and that the file is whole.",
    "The model file ‹path› cannot be read": "Check the disk, and that the file is whole.",
    "The ‹kind› ‹path› cannot be written": "Make room on the disk, or choose another folder.",
    "The mask ‹path› holds bytes below 0": "Nothing.",
    "‹name› seems to be": "Give the raw map, neither filtered nor sharpened nor masked: of RELION the half maps with _unfil in their names, of cryoSPARC map_half_A and map_half_B.",
    "‹where› has": "Nothing, if it is few atoms; else check the model file.",
    "‹outside› of the": "Check that the model was fitted into this map; copies beyond the box may be meant.",
    "‹map name› does not obey point group": "The next warning tells what it obeys; correct -sym, or leave it out.",
    "It obeys no rotation": "Check the group, and that the particle is centred.",
    "‹model name› and ‹map name› correlate": "Look at model and map in a viewer; correct what does not fit.",
    "No checkpoint is kept": "Nothing, unless the run is long; else choose a folder that can be written to with -o.",
    "No copy of the model along the helix": "Check --helical_rise and --helical_axis.",
    "No signs of life from rank": "Open TCP ports between the nodes, or go on without.",
    "Rank 0 has given no sign of life": "See the log of its node; give more time with --silence where the node is slow.",
    "The ranks have not heard": "See the logs of the nodes, and whether MPI works between them; give more time with --silence where they are slow.",
    "‹peer› has": "See the log of its node, and whether its memory was enough (--dry_run tells); then start the same command again, which goes on.",
    "The end of the checkpoint": "Nothing: what is damaged is computed again.",
    "They are taken voxel by voxel": "Nothing, if the maps lie on each other voxel by voxel; else resample one onto the other.",
    "The last cycles led away": "Nothing.",
    "The map hardly tells the level": "Nothing for the sharpened map; do not quote the mean B of the refined model.",
    "The map is low-pass filtered": "Give the unfiltered half maps.",
    "‹at upper limit› of": "Check the fit of the model and the mask; B-factors at a limit say that atoms are not in density.",
    "‹tied count› of": "Nothing.",
    "‹unseen› of": "Nothing, if these atoms are meant to be there.",
    "‹limit›": "Check the fit of the model, or keep its B-factors with --skip_refine.",
    "‹end of map›": "Give the unfiltered map, or keep the B-factors of the model with --skip_refine.",
    "The example needs": "Name one folder: locscale-mpi example FOLDER.",
    "No reference is given": "Give a model with -mc or a model map with -mm.",
    "The half maps ‹first name› and ‹second name› differ": "Give the two independent half maps of the reconstruction.",
    "--set_local_bfactor needs": "Give a B-factor in Å².",
    "The header of ‹path› gives an impossible size": "Export the map again.",
    "‹path› is binary": "Give a PDB or mmCIF file.",
    "The reference is not completed": "Give the raw half maps, or the resolution with -res.",
    "The solvent of ‹path› lies at": "Nothing: the map is used without the offset.",
    "A box of ‹size› voxels needs": "Start fewer ranks on a host, use a machine or ask for a job with more memory, or crop or bin the maps.",
}
# Told by exceptions of other kinds, or put together elsewhere.
REFUSED = (
    "No map is given", "The launcher started", "Rank", "The ranks have not heard", "‹to upper", "‹path› is a pipe or device", "The map ‹path› is truncated",
    "No atom of ‹source file› lies in the box", "The B-factor ‹b factor› does", "‹end of map›", "‹peer›",
)
HEAD = """# Messages

What the program says where it does not do as asked, and what it warns of. Refusals end with exit code 2 before any work
that would be lost, and begin with `locscale-mpi: `; warnings begin with `Warning: ` and do not stop a run. Words in ‹› stand
for values. The list is made of the sources by `scripts/messages.py`; a test compares them.
"""


def strings(source):
    """The string literals of C# source, each with the code between it and the one before; interpolations become ‹name›."""
    at, before = 0, 0
    while at < len(source):
        if source.startswith("//", at):
            at = source.find("\n", at) if "\n" in source[at:] else len(source)
        elif source[at] == "'":
            at += 4 if source[at + 1] == "\\" else 3
        elif match := re.compile(r'\$*@?"').match(source, at):
            dollars = match.group().count("$")
            code = source[before:at]
            at = match.end()
            quotes = 1
            while source.startswith('"', at) and source.startswith('""', at):
                quotes, at = quotes + 2, at + 2
            if quotes == 1 and source.startswith('"', at):
                at, text = at + 1, ""
            else:
                text, at = body(source, at, '"' * quotes, dollars)
            before = at
            yield code, text
        else:
            at += 1


def body(source, at, end, dollars):
    text = ""
    while not source.startswith(end, at):
        if dollars and source.startswith("{" * dollars, at) and not (dollars == 1 and source.startswith("{{", at)):
            start = at = at + dollars
            depth = 0
            while depth or not source.startswith("}" * dollars, at):
                if source[at] == '"':
                    at = source.index('"', at + 1)
                depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(source[at], 0)
                at += 1
            text += "‹" + word(source[start:at]) + "›"
            at += dollars
        elif source[at] == "\\" and len(end) == 1:
            text += source[at + 1]
            at += 2
        elif dollars == 1 and source[at : at + 2] in ("{{", "}}"):
            text, at = text + source[at], at + 2
        else:
            text, at = text + source[at], at + 1
    return text, at + len(end)


def word(expression):
    """A word for a value: the last name of the expression, in lower case."""
    expression = re.sub(r'".*?"', "", expression.split(":")[0] if "?" not in expression else expression)
    names = re.findall(r"[A-Za-z_][A-Za-z0-9_]*", expression)
    names = [name for name in names if name not in ("Of", "Name", "ToString", "Value", "Join", "string", "options", "Length", "Count", "Select", "Text")]
    name = names[-1] if names else "…"
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).replace("_", " ").lower()


def messages():
    found = {}
    for path in sorted((ROOT / "src").rglob("*.cs")):
        if path.name in LEFT_OUT or {"obj", "bin", "LocScale.Report"} & set(path.parts):
            continue
        statement, pieces = "", []
        for code, text in [*strings(path.read_text(encoding="utf-8")), (";", "")]:
            joined = code.strip() == "+"
            if pieces and not joined:
                keep(found, path, statement, "".join(pieces))
                pieces = []
            if not joined:
                statement = (statement + code)[-4000:]
                statement = re.split(r"[;{}]\s*\n", statement)[-1]
            pieces.append(text)
    return found


def keep(found, path, statement, text):
    text = " ".join(text.split())
    if not re.match(r"[A-Z‹'-]", text) or not text.endswith(".") or text.count(" ") < 4:
        return
    if any(name + "(" in statement for name in INTERNAL) or "HelpText" in statement or "Option(" in statement:
        return
    kind = "Refusals" if "InputException(" in statement or "Refusal" in statement or text.startswith(REFUSED) or "src/LocScale.Interop" in path.as_posix() else "Warnings and notices"
    found.setdefault((kind, path.relative_to(ROOT / "src").parts[0]), {}).setdefault(text, None)


def halves(text):
    """Cause and remedy: split at the last colon or semicolon that an instruction follows."""
    for match in reversed(list(re.finditer(r"[:;] ", text))):
        rest = text[match.end() :]
        if rest.split()[0].strip(",'").lower() in REMEDIES:
            return text[: match.start()] + ".", rest[0].upper() + rest[1:]
    for match in re.finditer(r"\. (?=Check|Give|Add)", text):
        return text[: match.end() - 1], text[match.end() :]
    return text, next((remedy for start, remedy in REMEDY_OF.items() if text.startswith(start)), "")


def document():
    lines = [HEAD]
    found = messages()
    for kind in ("Refusals", "Warnings and notices"):
        lines.append(f"## {kind}\n")
        lines.append("| cause | remedy |\n| --- | --- |")
        for key in sorted(found):
            if key[0] == kind:
                for text in sorted(found[key]):
                    cause, remedy = (part.replace("|", "\\|") for part in halves(text))
                    lines.append(f"| {cause} | {remedy} |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def main():
    made = document()
    if sys.argv[1:] != ["--check"]:
        LIST.write_text(made, encoding="utf-8")
        return 0
    there = LIST.read_text(encoding="utf-8").splitlines() if LIST.exists() else []
    wanted = made.splitlines()
    missing = [line for line in wanted if line not in there]
    gone = [line for line in there if line not in wanted]
    for line in missing:
        print(f"docs/messages.md lacks: {line}")
    for line in gone:
        print(f"The sources no longer have: {line}")
    if missing or gone:
        print("Run scripts/messages.py.")
    return 1 if missing or gone else 0


if __name__ == "__main__":
    sys.exit(main())
