#!/usr/bin/env python3
"""Makes ikev1.h beside it: key material of RFC 2409 computed from its text
with hashlib, hmac and integers alone, for the unit tests of ikerd's own.
Run it again after a change: python3 ikev1.py > ikev1.h"""
import hashlib
import hmac

HASHES = [("md5", "md5"), ("sha1", "sha1"), ("sha2_256", "sha256"),
          ("sha2_384", "sha384"), ("sha2_512", "sha512")]
CIPHERS = [("des", 8, 8), ("3des", 24, 8), ("aes_128", 16, 16),
           ("aes_192", 24, 16), ("aes_256", 32, 16)]
# RFC 2409 6 and RFC 3526: p = 2^n - 2^(n-64) - 1 + 2^64 ([2^(n-130) pi] + k)
PRIMES = [(768, 149686), (1024, 129093), (1536, 741804), (2048, 124476),
          (3072, 1690314), (4096, 240904), (6144, 929484), (8192, 4743158)]


def stream(label, n):
    """n bytes that look random and are the same each time."""
    out, i = b"", 0
    while len(out) < n:
        out += hashlib.sha256(b"%s %d" % (label.encode(), i)).digest()
        i += 1
    return out[:n]


def put(name, data):
    print("static const uint8_t %s[%d] = {" % (name, max(len(data), 1)))
    for i in range(0, len(data), 8):
        print("\t" + " ".join("0x%02x," % b for b in data[i:i + 8]))
    print("};")


def pi_floor(bits):
    """floor(2^bits * pi), Machin's formula with guard bits."""
    one = 1 << (bits + 64)

    def arctan(x):
        total = term = one // x
        n, sign = 3, -1
        while term:
            term //= x * x
            total += sign * (term // n)
            n, sign = n + 2, -sign
        return total
    return (4 * (4 * arctan(5) - arctan(239))) >> 64


def prime(n, k):
    return 2**n - 2**(n - 64) - 1 + 2**64 * (pi_floor(n - 130) + k)


def prf_of(digest):
    return lambda key, *parts: hmac.new(key, b"".join(parts), digest).digest()


def expand(prf, key, first, rest, n):
    out = k = prf(key, first)
    while len(out) < n:
        k = prf(key, k, rest)
        out += k
    return out[:n]


print("/* Made by ikev1.py: do not edit. */")
print("#ifndef REGRESS_UNIT_VECTORS_IKEV1_H")
print("#define REGRESS_UNIT_VECTORS_IKEV1_H")
print("\n#include <stdint.h>\n")
print("/* clang-format off */")

for n, k in PRIMES:
    put("v_modp%d" % n, prime(n, k).to_bytes(n // 8, "big"))

# g^xy of group 2 whose first byte is zero: a search over y for a fixed x
P = prime(1024, 129093)
x = int.from_bytes(stream("x", 28), "big")
gx = pow(2, x, P)
y = int.from_bytes(stream("y", 28), "big")
while pow(gx, y, P) >> 1016:
    y += 1
put("v_exp_i", x.to_bytes(28, "big"))
put("v_exp_r", y.to_bytes(28, "big"))
GXI, GXR, GXY = (v.to_bytes(128, "big")
                 for v in (gx, pow(2, y, P), pow(gx, y, P)))
assert GXY[0] == 0
CKY_I, CKY_R = stream("cookie i", 8), stream("cookie r", 8)
NI, NR = stream("nonce i", 20), stream("nonce r", 32)
PSK = b"group key of vpn3000"
SAI, IDI, IDR = stream("sa", 68), stream("id i", 11), stream("id r", 8)
REST = stream("rest", 77)
MID, SPI = 0xc1d2e3f4, 0x00a1b2c3
MIDB, SPIB = MID.to_bytes(4, "big"), SPI.to_bytes(4, "big")
for name, value in (("gxi", GXI), ("gxr", GXR), ("gxy", GXY),
                    ("cky_i", CKY_I), ("cky_r", CKY_R), ("ni", NI), ("nr", NR),
                    ("psk", PSK), ("sai", SAI), ("idi", IDI), ("idr", IDR),
                    ("rest", REST)):
    put("v_" + name, value)
print("#define V_MID 0x%08xU" % MID)
print("#define V_SPI 0x%08xU" % SPI)


def one_hash(name, digest):
    prf = prf_of(digest)
    v = {}
    for method, skeyid in (("psk", prf(PSK, NI, NR)),
                           ("sig", prf(NI + NR, GXY))):
        d = prf(skeyid, GXY, CKY_I, CKY_R, b"\0")
        a = prf(skeyid, d, GXY, CKY_I, CKY_R, b"\1")
        e = prf(skeyid, a, GXY, CKY_I, CKY_R, b"\2")
        for key, value in (("skeyid", skeyid), ("d", d), ("a", a), ("e", e)):
            v[method + "_" + key] = value
    s, d, a, e = (v["psk_" + k] for k in ("skeyid", "d", "a", "e"))
    v["hash_i"] = prf(s, GXI, GXR, CKY_I, CKY_R, SAI, IDI)
    v["hash_r"] = prf(s, GXR, GXI, CKY_R, CKY_I, SAI, IDR)
    v["hash1"] = prf(a, MIDB, REST)
    v["hash2"] = prf(a, MIDB, NI, REST)
    v["hash3"] = prf(a, b"\0", MIDB, NI, NR)
    for cipher, keylen, blocklen in CIPHERS:
        v["key_" + cipher] = (e[:keylen] if keylen <= len(e) else
                              expand(prf, e, b"\0", b"", keylen))
    v["iv1"] = hashlib.new(digest, GXI + GXR).digest()[:16]
    for blocklen in (8, 16):
        last = v["iv1"][:blocklen]
        v["iv2_%d" % blocklen] = hashlib.new(
            digest, last + MIDB).digest()[:blocklen]
    seed = b"\3" + SPIB + NI + NR
    v["esp"] = expand(prf, d, seed, seed, 100)
    v["esp_pfs"] = expand(prf, d, GXY + seed, GXY + seed, 100)
    for key, value in v.items():
        put("v_%s_%s" % (name, key), value)


for name, digest in HASHES:
    one_hash(name, digest)

fields = (["%s_%s" % (m, k) for m in ("psk", "sig")
           for k in ("skeyid", "d", "a", "e")] +
          ["hash_i", "hash_r", "hash1", "hash2", "hash3"] +
          ["key_" + c[0] for c in CIPHERS] +
          ["iv1", "iv2_8", "iv2_16", "esp", "esp_pfs"])
print("\n/* The same by hash; 3des is written key_3des. */")
print("struct vector {\n\tconst char *hash;")
for f in fields:
    print("\tconst uint8_t *%s;" % f)
print("};\n")
print("static const struct vector vectors[] = {")
for name, digest in HASHES:
    print('\t{ "%s",' % name.replace("_", "-"))
    for f in fields:
        print("\t    v_%s_%s," % (name, f))
    print("\t},")
print("};")
print("#define VECTORS (sizeof(vectors) / sizeof(vectors[0]))")
print("/* clang-format on */")
print("\n#endif /* REGRESS_UNIT_VECTORS_IKEV1_H */")
