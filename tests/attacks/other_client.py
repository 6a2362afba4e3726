"""Attacks on turretd by a QUIC client that is not ours (aioquic); one JSON object says what came of it.

Usage: other_client.py ATTACK HOST PORT NAME DIR, with ca.pem, device.pem and device.key in DIR.
It judges nothing: the test that runs it does.
"""

import asyncio
import json
import ssl
import sys
import time

from aioquic import tls
from aioquic.asyncio.client import connect
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import ConnectionTerminated, DatagramFrameReceived, StreamDataReceived
from aioquic.quic.packet import QuicProtocolVersion
from cryptography.hazmat.primitives.asymmetric import mlkem, x25519

# X25519MLKEM768 (draft-ietf-tls-ecdhe-mlkem): the only group the server takes, which aioquic does not know by itself.
GROUP = 0x11EC
CIPHERTEXT_BYTES = 1088
PATIENCE_S = 60


class HybridKey:
    """Stands where aioquic keeps its X25519 key."""

    def __init__(self):
        self.classical = x25519.X25519PrivateKey.generate()
        self.lattice = mlkem.MLKEM768PrivateKey.generate()

    @classmethod
    def generate(cls):
        return cls()

    def public_key(self):
        return self

    def share(self):
        return self.lattice.public_key().public_bytes_raw() + self.classical.public_key().public_bytes_raw()

    def exchange(self, peer):
        return self.lattice.decapsulate(peer.ciphertext) + self.classical.exchange(peer.classical)


class Peer(tls.x25519.X25519PublicKey):
    """The server's half."""

    def __init__(self, share):
        self.ciphertext = share[:CIPHERTEXT_BYTES]
        self.classical = x25519.X25519PublicKey.from_public_bytes(share[CIPHERTEXT_BYTES:])

    def public_bytes(self, encoding, format):
        return self.classical.public_bytes(encoding, format)

    def public_bytes_raw(self):
        return self.classical.public_bytes_raw()

    def verify(self):
        return None

    def __eq__(self, other):
        return self is other

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self


def speak_hybrid():
    """Teaches aioquic the group."""

    class Names:
        X25519PrivateKey = HybridKey
        X25519PublicKey = x25519.X25519PublicKey

    encode, decode, push = tls.encode_public_key, tls.decode_public_key, tls.push_client_hello
    tls.encode_public_key = lambda key: (GROUP, key.share()) if isinstance(key, HybridKey) else encode(key)
    tls.decode_public_key = lambda share: Peer(share[1]) if share[0] == GROUP else decode(share)

    def push_client_hello(buf, hello):
        hello.supported_groups = [GROUP if group == tls.Group.X25519 else group for group in hello.supported_groups]
        push(buf, hello)

    tls.push_client_hello = push_client_hello
    tls.x25519 = Names
    init = tls.Context.__init__

    def only_hybrid(self, *args, **kwargs):
        init(self, *args, **kwargs)
        self._supported_groups = [tls.Group.X25519]

    tls.Context.__init__ = only_hybrid


class Talk(QuicConnectionProtocol):
    """Writes down what the server does."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.heard = bytearray()
        self.datagrams = 0
        self.ended = None
        self.over = asyncio.Event()

    def quic_event_received(self, event):
        if isinstance(event, StreamDataReceived):
            self.heard += event.data
        elif isinstance(event, DatagramFrameReceived):
            self.datagrams += 1
        elif isinstance(event, ConnectionTerminated):
            self.ended = {"code": event.error_code, "frame": event.frame_type, "reason": event.reason_phrase}
            self.over.set()


def framed(body):
    return len(body).to_bytes(4, "big") + body


# ClientFrame::Hello, protocol 1 to 1, "0.1.0", no script.
HELLO = bytes.fromhex("8200")


async def attack(name, host, port, server, folder):
    configuration = QuicConfiguration(is_client=True, alpn_protocols=["turret/1"], server_name=server)
    configuration.load_verify_locations(f"{folder}/ca.pem")
    if name != "no_certificate":
        configuration.load_cert_chain(f"{folder}/device.pem", f"{folder}/device.key")
    if name == "other_protocol":
        configuration.alpn_protocols = ["h3"]
    if name == "no_protocol":
        configuration.alpn_protocols = None
    if name == "version_2":
        configuration.supported_versions = [QuicProtocolVersion.VERSION_2]
        configuration.original_version = QuicProtocolVersion.VERSION_2
    if name != "classical_group":
        speak_hybrid()
    if name == "datagram":
        configuration.max_datagram_frame_size = 65536
    tickets = []
    told = {"attack": name, "connected": False, "retries": 0, "heard": "", "ended": None, "after_s": 0}
    held = []

    def protocol(*args, **kwargs):
        held.append(Talk(*args, **kwargs))
        return held[-1]

    try:
        async with asyncio.timeout(PATIENCE_S):
            async with connect(
                host, port, configuration=configuration, create_protocol=protocol, session_ticket_handler=tickets.append
            ) as talk:
                told["connected"] = True
                begun = time.monotonic()
                stream = talk._quic.get_next_available_stream_id()
                if name == "half_frame":
                    talk._quic.send_stream_data(stream, b"\0\0")
                elif name == "lying_length":
                    talk._quic.send_stream_data(stream, b"\xff\xff\xff\xff")
                elif name == "deep_nesting":
                    talk._quic.send_stream_data(stream, framed(b"\x81" * 40 + b"\0"))
                elif name == "garbage":
                    talk._quic.send_stream_data(stream, framed(b"\xff" * 32))
                elif name == "datagram":
                    talk._quic.send_stream_data(stream, b"\0\0")
                    talk._quic.send_datagram_frame(b"")
                elif name == "many_streams":
                    for n in range(8):
                        talk._quic.send_stream_data(4 * n, b"\0\0")
                talk.transmit()
                await talk.over.wait()
                told["after_s"] = round(time.monotonic() - begun, 1)
    except (ConnectionError, TimeoutError, ssl.SSLError) as error:
        told["error"] = type(error).__name__
    for talk in held:
        told["retries"] = talk._quic._retry_count if hasattr(talk._quic, "_retry_count") else -1
        told["heard"] = bytes(talk.heard).hex()
        told["ended"] = talk.ended
    told["tickets"] = len(tickets)
    print(json.dumps(told))


if __name__ == "__main__":
    attack_name, host, port, server, folder = sys.argv[1:6]
    asyncio.run(attack(attack_name, host, int(port), server, folder))
