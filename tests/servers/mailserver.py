#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A private mail server below one directory: Dovecot (IMAP, POP3, LMTP) and a submission server.

    mailserver.py start [--dir D] [--for PID]   in the background; prints KEY=VALUE lines, then returns
    mailserver.py run [--dir D]                 prints the same lines and READY=yes, ends when its stdin ends
    mailserver.py stop --dir D [--keep]         ends what start began, removes D (or keeps it with its mail)

    with MailServer() as server: ...            the same from Python, for the length of the block

It listens on 127.0.0.1 to 127.0.0.4 only, on free ports of its own choice, as root or as anybody (as root it becomes
the user `mail`).  Users are anna, ben and full (who is over quota) unless --user NAME[:PASSWORD] says otherwise; a
password is `secret` where none is given.  --fill USER:COUNT[:PROFILE][:inbox] gives a user mail (see mailgen.py) and
writes D/USER.manifest.  127.0.0.1 shows a good certificate, 127.0.0.2 an expired one, 127.0.0.3 one
for another name, 127.0.0.4 a self-signed one.  submission.py tells what the submission server does.  Dovecot calls a
client on its own address safe: where refused passwords matter (--no-plain-sign-in), connect to 127.0.0.2.

Nothing outlives its reason: one keeper process holds everything, Dovecot dies with the keeper, and the keeper ends
with its stdin (run), with the process named by --for (start), with its directory, or after --lifetime seconds.
"""
import argparse
import ctypes
import grp
import imaplib
import json
import os
import poplib
import pwd
import random
import select
import shutil
import signal
import smtplib
import socket
import ssl
import subprocess
import sys
import tempfile
import time

import certificates
import mailgen
import submission

SERVICES = ("imap", "imaps", "pop3", "pop3s", "smtp", "smtps", "lmtp")
PASSWORD = "secret"
USERS = ("anna", "ben", "full")
FOLDERS = ("Drafts", "Sent", "Trash", "Junk", "Archive")
PR_SET_PDEATHSIG = 1

DOVECOT_CONF = """
base_dir = {run}
state_dir = {run}
log_path = {dir}/log/dovecot.log
info_log_path = {dir}/log/dovecot-info.log
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
protocols = imap pop3 lmtp
listen = {addresses}
login_greeting = Penfold test server ready.
disable_plaintext_auth = {no_plain}
auth_mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256
auth_failure_delay = 0
auth_username_format = %Ln
mail_max_userip_connections = 200
ssl = yes
ssl_cert = <{dir}/tls/good.pem
ssl_key = <{dir}/tls/good.key
ssl_min_protocol = TLSv1.2
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:~/Maildir
mail_fsync = never
maildir_stat_dirs = no
mail_plugins = quota
stats_writer_socket_path =
postmaster_address = postmaster@example.org
hostname = mail.example.test
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%Ln {dir}/etc/users
}}
userdb {{
  driver = passwd-file
  args = username_format=%Ln {dir}/etc/users
}}
namespace inbox {{
  inbox = yes
  separator = /
{folders}
}}
plugin {{
  quota = maildir:User quota
  quota_rule = *:storage=0
}}
protocol imap {{
  mail_plugins = $mail_plugins imap_quota imap_zlib
  {capability}
}}
protocol pop3 {{
  pop3_uidl_format = %08Xu%08Xv
  pop3_no_flag_updates = yes
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
service imap-login {{
  # One process, so that every session ticket is known to whoever is asked.
  chroot =
  service_count = 0
  process_limit = 1
  client_limit = 500
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service pop3-login {{
  chroot =
  service_count = 0
  process_limit = 1
  client_limit = 500
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = {pop3s}
    ssl = yes
  }}
}}
service lmtp {{
  user = {user}
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
{faces}
{extra}
"""

FOLDER_CONF = """  mailbox {name} {{
    special_use = \\{name}
    auto = create
  }}"""

FACE_CONF = """local {face.address} {{
  ssl_cert = <{dir}/tls/{face.name}.pem
  ssl_key = <{dir}/tls/{face.name}.key
}}"""


class Clash(Exception):
    """Somebody else took one of the chosen ports."""


def free_ports():
    """Ports below the range from which the kernel serves outgoing connections, free on every address."""
    ports = {}
    while len(ports) < len(SERVICES):
        port = random.randrange(20000, 32000)
        if port not in ports.values() and all(is_free(face.address, port) for face in certificates.FACES):
            ports[SERVICES[len(ports)]] = port
    return ports


def is_free(address, port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True


class Keeper:
    """Holds Dovecot and the submission server, in this process and below one directory."""

    def __init__(self, options):
        self.options = options
        self.dir = os.path.abspath(options.dir)
        self.run = f"{self.dir}/run"
        self.dovecot = None
        self.submission = None
        self.account = pwd.getpwnam("mail") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        self.users = dict(user.partition(":")[::2] for user in options.user or USERS)
        self.users = {name: password or PASSWORD for name, password in self.users.items()}

    def start(self):
        self.prepare()
        ports = self.former_ports()
        for _ in range(20):
            try:
                self.start_on(ports or free_ports())
                break
            except Clash:
                ports = None
                self.end_dovecot()
        else:
            raise RuntimeError("no free ports found")
        with open(f"{self.dir}/keeper.pid", "w") as file:
            file.write(f"{os.getpid()}\n")
        with open(f"{self.dir}/env.new", "w") as file:
            file.writelines(f"{key}={value}\n" for key, value in self.facts().items())
        os.rename(f"{self.dir}/env.new", f"{self.dir}/env")

    def prepare(self):
        for name in ("etc", "log", "mail", "outbox"):
            os.makedirs(f"{self.dir}/{name}", exist_ok=True)
        os.chmod(self.dir, 0o755)
        if len(self.dir) > 50:
            # The path of a socket has at most 107 bytes, Dovecot's own part of it up to 40.
            self.run = tempfile.mkdtemp(prefix="pfm")
        os.makedirs(self.run, exist_ok=True)
        if not os.path.exists(f"{self.dir}/tls/ca.pem"):
            certificates.make(f"{self.dir}/tls")
        with open(f"{self.dir}/etc/users", "w") as file:
            for name, password in self.users.items():
                rule = "userdb_quota_rule=*:bytes=1" if name == "full" else ""
                home = f"{self.dir}/mail/{name}"
                file.write(f"{name}:{{PLAIN}}{password}:{self.account.pw_uid}:{self.account.pw_gid}::{home}::{rule}\n")
                os.makedirs(home, exist_ok=True)
        for order in self.options.fill or ():
            self.fill(*order.split(":"))
        if os.geteuid() == 0:
            for path in [self.run, *(f"{self.dir}/{name}" for name in ("etc", "log", "mail", "tls"))]:
                give_tree(path, self.account)

    def fill(self, user, count, *words):
        manifest = f"{self.dir}/{user}.manifest"
        if not os.path.exists(manifest):
            profile = next((word for word in words if word != "inbox"), "mixed")
            mailgen.fill(f"{self.dir}/mail/{user}/Maildir", int(count), profile=profile, inbox_only="inbox" in words,
                         manifest=manifest)

    def former_ports(self):
        """The ports of an earlier start in this directory, so that a server can come back at its old place."""
        try:
            facts = read_facts(self.dir)
            return {service: int(facts[f"MAIL_{service.upper()}_PORT"]) for service in SERVICES}
        except (OSError, KeyError):
            return None

    def start_on(self, ports):
        self.ports = ports
        self.start_submission()
        self.write_conf()
        self.start_dovecot()
        deadline = time.monotonic() + 30
        while not self.is_up():
            if self.dovecot.poll() is not None:
                self.explain_end()
            if time.monotonic() > deadline:
                raise RuntimeError(f"Dovecot does not start: {self.log()}")
            time.sleep(0.02)

    def is_up(self):
        """Dovecot writes its pid once every port is open; one open port alone says nothing of the others."""
        try:
            with open(f"{self.run}/master.pid") as file:
                return file.read().strip() == str(self.dovecot.pid)
        except OSError:
            return False

    def write_conf(self):
        face_conf = [FACE_CONF.format(face=face, dir=self.dir) for face in certificates.FACES[1:]]
        capability = self.options.imap_capability
        extra = ""
        if self.options.extra_conf:
            with open(self.options.extra_conf) as file:
                extra = file.read()
        with open(f"{self.dir}/etc/dovecot.conf", "w") as file:
            file.write(DOVECOT_CONF.format(
                dir=self.dir, run=self.run, user=self.account.pw_name, group=grp.getgrgid(self.account.pw_gid).gr_name,
                addresses=", ".join(face.address for face in certificates.FACES),
                no_plain="yes" if self.options.no_plain_sign_in else "no",
                folders="\n".join(FOLDER_CONF.format(name=name) for name in FOLDERS),
                capability=f"imap_capability = {capability}" if capability else "",
                faces="\n".join(face_conf), extra=extra, **self.ports))

    def start_submission(self):
        contexts = {}
        for face in certificates.FACES:
            contexts[face.name] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            contexts[face.name].load_cert_chain(f"{self.dir}/tls/{face.name}.pem", f"{self.dir}/tls/{face.name}.key")
        if self.submission is not None:
            self.submission.close()
        try:
            self.submission = submission.SubmissionServer(
                self.users, f"{self.dir}/outbox", self.ports["smtp"], self.ports["smtps"], contexts, self.ports["lmtp"],
                plain_sign_in=not self.options.no_plain_sign_in)
        except OSError as error:
            self.submission = None
            raise Clash from error
        self.submission.start()

    def start_dovecot(self):
        libc = ctypes.CDLL(None)
        identity = {}
        if os.geteuid() == 0:
            identity = {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []}
        with open(f"{self.dir}/log/start.log", "w") as log:
            self.dovecot = subprocess.Popen(
                ["/usr/sbin/dovecot", "-F", "-c", f"{self.dir}/etc/dovecot.conf"], stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, start_new_session=True, preexec_fn=lambda: libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM),
                cwd=self.run, **identity)

    def explain_end(self):
        log = self.log()
        if "already in use" in log:
            raise Clash
        if "Permission denied" in log:
            log += f"\nThe user {self.account.pw_name} must be able to enter {self.dir}"
        raise RuntimeError(f"Dovecot does not start: {log}")

    def log(self):
        text = ""
        for name in ("start.log", "dovecot.log"):
            try:
                with open(f"{self.dir}/log/{name}") as file:
                    text += file.read()
            except OSError:
                pass
        return text.strip()[-2000:]

    def facts(self):
        facts = {"MAIL_DIR": self.dir, "MAIL_HOST": "localhost", "MAIL_CA": f"{self.dir}/tls/ca.pem",
                 "MAIL_USERS": ",".join(self.users), "MAIL_PASSWORD": next(iter(self.users.values())),
                 "MAIL_OUTBOX": f"{self.dir}/outbox", "MAIL_KEEPER": os.getpid()}
        facts.update({f"MAIL_{service.upper()}_PORT": port for service, port in self.ports.items()})
        return facts

    def wait(self, until_stdin_ends, until_pid_ends, lifetime):
        """Returns when there is no reason left to go on."""
        poll = select.poll()
        wake, waker = socket.socketpair()
        waker.setblocking(False)
        signal.set_wakeup_fd(waker.fileno())
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: None)
        poll.register(wake, select.POLLIN)
        poll.register(os.pidfd_open(self.dovecot.pid), select.POLLIN)
        if until_stdin_ends:
            poll.register(0, select.POLLIN)
        if until_pid_ends:
            poll.register(os.pidfd_open(until_pid_ends), select.POLLIN)
        deadline = time.monotonic() + lifetime
        while time.monotonic() < deadline and os.path.exists(f"{self.dir}/keeper.pid"):
            ready = [descriptor for descriptor, _ in poll.poll(1000)]
            if ready != [0] and ready:
                return
            if ready == [0] and not os.read(0, 1024):
                return

    def end_dovecot(self):
        """Dovecot takes its children with it; whatever did not go is killed by its process group."""
        if self.dovecot is None:
            return
        self.dovecot.terminate()
        try:
            self.dovecot.wait(2)
        except subprocess.TimeoutExpired:
            pass
        try:
            os.killpg(self.dovecot.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.dovecot.wait()

    def end(self):
        self.end_dovecot()
        if self.run != f"{self.dir}/run":
            shutil.rmtree(self.run, ignore_errors=True)
        if os.path.exists(f"{self.dir}/keeper.pid"):
            os.unlink(f"{self.dir}/keeper.pid")


def give_tree(path, account):
    for folder, _, files in os.walk(path):
        os.chown(folder, account.pw_uid, account.pw_gid)
        for name in files:
            os.chown(f"{folder}/{name}", account.pw_uid, account.pw_gid)


def read_facts(folder):
    with open(f"{folder}/env") as file:
        return dict(line.rstrip("\n").split("=", 1) for line in file)


def arguments_from(options):
    """The options of __main__ for another process of this program."""
    arguments = ["--dir", options.dir, "--lifetime", str(options.lifetime)]
    for name in ("user", "fill"):
        for value in getattr(options, name) or ():
            arguments += ["--" + name, value]
    for name in ("imap_capability", "extra_conf"):
        if getattr(options, name):
            arguments += ["--" + name.replace("_", "-"), getattr(options, name)]
    if options.no_plain_sign_in:
        arguments.append("--no-plain-sign-in")
    return arguments


def options_parser():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("start", "run", "stop"))
    parser.add_argument("--dir", help="where everything lies; without it a new directory below /tmp")
    parser.add_argument("--for", dest="pid", type=int, default=0, help="end when this process ends")
    parser.add_argument("--lifetime", type=float, default=3 * 3600, help="end after this many seconds")
    parser.add_argument("--user", action="append", metavar="NAME[:PASSWORD]")
    parser.add_argument("--fill", action="append", metavar="USER:COUNT[:PROFILE][:inbox]")
    parser.add_argument("--imap-capability", default="", help="announce only this, to play an old server")
    parser.add_argument("--extra-conf", default="", help="a file with more lines for dovecot.conf")
    parser.add_argument("--no-plain-sign-in", action="store_true", help="refuse passwords on unencrypted connections")
    parser.add_argument("--keep", action="store_true", help="stop: leave the directory and its mail")
    parser.add_argument("--behind", action="store_true", help=argparse.SUPPRESS)
    return parser


def run(options):
    keeper = Keeper(options)
    try:
        keeper.start()
        if not options.behind:
            sys.stdout.write("".join(f"{key}={value}\n" for key, value in keeper.facts().items()) + "READY=yes\n")
            sys.stdout.flush()
        keeper.wait(not options.behind, options.pid, options.lifetime)
    finally:
        keeper.end()


def start(options):
    os.makedirs(f"{options.dir}/log", exist_ok=True)
    if is_kept(options.dir):
        sys.exit(f"mailserver.py: a server already runs in {options.dir}")
    with open(f"{options.dir}/log/keeper.log", "w") as log:
        child = subprocess.Popen(["/usr/bin/python3", os.path.abspath(__file__), "run", "--behind", "--for", str(options.pid),
                                  *arguments_from(options)],
                                 stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    while not is_kept(options.dir):
        if child.poll() is not None:
            with open(f"{options.dir}/log/keeper.log") as log:
                sys.exit(log.read())
        time.sleep(0.02)
    with open(f"{options.dir}/env") as file:
        sys.stdout.write(file.read())


def is_kept(folder):
    """The keeper writes its pid, then the facts that carry the same number."""
    try:
        with open(f"{folder}/keeper.pid") as file:
            pid = file.read().strip()
        return read_facts(folder)["MAIL_KEEPER"] == pid and os.path.exists(f"/proc/{pid}")
    except (OSError, KeyError):
        return False


def stop(options):
    if is_kept(options.dir):
        pid = int(read_facts(options.dir)["MAIL_KEEPER"])
        try:
            handle = os.pidfd_open(pid)
            os.kill(pid, signal.SIGTERM)
            select.select([handle], [], [], 20)
        except ProcessLookupError:
            pass
    if not options.keep:
        shutil.rmtree(options.dir, ignore_errors=True)


class MailServer:
    """The server for the length of a with-block.  Options are those of the command, with underscores."""

    def __init__(self, folder=None, **options):
        parser = options_parser()
        self.options = parser.parse_args(["run"])
        for name, value in options.items():
            if not hasattr(self.options, name):
                raise TypeError(f"unknown option {name}")
            setattr(self.options, name, value)
        self.own_folder = folder is None
        self.options.dir = folder or tempfile.mkdtemp(prefix="penfold-mail-")
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
        if self.own_folder:
            shutil.rmtree(self.options.dir, ignore_errors=True)

    def start(self):
        """Begins, or begins again at the same ports with the same mail."""
        self.process = subprocess.Popen(["/usr/bin/python3", os.path.abspath(__file__), "run", *arguments_from(self.options)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True)
        self.facts = {}
        for line in self.process.stdout:
            key, _, value = line.rstrip("\n").partition("=")
            if key == "READY":
                break
            self.facts[key] = value
        else:
            self.process.wait()
            raise RuntimeError("the mail server did not start")
        self.dir, self.ca, self.outbox = (self.facts[key] for key in ("MAIL_DIR", "MAIL_CA", "MAIL_OUTBOX"))
        self.port = {service: int(self.facts[f"MAIL_{service.upper()}_PORT"]) for service in SERVICES}

    def stop(self):
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()

    def context(self):
        return ssl.create_default_context(cafile=self.ca)

    def imap(self, user, password=PASSWORD):
        connection = imaplib.IMAP4_SSL("localhost", self.port["imaps"], ssl_context=self.context())
        connection.login(user, password)
        return connection

    def pop3(self, user, password=PASSWORD):
        connection = poplib.POP3_SSL("localhost", self.port["pop3s"], context=self.context())
        connection.user(user)
        connection.pass_(password)
        return connection

    def deliver(self, user, message):
        """As mail arrives: through LMTP, which adds header fields."""
        with smtplib.LMTP("127.0.0.1", self.port["lmtp"]) as lmtp:
            lmtp.sendmail("sender@example.org", [f"{user}@example.org"], message)

    def append(self, user, folder, message, flags="", date=None):
        """Puts exactly these bytes (with CRLF) into a folder."""
        with self.imap(user) as connection:
            kind, answer = connection.append(f'"{folder}"', f"({flags})", date or imaplib.Time2Internaldate(time.time()),
                                             message)
            if kind != "OK":
                raise RuntimeError(f"APPEND to {folder}: {answer}")

    def fetch(self, user, folder):
        """Every message of a folder, UID: (flags, bytes), without setting a flag."""
        found = {}
        with self.imap(user) as connection:
            kind, answer = connection.select(f'"{folder}"', readonly=True)
            if kind != "OK":
                raise RuntimeError(f"EXAMINE {folder}: {answer}")
            if answer == [b"0"]:
                return found
            _, answer = connection.uid("FETCH", "1:*", "(FLAGS BODY.PEEK[])")
            for item in answer:
                if isinstance(item, tuple):
                    words = item[0].decode()
                    uid = int(words.split("UID ", 1)[1].split()[0])
                    flags = words.split("FLAGS (", 1)[1].split(")", 1)[0].split()
                    found[uid] = (flags, item[1])
        return found

    def maildir(self, user):
        return f"{self.dir}/mail/{user}/Maildir"

    def fill(self, user, count, **options):
        """Writes generated mail straight into the Maildir; the options and the result are mailgen.fill's."""
        facts = mailgen.fill(self.maildir(user), count, **options)
        self.give(user)
        return facts

    def give(self, user):
        """Lets Dovecot own what was written straight into a user's Maildir."""
        if os.geteuid() == 0:
            give_tree(f"{self.dir}/mail/{user}", pwd.getpwnam("mail"))

    def doveadm(self, *words):
        return subprocess.run(["doveadm", "-c", f"{self.dir}/etc/dovecot.conf", *words], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True).stdout

    def wait_until_left(self, user):
        """Until no session of this user is open, which takes a moment after a client was killed."""
        for _ in range(100):
            if not any(line.split()[0] == user for line in self.doveadm("who").splitlines() if line.strip()):
                return
            time.sleep(0.05)
        raise RuntimeError(f"{user} is still signed in")

    def keep_mail(self, user):
        """Remembers a user's mail with its numbers, for bring_back_mail."""
        self.wait_until_left(user)
        shutil.rmtree(f"{self.dir}/kept/{user}", ignore_errors=True)
        shutil.copytree(f"{self.dir}/mail/{user}", f"{self.dir}/kept/{user}")

    def bring_back_mail(self, user):
        self.wait_until_left(user)
        shutil.rmtree(f"{self.dir}/mail/{user}")
        shutil.copytree(f"{self.dir}/kept/{user}", f"{self.dir}/mail/{user}")
        self.give(user)

    def sent(self):
        """What the submission server took: pairs of envelope and bytes, in order."""
        numbers = sorted(int(name[:-4]) for name in os.listdir(self.outbox) if name.endswith(".eml"))
        found = []
        for number in numbers:
            with open(f"{self.outbox}/{number}.json") as envelope, open(f"{self.outbox}/{number}.eml", "rb") as data:
                found.append((json.load(envelope), data.read()))
        return found


def main():
    options = options_parser().parse_args()
    if options.dir is None and options.command == "stop":
        sys.exit("mailserver.py: stop needs --dir")
    options.dir = os.path.abspath(options.dir or tempfile.mkdtemp(prefix="penfold-mail-"))
    {"start": start, "run": run, "stop": stop}[options.command](options)


if __name__ == "__main__":
    main()
