"""Known answers for the content tree (docs/specs/content.md): its definition in Python, by hashlib.

    python3 vectors/content/make.py

Writes content.json beside this file. Byte i of every blob is (i * 167 + i // 256) mod 256, so that
no two neighbouring leaves are equal.
"""

import hashlib
import json
import os

SIZES = [0, 1, 255, 256, 257, 511, 512, 513, 65536, 65537, 1_000_000]


def sha256(data):
    return hashlib.sha256(data).digest()


def leaf(index, data):
    return sha256(b"nonet leaf\0" + index.to_bytes(4, "big") + data)


def node(left, right):
    return sha256(b"nonet node\0" + left + right)


def root(hashes):
    """RFC 6962, section 2.1, with our hashes."""
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while 2 * k < len(hashes):
        k *= 2
    return node(root(hashes[:k]), root(hashes[k:]))


def path(index, hashes):
    """RFC 6962, section 2.1.1."""
    if len(hashes) == 1:
        return []
    k = 1
    while 2 * k < len(hashes):
        k *= 2
    if index < k:
        return path(index, hashes[:k]) + [root(hashes[k:])]
    return path(index - k, hashes[k:]) + [root(hashes[:k])]


def case(length):
    blob = bytes((i * 167 + i // 256) % 256 for i in range(length))
    cut = [blob[i : i + 256] for i in range(0, length, 256)] or [b""]
    leaves = [leaf(i, data) for i, data in enumerate(cut)]
    groups = [leaves[i : i + 256] for i in range(0, len(leaves), 256)]
    shown = sorted({0, len(leaves) // 2, len(leaves) - 1})
    return {
        "length": length,
        "address": "0x" + sha256(b"nonet blob\0" + length.to_bytes(8, "big") + root(leaves)).hex(),
        "outline": "0x" + b"".join(root(group) for group in groups).hex(),
        "paths": {str(i): ["0x" + hash.hex() for hash in path(i, leaves)] for i in shown},
    }


with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "content.json"), "w") as file:
    json.dump([case(length) for length in SIZES], file, indent=1)
    file.write("\n")
