/* SPDX-License-Identifier: GPL-3.0-or-later */
/* victim.c - does one lasting act after the other, for test_killshim.py to see each of them caught.
 *
 * usage: victim FOLDER PORT.  Between the acts lie some that must not count.  It does not check what an act
 * returns: the test looks at the traces.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static int
connect_to (int port)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons (port),
                                 .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  int fd = socket (AF_INET, SOCK_STREAM, 0);

  if (connect (fd, (struct sockaddr *) &address, sizeof address) != 0)
    exit (2);
  return fd;
}

/* Prints the error of an act that failed, or how much a short one did. */
static void
tell (const char *act,
      ssize_t     wanted,
      ssize_t     done)
{
  if (done < 0)
    dprintf (STDOUT_FILENO, "%s: %s\n", act, strerrorname_np (errno));
  else if (done != wanted)
    dprintf (STDOUT_FILENO, "%s: %zd of %zd\n", act, done, wanted);
}

int
main (int    argc,
      char **argv)
{
  struct iovec pieces[] = { { "e", 1 }, { "f", 1 } };
  struct iovec piece = { "s", 1 };
  struct msghdr message = { .msg_iov = &piece, .msg_iovlen = 1 };
  int local[2], tube[2];
  int file, outside, remote;

  if (argc != 3 || chdir (argv[1]) != 0 || pipe (tube) != 0
      || socketpair (AF_UNIX, SOCK_STREAM, 0, local) != 0)
    return 2;
  remote = connect_to (atoi (argv[2]));
  outside = open ("../outside", O_RDWR | O_CREAT | O_TRUNC, 0600);
  file = open ("one", O_RDWR | O_CREAT, 0600);

  tell ("write", 2, write (file, "ab", 2));
  tell ("outside", 3, write (outside, "not", 3));
  tell ("pwrite", 2, pwrite (file, "cd", 2, 2));
  tell ("outside", 0, fsync (outside));
  lseek (file, 4, SEEK_SET);
  tell ("writev", 2, writev (file, pieces, 2));
  tell ("pipe", 1, write (tube[1], "x", 1));
  tell ("fdatasync", 0, fdatasync (file));
  tell ("fsync", 0, fsync (file));
  tell ("local", 1, send (local[0], "x", 1, 0));
  tell ("rename", 0, rename ("one", "two"));
  tell ("ftruncate", 0, ftruncate (file, 3));
  tell ("send", 2, send (remote, "qr", 2, 0));
  tell ("sendmsg", 1, sendmsg (remote, &message, 0));
  tell ("write to socket", 1, write (remote, "t", 1));
  tell ("outside", 0, rename ("../outside", "../elsewhere"));
  tell ("renameat", 0, renameat (AT_FDCWD, "two", AT_FDCWD, "three"));
  tell ("unlink", 0, unlink ("three"));
  tell ("outside", 0, unlink ("../elsewhere"));
  return 0;
}
