"""
Packs the operator test cases that the wheel of `onnx` 1.22.0 (the newest one that carries them; PyPI, Apache-2.0) publishes under
onnx/backend/test/data/node into vectors/onnx/nodeCases.bin.gz:

    pip download --no-deps --only-binary :all: onnx==1.22.0
    python bench/peers/packOnnxCases.py onnx-1.22.0-*.whl

Layout, gzipped: length of the index (4 bytes, little-endian), the index (JSON), the blobs one after another. Index:
    {"version", "cases": [{"name", "model": BLOB, "sets": [{"inputs": [BLOB], "outputs": [BLOB]}]}], "blobs": [LENGTH]}
BLOB is a position in "blobs"; equal files are one blob. Cases above LARGEST bytes keep their model only: {"omitted": BYTES}.
"""
import collections
import gzip
import json
import pathlib
import re
import sys
import zipfile

LARGEST = 400_000
FOLDER = "onnx/backend/test/data/node/"

wheel = zipfile.ZipFile(sys.argv[1])
version = re.search(r"onnx-([\d.]+)-", pathlib.Path(sys.argv[1]).name).group(1)
files = collections.defaultdict(dict)
for path in wheel.namelist():
    if path.startswith(FOLDER) and not path.endswith("/"):
        case, name = path.removeprefix(FOLDER).split("/", 1)
        files[case][name] = path

blobs: list[bytes] = []
known: dict[bytes, int] = {}


def blob(path: str) -> int:
    content = wheel.read(path)
    if content not in known:
        known[content] = len(blobs)
        blobs.append(content)
    return known[content]


def data_sets(names: dict[str, str]) -> list[dict[str, list[int]]]:
    sets = collections.defaultdict(lambda: {"inputs": {}, "outputs": {}})
    for name, path in names.items():
        if match := re.fullmatch(r"test_data_set_(\d+)/(input|output)_(\d+)\.pb", name):
            number, side, position = match.groups()
            sets[int(number)][side + "s"][int(position)] = path
    return [
        {side: [blob(path) for _, path in sorted(paths.items())] for side, paths in sides.items()}
        for _, sides in sorted(sets.items())
    ]


cases = []
for case, names in sorted(files.items()):
    size = sum(wheel.getinfo(path).file_size for path in names.values())
    entry = {"name": case, "model": blob(names["model.onnx"])}
    cases.append(entry | ({"omitted": size} if size > LARGEST else {"sets": data_sets(names)}))

index = json.dumps({"version": version, "cases": cases, "blobs": [len(b) for b in blobs]}, separators=(",", ":")).encode()
target = pathlib.Path(__file__).parents[2] / "vectors/onnx/nodeCases.bin.gz"
target.write_bytes(gzip.compress(len(index).to_bytes(4, "little") + index + b"".join(blobs), 9, mtime=0))
print(f"{len(cases)} cases, {sum('omitted' in c for c in cases)} without data, {len(blobs)} blobs, {target.stat().st_size} bytes")
