#!/usr/bin/env python3
# Makes vectors.h: what keys.c must compute, computed by other means (Python's
# integers, hashlib and hmac; the primes from RFC 3526's formula).  Run by hand
# when a row is added; the result is committed.
import hashlib
import hmac
import struct

HASHES = {"md5": "md5", "sha1": "sha1", "sha2-256": "sha256",
          "sha2-384": "sha384", "sha2-512": "sha512"}
CIPHERS = {"aes-256": (32, 16), "aes-192": (24, 16), "aes-128": (16, 16),
           "3des": (24, 8), "des": (8, 8)}
# bits and the constant of 2^n - 2^(n-64) - 1 + 2^64 * ([2^(n-130) pi] + c)
GROUPS = {"modp768": (768, 149686), "modp1024": (1024, 129093),
          "modp1536": (1536, 741804), "modp2048": (2048, 124476),
          "modp3072": (3072, 1690314), "modp4096": (4096, 240904),
          "modp6144": (6144, 929484), "modp8192": (8192, 4743158)}
CASES = [("des", "md5", "modp768"), ("des", "sha1", "modp1024"),
         ("3des", "sha1", "modp1024"), ("3des", "md5", "modp1536"),
         ("aes-128", "md5", "modp1024"), ("aes-128", "sha1", "modp2048"),
         ("aes-192", "sha1", "modp2048"), ("aes-256", "md5", "modp3072"),
         ("aes-256", "sha1", "modp2048"), ("aes-256", "sha2-256", "modp2048"),
         ("aes-192", "sha2-384", "modp4096"),
         ("aes-256", "sha2-512", "modp6144"),
         ("aes-128", "sha2-256", "modp8192")]


def pi_floor(bits):
    one = 1 << (bits + 64)

    def atan_inverse(x):
        term = one // x
        total, n, sign = term, 3, -1
        while term:
            term //= x * x
            total += sign * (term // n)
            n, sign = n + 2, -sign
        return total
    return (4 * (4 * atan_inverse(5) - atan_inverse(239))) >> 64


def prime(group):
    n, c = GROUPS[group]
    return 2**n - 2**(n - 64) - 1 + 2**64 * (pi_floor(n - 130) + c)


def stretch(prf, key, length):
    block, out = prf(key, b"\0"), b""
    while len(out) < length:
        out += block
        block = prf(key, block)
    return out[:length]


def case(number, cipher, hash_, group):
    name = HASHES[hash_]
    keylen, block = CIPHERS[cipher]

    def prf(key, data):
        return hmac.new(key, data, name).digest()

    def h(data):
        return hashlib.new(name, data).digest()

    def fill(label, n):
        seed = ("%s %d" % (label, number)).encode()
        return hashlib.shake_256(seed).digest(n)
    p = prime(group)
    size = GROUPS[group][0] // 8
    xi = int.from_bytes(fill("xi", 28), "big")
    xr = int.from_bytes(fill("xr", 28), "big")
    gxi = pow(2, xi, p)
    # every other case has a shared secret that begins with a zero octet
    while number % 2 == 0 and pow(gxi, xr, p) >> (8 * (size - 1)):
        xr += 1
    gxi, gxr, gxy = (v.to_bytes(size, "big") for v in
                     (gxi, pow(2, xr, p), pow(gxi, xr, p)))
    psk, ni, nr = fill("psk", 8 + 13 * number), fill("ni", 20), fill("nr", 32)
    cky_i, cky_r = fill("i", 8), fill("r", 8)
    sai, idii, idir = fill("sai", 90), fill("idii", 15), fill("idir", 8)
    msgid, spi = fill("msgid", 4), fill("spi", 4)
    rest, gqm = fill("rest", 77), gxy
    skeyid = prf(psk, ni + nr)
    tail = gxy + cky_i + cky_r
    d = prf(skeyid, tail + b"\0")
    a = prf(skeyid, d + tail + b"\1")
    e = prf(skeyid, a + tail + b"\2")
    key = e[:keylen] if keylen <= len(e) else stretch(prf, e, keylen)
    iv = h(gxi + gxr)[:block]

    def keymat(secret):
        seed = secret + b"\3" + spi + ni + nr
        out, k = b"", b""
        while len(out) < 96:
            k = prf(d, k + seed)
            out += k
        return out[:96]
    return [cipher, hash_, group] + [v.hex() for v in (
        fill("xi", 28), xr.to_bytes(28, "big"), psk, ni, nr, cky_i, cky_r,
        sai, idii, idir, msgid, spi, rest,
        hashlib.sha256(gxi).digest(), hashlib.sha256(gxr).digest(),
        hashlib.sha256(gxy).digest(), d, a, e, key, iv,
        prf(skeyid, gxi + gxr + cky_i + cky_r + sai + idii),
        prf(skeyid, gxr + gxi + cky_r + cky_i + sai + idir),
        h(iv + msgid)[:block], prf(a, msgid + rest), prf(a, msgid + ni + rest),
        prf(a, b"\0" + msgid + ni + nr), keymat(b""), keymat(gqm))]


FIELDS = ("cipher hash group xi xr psk ni nr cky_i cky_r sai idii idir msgid "
          "spi rest gxi gxr gxy skeyid_d skeyid_a skeyid_e key iv hash_i "
          "hash_r iv2 hash1 hash2 hash3 keymat keymat_pfs").split()

print("/* Made by vectors.py; gxi, gxr and gxy are SHA-256 sums. */")
print("static const struct vector {")
for field in FIELDS:
    print("\tconst char *%s;" % field)
print("} vectors[] = {")
for i, (c, hs, g) in enumerate(CASES):
    print("\t{")
    for field, value in zip(FIELDS, case(i, c, hs, g)):
        print("\t    .%s =" % field)
        for at in range(0, len(value), 64):
            print('\t\t"%s"%s' % (value[at:at + 64],
                                  "," if at + 64 >= len(value) else ""))
    print("\t},")
print("};")
