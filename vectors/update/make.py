"""Known answers for update messages (docs/specs/update.md 1): the layout in Python, signatures by eth-account.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install eth-account==0.14.0
    /tmp/venv/bin/python vectors/update/make.py

Writes messages.json beside this file. The content tree is that of vectors/content/make.py, written again.
"""

import hashlib
import json
import os
import struct

from eth_account import Account
from eth_account.messages import encode_typed_data

KEY = bytes([7] * 32)
DOMAIN = {"chainId": 31337, "verifyingContract": "0x" + "11" * 20}


def sha256(data):
    return hashlib.sha256(data).digest()


def root(hashes):
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while 2 * k < len(hashes):
        k *= 2
    return sha256(b"nonet node\0" + root(hashes[:k]) + root(hashes[k:]))


def address(blob):
    cut = [blob[i : i + 256] for i in range(0, len(blob), 256)] or [b""]
    leaves = [sha256(b"nonet leaf\0" + i.to_bytes(4, "big") + data) for i, data in enumerate(cut)]
    return sha256(b"nonet blob\0" + len(blob).to_bytes(8, "big") + root(leaves))


def sign(job, step, participant, body):
    typed = {
        "primaryType": "Update",
        "types": {
            "EIP712Domain": [
                {"name": "name", "type": "string"},
                {"name": "version", "type": "string"},
                {"name": "chainId", "type": "uint256"},
                {"name": "verifyingContract", "type": "address"},
            ],
            "Update": [
                {"name": "job", "type": "bytes32"},
                {"name": "step", "type": "uint256"},
                {"name": "participant", "type": "uint256"},
                {"name": "body", "type": "bytes32"},
            ],
        },
        "domain": {"name": "Nonet", "version": "1", **DOMAIN},
        "message": {"job": job, "step": step, "participant": participant, "body": body},
    }
    return bytes(Account.sign_message(encode_typed_data(full_message=typed), KEY).signature)


def case(step, participant, entries):
    job, model, dataset, salt = (sha256(name) for name in (b"job", b"model", b"dataset", b"salt"))
    head = (
        b"nonet update\0\0\0\1"
        + job
        + step.to_bytes(4, "big")
        + participant.to_bytes(4, "big")
        + model
        + dataset
        + salt
    )
    data = struct.pack("<%di" % len(entries), *entries)
    body = address(head + bytes(65) + bytes(39) + data)
    message = head + sign(job, step, participant, body) + bytes(39) + data
    return {
        "account": Account.from_key(KEY).address.lower(),
        "job": "0x" + job.hex(),
        "step": step,
        "participant": participant,
        "model": "0x" + model.hex(),
        "dataset": "0x" + dataset.hex(),
        "salt": "0x" + salt.hex(),
        "entries": entries,
        "body": "0x" + body.hex(),
        "message": "0x" + message.hex(),
        "address": "0x" + address(message).hex(),
    }


CASES = [
    case(0, 0, [1, -2, 2**23, -(2**23)]),
    case(65_534, 4_294_967_295, [(i * 2654435761) % 2**24 - 2**23 for i in range(65)]),
]

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "messages.json"), "w") as file:
    json.dump(CASES, file, indent=1)
    file.write("\n")
