# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes a certificate authority and the four certificates that a private mail server shows.

FACES says which address shows which certificate.  Nothing here touches the system's trust store: a client is
given `ca.pem`.
"""
import collections
import os
import subprocess

Face = collections.namedtuple("Face", "address name subject alternative")

FACES = (
    Face("127.0.0.1", "good", "localhost", "DNS:localhost,DNS:mail.example.test,IP:127.0.0.1"),
    Face("127.0.0.2", "expired", "localhost", "DNS:localhost,IP:127.0.0.2"),
    Face("127.0.0.3", "wrong-name", "other.example", "DNS:other.example"),
    Face("127.0.0.4", "self-signed", "localhost", "DNS:localhost,IP:127.0.0.4"),
)

KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")

CA_CONFIG = """[ca]
default_ca = penfold
[penfold]
database = {folder}/index.txt
serial = {folder}/serial
new_certs_dir = {folder}
certificate = {folder}/ca.pem
private_key = {folder}/ca.key
default_md = sha256
policy = names
unique_subject = no
[names]
commonName = supplied
[server]
basicConstraints = CA:FALSE
keyUsage = digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = ${{ENV::SAN}}
"""


def make(folder):
    """Writes ca.pem, and NAME.pem with NAME.key for each face, below folder."""
    os.makedirs(folder, exist_ok=True)
    for name, text in (("index.txt", ""), ("serial", "1000\n"), ("ca.cnf", CA_CONFIG.format(folder=folder))):
        with open(f"{folder}/{name}", "w") as file:
            file.write(text)
    _openssl("req", "-x509", *KEY, "-keyout", f"{folder}/ca.key", "-out", f"{folder}/ca.pem", "-days", "3650",
             "-subj", "/CN=Penfold test authority", "-addext", "basicConstraints=critical,CA:TRUE",
             "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    for face in FACES:
        if face.name == "self-signed":
            _openssl("req", "-x509", *KEY, "-keyout", f"{folder}/{face.name}.key", "-out", f"{folder}/{face.name}.pem",
                     "-days", "3650", "-subj", f"/CN={face.subject}", "-addext", f"subjectAltName={face.alternative}")
        else:
            _sign(folder, face)


def _sign(folder, face):
    if face.name == "expired":
        validity = ("-startdate", "20200101000000Z", "-enddate", "20210101000000Z")
    else:
        validity = ("-days", "3000")
    _openssl("req", *KEY, "-keyout", f"{folder}/{face.name}.key", "-out", f"{folder}/{face.name}.csr",
             "-subj", f"/CN={face.subject}")
    _openssl("ca", "-batch", "-notext", "-config", f"{folder}/ca.cnf", "-extensions", "server", *validity,
             "-in", f"{folder}/{face.name}.csr", "-out", f"{folder}/{face.name}.pem", san=face.alternative)


def _openssl(*arguments, san=""):
    done = subprocess.run(("openssl", *arguments), env={**os.environ, "SAN": san}, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"openssl {arguments[0]} failed: {done.stdout}")
