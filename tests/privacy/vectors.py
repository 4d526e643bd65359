#!/usr/bin/env python3
"""The constructions of the key vault, written a second time, in another language, from docs/format.md alone.

    vectors.py write > vectors.txt     makes the vectors; the same every time
    vectors.py check < vectors.txt     computes every line anew, and exits with 1 if one differs

A line is a construction's name and its fields. Numbers are decimal, everything else is hexadecimal. The last field is what
comes out; all others go in.
"""

import hashlib
import hmac
import struct
import sys

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NUMBERS = {"epoch", "index", "seq", "flags", "kind", "type_hash", "revision", "number", "len", "padded"}
BOX_INFO = [b"varve/box/v1", b"varve/state/v1", b"varve/row/v1"]


# Parts.

def hkdf(key, salt, info, length=32):
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info).derive(key)


def mac(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


def checksum(data):
    return hashlib.sha256(data).digest()[:8]


def u16(n):
    return struct.pack("<H", n)


def u32(n):
    return struct.pack("<I", n)


def u64(n):
    return struct.pack("<Q", n)


# Constructions: each takes a line's fields and gives its last one.

def master(key):
    return hkdf(key, None, b"varve/v1/master-kid", 16)


def root(master_key, vault, epoch, nonce, secret, index_secret):
    """A root record that is in use: a sector."""
    kid = master(master_key)
    key = hkdf(master_key, vault, b"varve/v1/root-wrap")
    wrapped = AESGCM(key).encrypt(nonce, secret + index_secret, b"varve/root/v1" + vault + u32(epoch) + kid)
    sector = (bytes([1, 1, 0, 0]) + u32(epoch) + kid + nonce + wrapped).ljust(504, b"\0")
    return sector + checksum(sector)


def tag(index_secret, subject, purpose):
    return mac(index_secret, subject + b"\x1f" + purpose)[:16]


def subject_tag(index_secret, subject):
    return mac(index_secret, subject)[:12]


def slot_of(state, flags, epoch, seq, owner, key_id, body, owner_subject):
    slot = bytes([state, 1]) + u16(flags) + u32(epoch) + u64(seq) + owner + key_id + body + owner_subject
    assert len(slot) == 120
    return slot + checksum(slot)


def slot(secret, vault, index, epoch, flags, seq, index_secret, subject, purpose, key_id, nonce, data_key):
    """A live slot."""
    owner = tag(index_secret, subject, purpose)
    aad = b"varve/slot/v1" + vault + u32(index) + owner + key_id + u32(epoch)
    wrapped = AESGCM(hkdf(secret, vault, b"varve/v1/slot-wrap")).encrypt(nonce, data_key, aad)
    return slot_of(0xA1, flags, epoch, seq, owner, key_id, nonce + wrapped, subject_tag(index_secret, subject))


def tombstone(epoch, flags, seq, index_secret, subject, purpose, key_id):
    """What a slot is after its key was erased. No purpose: the whole subject."""
    body = bytes([len(subject)]) + subject + bytes([len(purpose)]) + purpose
    body = body.ljust(60, b"\0") if len(body) <= 60 else bytes(60)
    owner = tag(index_secret, subject, purpose)
    return slot_of(0xE5, flags, epoch, seq, owner, key_id, body, subject_tag(index_secret, subject))


def enrolment(flags, seq, index_secret, subject, purpose):
    owner = tag(index_secret, subject, purpose)
    return slot_of(0xB7, flags, 0, seq, owner, bytes(16), bytes(60), subject_tag(index_secret, subject))


def blind(index_secret, field, value):
    return mac(hkdf(index_secret, None, b"varve/ix/v1" + field), value)[:16]


def padding(len):
    """How long this many plain bytes are when they are padded."""
    n = len + 1
    step = 32
    if n > 256:
        power = 1
        while power < n:
            power *= 2
        step = max(32, power // 16)
    return -(-n // step) * step


def box(kind, data_key, key_id, salt, id, type_hash, revision, number, plain):
    prefix = bytes([1, 1, 1, kind]) + key_id
    okm = hkdf(data_key, salt, BOX_INFO[kind] + prefix, 48)
    padded = (plain + b"\x80").ljust(padding(len(plain)), b"\0")
    aad = prefix + id + u64(type_hash) + u16(revision) + bytes([number])
    return prefix + salt + okm[32:] + AESGCM(okm[:32]).encrypt(bytes(12), padded, aad)


CONSTRUCTIONS = {
    "master": (master, "kid"),
    "root": (root, "sector"),
    "tag": (tag, "tag"),
    "subject_tag": (subject_tag, "subject_tag"),
    "slot": (slot, "slot"),
    "tombstone": (tombstone, "slot"),
    "enrolment": (enrolment, "slot"),
    "blind": (blind, "blind"),
    "padding": (padding, "padded"),
    "box": (box, "box"),
}


# Lines.

def text_of(name, value):
    return str(value) if name in NUMBERS else value.hex()


def value_of(name, text):
    return int(text) if name in NUMBERS else bytes.fromhex(text)


def line_of(construction, **given):
    compute, result = CONSTRUCTIONS[construction]
    fields = {**given, result: compute(**given)}
    return " ".join([construction] + [f"{name}={text_of(name, value)}" for name, value in fields.items()])


def check(lines):
    seen, wrong = set(), 0
    for number, line in enumerate(lines, 1):
        construction, *fields = line.split(" ")
        if not line.strip() or line.startswith("#"):
            continue
        fields = [field.strip().split("=", 1) for field in fields]
        fields = {name: value_of(name, text) for name, text in fields}
        compute, result = CONSTRUCTIONS[construction]
        found = fields.pop(result)
        expected = compute(**fields)
        seen.add(construction)
        if found != expected:
            wrong += 1
            print(f"line {number}: {construction}: {result} is {text_of(result, found)}, "
                  f"and should be {text_of(result, expected)}")
    missing = set(CONSTRUCTIONS) - seen
    if missing:
        print(f"no line of: {', '.join(sorted(missing))}")
    return 1 if wrong or missing else 0


def write():
    def secret(name, length=32):
        """Bytes that look random and are the same every time."""
        return hashlib.sha512(b"varve vectors: " + name.encode()).digest()[:length]

    def subject(kind, key_kind, key):
        return kind + b"\x1f" + bytes([key_kind]) + key

    people = [
        subject(b"person", 1, struct.pack(">Q", 4711)),
        subject(b"patient", 2, secret("a uuid", 16)),
        subject(b"customer", 3, "Brno.7".encode()),
    ]
    vault = secret("vault", 16)
    long = b"purpose-that-is-so-long-that-the-tombstone-cannot-name-it"
    yield "# Made by vectors.py; read by the tests of the vault."
    for name in ["first", "second"]:
        yield line_of("master", key=secret(name))
    for epoch, name in [(1, "first"), (4_000_000_000, "second")]:
        yield line_of("root", master_key=secret(name), vault=vault, epoch=epoch, nonce=secret(f"nonce {epoch}", 12),
                      secret=secret(f"root {epoch}"), index_secret=secret("index"))
    yield line_of("root", master_key=secret("first"), vault=vault, epoch=2, nonce=secret("nonce 2", 12),
                  secret=bytes(32), index_secret=secret("index"))  # the root is held elsewhere
    for person in people:
        yield line_of("subject_tag", index_secret=secret("index"), subject=person)
        for purpose in [b"", b"general", b"billing"]:
            yield line_of("tag", index_secret=secret("index"), subject=person, purpose=purpose)
    for index, person in enumerate(people):
        yield line_of("slot", secret=secret("root 1"), vault=vault, index=index * 70_000, epoch=1, flags=index % 2,
                      seq=2 ** (20 * index), index_secret=secret("index"), subject=person, purpose=b"general",
                      key_id=secret(f"key id {index}", 16), nonce=secret(f"slot nonce {index}", 12),
                      data_key=secret(f"data key {index}"))
        for flags, purpose in [(0, b"billing"), (2, b""), (0, long)]:
            yield line_of("tombstone", epoch=0, flags=flags, seq=index + 9, index_secret=secret("index"),
                          subject=person, purpose=purpose, key_id=secret(f"key id {index}", 16))
        yield line_of("enrolment", flags=2, seq=77, index_secret=secret("index"), subject=person, purpose=b"")
    for field, value in [(b"registered.email", b"ada@example.org"), (b"registered.email", b""), (b"x", bytes(200))]:
        yield line_of("blind", index_secret=secret("index"), field=field, value=value)
    for length in [0, 1, 30, 31, 32, 63, 254, 255, 256, 287, 511, 512, 1000, 1023, 1024, 4095, 4096, 65_535, 1 << 20]:
        yield line_of("padding", len=length)
    for kind in range(3):
        for length in [0, 1, 31, 32, 255, 256, 600]:
            name = f"box {kind} {length}"
            yield line_of("box", kind=kind, data_key=secret(name), key_id=secret(name + "key", 16),
                          salt=secret(name + "salt", 24), id=secret(name + "id", 16),
                          type_hash=int.from_bytes(secret(name + "type", 8), "little"), revision=kind * 300,
                          number=length % 256, plain=(secret(name + "plain", 64) * 10)[:length])


if __name__ == "__main__":
    if sys.argv[1:] == ["write"]:
        print("\n".join(write()))
    elif sys.argv[1:] == ["check"]:
        sys.exit(check(sys.stdin))
    else:
        sys.exit(__doc__)
