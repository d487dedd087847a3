"""Writes the files beside it with NumPy, PyArrow and Pillow, and expected.json: what those tools read from them.

pip install numpy==2.4.6 pyarrow==26.0.1 pillow==13.0.0 && python make.py
"""

import json
import pathlib

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
from PIL import Image

here = pathlib.Path(__file__).parent
expected = {}

# NPY: every element type that is read, both byte orders, the three versions of the header.
values = [0, 1, 2, 100, 127, 3]
arrays = {}
for descriptor in ["|b1", "|u1", "|i1", "<u2", ">u2", "<i2", "<u4", "<i4", ">i4", "<u8", "<i8", "<f2", "<f4", ">f4", "<f8"]:
    array = np.array(values).astype(descriptor)
    if descriptor[1] in "if":
        array[1] = -1
    if descriptor[1] == "f":
        array[2] = 0.1
    arrays[descriptor] = array.reshape(3, 2)
for descriptor, array in arrays.items():
    name = f"{descriptor[1:]}{'.big' if descriptor[0] == '>' else ''}.npy"
    np.save(here / name, array)
    expected[name] = array.astype("f8").tolist()
for version in [(2, 0), (3, 0)]:
    with open(here / f"version{version[0]}.npy", "wb") as file:
        np.lib.format.write_array(file, np.arange(4, dtype="<f4").reshape(2, 2), version=version)
with open(here / "fortran.npy", "wb") as file:
    np.save(file, np.asfortranarray(np.arange(6.0).reshape(2, 3)))
np.save(here / "texts.npy", np.array(["a", "b"]))
np.save(here / "objects.npy", np.array([{}, None], dtype=object), allow_pickle=True)

# NPZ: features and labels, stored and deflated.
x = (np.arange(24, dtype="<f4") / 8).reshape(4, 2, 3)
y = np.array([0, 2, 1, 2], dtype="<i8")
np.savez(here / "stored.npz", x=x, y=y)
np.savez_compressed(here / "deflated.npz", x=x, y=y)
expected["npz"] = {"x": x.tolist(), "y": y.tolist()}

# Parquet: one table under each compression, in row groups of two rows.
table = pa.table(
    {
        "height": pa.array([1.5, 2.25, None, 4.0, 0.1], pa.float64()),
        "count": pa.array([1, 2, 3, 4, 2**53 + 1], pa.int64()),
        "narrow": pa.array([0.1, 0.2, 0.3, 0.4, 0.5], pa.float32()),
        "colour": pa.array(["red", "blue", "red", None, "blue"]),
        "flag": pa.array([True, False, True, False, None]),
        "day": pa.array([0, 1, 2, 3, 4], pa.date32()),
        "kind": pa.array(["cat", "dog", "dog", "cat", "dog"]).dictionary_encode(),
    }
)
for compression in ["none", "snappy", "gzip", "brotli", "zstd", "lz4"]:
    pq.write_table(table, here / f"{compression}.parquet", compression=compression, row_group_size=2)
pq.write_table(pa.table({"a": [[1, 2], [3]], "b": [1, 2]}), here / "nested.parquet")
pq.write_table(pa.table({"a": [1.0, float("nan")], "kind": ["x", "y"]}), here / "nan.parquet")

cancer = pa.csv.read_csv(here / "../../examples/cancer.csv")
pq.write_table(cancer, here / "cancer.parquet", compression="zstd", row_group_size=100)

# Images of 5 x 3 pixels: every colour type of PNG that Pillow writes, and JPEG.
ramp = (np.arange(45, dtype="u1") * 5).reshape(3, 5, 3)
rgb = Image.fromarray(ramp, "RGB")
alpha = Image.fromarray(np.concatenate([ramp, (np.arange(15, dtype="u1") * 17).reshape(3, 5, 1)], 2), "RGBA")
images = {
    "rgb.png": rgb,
    "grey.png": Image.fromarray(ramp[:, :, 0].copy(), "L"),
    "rgba.png": alpha,
    "palette.png": rgb.quantize(8, dither=Image.Dither.NONE),
    "bits.png": Image.fromarray(ramp[:, :, 0] > 100),
    "grey16.png": Image.fromarray((ramp[:, :, 0].astype("u2") * 257)),
    "baseline.jpg": rgb,
    "progressive.jpg": rgb,
}
for name, image in images.items():
    options = {"progressive": name.startswith("progressive"), "quality": 95} if name.endswith("jpg") else {}
    image.save(here / name, **options)
    read = Image.open(here / name)
    if name == "grey16.png":
        read = Image.fromarray((np.asarray(read) >> 8).astype("u1"))
    if name == "rgba.png":
        white = Image.new("RGBA", read.size, (255, 255, 255, 255))
        read = Image.alpha_composite(white, read)
    expected[name] = np.asarray(read.convert("RGB")).transpose(2, 0, 1).ravel().tolist()

(here / "expected.json").write_text(json.dumps(expected) + "\n")
