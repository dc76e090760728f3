#!/usr/bin/env python3
"""Write the seeds of the ISAKMP fuzz targets and the unit tests' messages.

The messages are put together here by hand, from the RFCs and from what public
descriptions say that each client sends; nothing of ikerd's own encoder is
used, so an error there does not hide.  Run from the top of the tree after a
change:  python3 regress/unit/vectors/messages.py
"""
import os
import struct

TOP = 'regress/fuzz/corpus'
SAMPLES = 'regress/unit/vectors/messages.h'
CKY_I = bytes.fromhex('0102030405060708')
CKY_R = bytes.fromhex('1112131415161718')
SA, P, T, KE, ID, CERT, CERTREQ, HASH, SIG, NONCE, N, D, VID, ATTR = \
    range(1, 15)
NATD, FRAG = 20, 132


def tv(t, v):
    return struct.pack('>HH', t | 0x8000, v)


def tlv(t, v):
    return struct.pack('>HH', t, len(v)) + v


def generic(nxt, body):
    return struct.pack('>BBH', nxt, 0, len(body) + 4) + body


def chain(parts):
    """[(type, body)] -> first type, bytes"""
    out = b''
    for i, (_, body) in enumerate(parts):
        out += generic(parts[i + 1][0] if i + 1 < len(parts) else 0, body)
    return parts[0][0], out


def message(exchange, parts, msgid=0, flags=0, cky_r=CKY_R, pad=b''):
    first, body = chain(parts)
    body += pad
    return CKY_I + cky_r + struct.pack('>BBBBII', first, 0x10, exchange,
        flags, msgid, 28 + len(body)) + body


def transform(number, tid, attrs):
    return struct.pack('>BBH', number, tid, 0) + attrs


def proposal(number, protocol, spi, transforms):
    out = struct.pack('>BBBB', number, protocol, len(spi), len(transforms))
    out += spi
    for i, t in enumerate(transforms):
        out += generic(T if i + 1 < len(transforms) else 0, t)
    return out


def sa(proposals, doi=1, situation=1):
    out = struct.pack('>II', doi, situation)
    for i, p in enumerate(proposals):
        out += generic(P if i + 1 < len(proposals) else 0, p)
    return out


LIFE = bytes.fromhex('0020c49b')    # 2147483, Cisco's and vpnc's


def ike_t(number, enc, hsh, auth, group, keylen=0, life=True):
    a = tv(1, enc) + tv(2, hsh) + tv(3, auth) + tv(4, group)
    if keylen:
        a += tv(14, keylen)
    if life:
        a += tv(11, 1) + tlv(12, LIFE)
    return transform(number, 1, a)


def vpnc_phase1(group=14):
    """methods 65001 then 1; AES 256/192/128, 3DES, DES, null; SHA1, MD5"""
    ts = []
    for auth in 65001, 1:
        for enc, bits in (7, 256), (7, 192), (7, 128), (5, 0), (1, 0), (0, 0):
            for hsh in 2, 1:
                ts.append(ike_t(len(ts), enc, hsh, auth, group, bits))
    return sa([proposal(0, 1, b'', ts)])


def cisco4_phase1():
    """VPN Client 4.0.5 as the seed's debug shows it: the sixth is chosen"""
    ts = []
    for enc, auth in (5, 65001), (5, 1), (1, 65001), (1, 1):
        for hsh in 2, 1:
            ts.append(ike_t(len(ts) + 1, enc, hsh, auth, 2))
    return sa([proposal(1, 1, b'', ts)])


def cisco11_phase1():
    """Cisco Secure VPN Client 1.1: one transform, no lifetime"""
    return sa([proposal(1, 1, b'', [ike_t(1, 1, 1, 1, 1, life=False)])])


def esp_t(number, tid, auth, keylen=0, encap=1, life=True, group=0):
    a = b''
    if life:
        a += tv(1, 1) + tlv(2, LIFE)
    if group:
        a += tv(3, group)
    a += tv(4, encap) + tv(5, auth)
    if keylen:
        a += tv(6, keylen)
    return transform(number, tid, a)


SPI = bytes.fromhex('3d1b35d7')


def cisco4_phase2():
    """seven proposals, 1 2 5 6 ANDed with IPCOMP-LZS of a 2-octet CPI"""
    lzs = proposal(0, 4, bytes.fromhex('a1b2'), [transform(1, 3, tv(1, 1) +
        tlv(2, LIFE) + tv(4, 1))])
    ps = []

    def both(n, tid, auth, comp):
        ps.append(proposal(n, 3, SPI, [esp_t(1, tid, auth)]))
        if comp:
            ps.append(bytes([n]) + lzs[1:])
    both(1, 3, 1, True)
    both(2, 3, 2, True)
    both(3, 3, 1, False)
    both(4, 3, 2, False)
    both(5, 2, 1, True)
    both(6, 2, 2, True)
    both(7, 2, 1, False)
    return sa(ps)


def vpnc_phase2(encap=3):
    """proposals from 0, one transform each; ends with null encryption"""
    ps = []
    for tid, bits in (12, 256), (12, 192), (12, 128), (3, 0), (2, 0), (11, 0):
        for auth in 2, 1:
            ps.append(proposal(len(ps), 3, SPI,
                [esp_t(0, tid, auth, bits, encap)]))
    return sa(ps)


def racoon_phase2():
    """AND of AH and ESP, then ESP alone with a PFS group and a GCM one"""
    ah = proposal(1, 2, SPI, [esp_t(1, 3, 2, group=14)])
    esp = proposal(1, 3, SPI, [esp_t(1, 12, 2, 128, group=14),
        esp_t(2, 3, 2, group=14)])
    gcm = proposal(2, 3, SPI, [transform(1, 20, tv(1, 1) + tv(2, 3600) +
        tv(3, 14) + tv(4, 1) + tv(6, 256))])
    return sa([ah, esp, gcm])


VIDS = {
    'xauth': '09002689dfd6b712',
    'dpd': 'afcad71368a1f1c96b8696fc77570100',
    'unity': '12f5f28c457168a9702d9fe274cc0100',
    'rfc3947': '4a131c81070358455c5728f20e95452f',
    '-03': '7d9419a65310ca6f2c179d9215529d56',
    '-02n': '90cb80913ebb696e086381b5ec427b1f',
    '-02': 'cd60464335df21f87cfdb2fc68b6a448',
    'frag': '4048b7d56ebce88525e7de7f00d6c2d380000000',
}


def vid(name):
    return VID, bytes.fromhex(VIDS[name])


def ident(typ, data, protocol=17, port=500):
    return ID, struct.pack('>BBH', typ, protocol, port) + data


def filler(n, seed):
    return bytes((seed + 7 * i) & 255 for i in range(n))


def notify(protocol, typ, spi=b'', data=b'', doi=1):
    return N, struct.pack('>IBBH', doi, protocol, len(spi), typ) + spi + data


def delete(protocol, spis, doi=1):
    return D, struct.pack('>IBBH', doi, protocol, len(spis[0]), len(spis)) + \
        b''.join(spis)


def attrs(typ, identifier, data):
    return ATTR, struct.pack('>BBH', typ, 0, identifier) + data


H = (HASH, filler(20, 3))
NI = (NONCE, filler(20, 9))
DOTTED = bytes([10, 89, 129, 200])
XAUTH_REQUEST = attrs(1, 0x1234, tv(16520, 0) + tlv(16521, b'') +
    tlv(16522, b''))
XAUTH_REPLY = attrs(2, 0x1234, tv(16520, 0) + tlv(16521, b'cisco_customer') +
    tlv(16522, b'cisco\0'))
CISCO_REQUEST = attrs(1, 0x5678, b''.join(tlv(n, b'') for n in (1, 2, 3, 4, 5))
    + tlv(7, b'Cisco Systems VPN Client 4.0.5:WinNT') +
    b''.join(tlv(n, b'') for n in (28672, 28673, 28674, 28676, 28679)) +
    tlv(28680, tv(0x1, 1) + tv(0x2, 1) + tv(0x3, 2)) + tlv(28677, b''))
CFG_REPLY = attrs(2, 0x5678, tlv(1, DOTTED) + tlv(2, b'\xff' * 4) +
    tlv(3, bytes([10, 89, 129, 131])) + tlv(28672, b'welcome') +
    tlv(28674, b'example.com') + tlv(28676, bytes([10, 89, 129, 128, 255, 255,
        255, 128]) + bytes(6)) + tv(28673, 1) + tv(28679, 0))

OFFERS = {
    'vpnc_phase1': vpnc_phase1(), 'cisco4_phase1': cisco4_phase1(),
    'cisco11_phase1': cisco11_phase1(), 'cisco4_phase2': cisco4_phase2(),
    'vpnc_phase2': vpnc_phase2(), 'racoon_phase2': racoon_phase2(),
}

MESSAGES = {
    'vpnc_aggressive_1': message(4, [(SA, vpnc_phase1()),
        (KE, filler(256, 1)), NI, ident(11, b'vpn3000'), vid('xauth'),
        vid('unity'), vid('rfc3947'), vid('-03'), vid('-02n'), vid('-02'),
        vid('dpd')], cky_r=bytes(8)),
    'cisco4_aggressive_1': message(4, [(SA, cisco4_phase1()),
        (KE, filler(128, 1)), NI, ident(11, b'vpn3000'), vid('xauth'),
        vid('dpd'), vid('frag'), vid('-02n'), vid('unity')], cky_r=bytes(8)),
    'aggressive_2': message(4, [(SA, cisco11_phase1()), (KE, filler(128, 5)),
        (NONCE, filler(20, 8)), ident(1, bytes([192, 168, 1, 1])), H,
        vid('xauth'), vid('dpd'), vid('unity'), vid('rfc3947'),
        (NATD, filler(20, 1)), (NATD, filler(20, 2))]),
    'aggressive_3': message(4, [H, (NATD, filler(20, 1)),
        (NATD, filler(20, 2)), notify(1, 24578, CKY_I + CKY_R)], flags=1,
        pad=bytes(8)),
    'cisco11_main_1': message(2, [(SA, cisco11_phase1())], cky_r=bytes(8)),
    'main_3': message(2, [(KE, filler(96, 1)), NI, vid('xauth'),
        vid('unity')]),
    'main_5': message(2, [ident(1, bytes([192, 168, 1, 3])), H,
        notify(1, 24578, CKY_I + CKY_R)], flags=1),
    'main_5_cert': message(2, [ident(9, filler(40, 2)),
        (CERT, b'\x04' + filler(300, 1)), (SIG, filler(128, 4)),
        (CERTREQ, b'\x04')], flags=1),
    'cisco4_quick_1': message(32, [H, (SA, cisco4_phase2()), NI,
        ident(1, DOTTED, 0, 0), ident(4, bytes(8), 0, 0)], 0x3833a8c8, 1,
        pad=bytes(4)),
    'vpnc_quick_1': message(32, [H, (SA, vpnc_phase2()), NI,
        ident(1, DOTTED, 0, 0), ident(4, bytes(8), 0, 0)], 0x77, 1),
    'racoon_quick_1': message(32, [H, (SA, racoon_phase2()), NI,
        (KE, filler(256, 3)), ident(4, DOTTED + b'\xff' * 4, 0, 0),
        ident(7, bytes([10, 0, 0, 0, 10, 0, 0, 255]), 0, 0)], 0x78, 1),
    'quick_3': message(32, [H], 0x77, 1, pad=bytes(8)),
    'xauth_request': message(6, [H, XAUTH_REQUEST], 0x60c25136, 1),
    'xauth_reply': message(6, [H, XAUTH_REPLY], 0x60c25136, 1, pad=bytes(7)),
    'cisco4_cfg_request': message(6, [H, CISCO_REQUEST], 0x0a9acbb2, 1),
    'cfg_reply': message(6, [H, CFG_REPLY], 0x0a9acbb2, 1),
    'dpd': message(5, [H, notify(1, 36136, CKY_I + CKY_R, b'\0\0\x12\x34')],
        0x99, 1),
    'delete': message(5, [H, delete(3, [SPI, b'\x01\x02\x03\x04']),
        delete(1, [CKY_I + CKY_R], doi=0)], 0x9a, 1),
    'fragment': message(4, [(FRAG, b'\x00\x01\x02\x01' + filler(64, 1))]),
}


def attr_seeds():
    for name, (_, body) in (('xauth_request', XAUTH_REQUEST),
            ('xauth_reply', XAUTH_REPLY), ('cisco4_request', CISCO_REQUEST),
            ('cfg_reply', CFG_REPLY)):
        yield name, body
    yield 'xauth_ack_empty_status', attrs(4, 0x1234, tlv(16527, b''))[1]


def write(directory, name, data):
    os.makedirs(os.path.join(TOP, directory), exist_ok=True)
    with open(os.path.join(TOP, directory, name), 'wb') as f:
        f.write(data)


def c_array(name, data):
    lines = ['static const uint8_t %s[] = {' % name]
    for i in range(0, len(data), 12):
        lines.append('\t' + ' '.join('0x%02x,' % b for b in data[i:i + 12]))
    return '\n'.join(lines + ['};']) + '\n'


def main():
    for name, data in MESSAGES.items():
        write('isakmp', name, data)
    for name, data in OFFERS.items():
        write('offer', name, bytes([name.endswith('2')]) + data)
    for name, data in attr_seeds():
        write('attr', name, data)
    with open(SAMPLES, 'w') as f:
        f.write('/*\n * Messages as clients send them, made by\n'
            ' * regress/unit/vectors/messages.py; do not edit.\n */\n')
        f.write('/* clang-format off */\n')
        f.write('#ifndef REGRESS_MESSAGES_H\n#define REGRESS_MESSAGES_H\n\n'
            '#include <stdint.h>\n\n')
        for name, data in OFFERS.items():
            f.write(c_array(name, data) + '\n')
        for name, data in MESSAGES.items():
            f.write(c_array(name, data) + '\n')
        f.write('#endif /* REGRESS_MESSAGES_H */\n/* clang-format on */\n')


main()
