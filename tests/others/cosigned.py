"""Checks a checkpoint's signature and a witness's cosignature (C2SP signed-note, tlog-cosignature) with none of our code.

Standard input: the note. Arguments: the log's verifier key and the witness's. Prints origin, size and time, or ends with 1.
"""

import base64
import hashlib
import struct
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def read_key(text, kind):
    name, key_id, encoded = text.split("+", 2)
    typed = base64.b64decode(encoded, validate=True)
    if typed[0] != kind or len(typed) != 33:
        raise ValueError("another type of key")
    if hashlib.sha256(name.encode() + b"\n" + typed).digest()[:4].hex() != key_id:
        raise ValueError("the key's id is not its own")
    return name, bytes.fromhex(key_id), Ed25519PublicKey.from_public_bytes(typed[1:])


def main():
    text, lines = sys.stdin.buffer.read().decode().rsplit("\n\n", 1)
    text += "\n"
    signatures = {}
    for line in lines.splitlines():
        dash, name, encoded = line.split(" ")
        if dash != "\u2014":
            raise ValueError("not a signature line")
        signed = base64.b64decode(encoded, validate=True)
        signatures[name, signed[:4]] = signed[4:]
    name, key_id, log = read_key(sys.argv[1], 0x01)
    log.verify(signatures[name, key_id], text.encode())
    name, key_id, witness = read_key(sys.argv[2], 0x04)
    cosigned = signatures[name, key_id]
    (time,) = struct.unpack(">Q", cosigned[:8])
    witness.verify(cosigned[8:], f"cosignature/v1\ntime {time}\n{text}".encode())
    origin, size = text.splitlines()[:2]
    print(origin, size, time)


try:
    main()
except (InvalidSignature, KeyError, ValueError) as fault:
    print(f"not verified: {fault!r}", file=sys.stderr)
    sys.exit(1)
