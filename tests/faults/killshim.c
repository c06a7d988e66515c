/* SPDX-License-Identifier: GPL-3.0-or-later */
/* killshim.c - kills a program before or after its nth lasting act, or lets that act fail.
 *
 * Preloaded (LD_PRELOAD).  Lasting acts are writes, syncs, renames, unlinks and truncations of files below
 * one directory, and sends on internet sockets; pipes, local sockets and other files do not count.  What the
 * C library writes on its own behalf (stdio) is not seen.
 *
 *   PENFOLD_KILL_BELOW=DIR      the directory, as realpath gives it
 *   PENFOLD_KILL_PROGRAM=NAME   only in programs of this name
 *   PENFOLD_KILL_COUNT=FILE     keeps the counts in FILE (struct counts below), for all processes together,
 *                               also when killed
 *   PENFOLD_KILL_AT=N           SIGKILL at the Nth act, from 1
 *   PENFOLD_KILL_WHEN=before|after
 *   PENFOLD_FAIL_AT=N           the Nth act fails; so do the following ones up to PENFOLD_FAIL_FOR=K in all
 *                               (0: for ever)
 *   PENFOLD_FAIL_WITH=ENOSPC|EIO|ECONNRESET|error|short
 *                               (error: ECONNRESET for a send, EIO for the others)
 *
 * Threads: any.  An act that cannot fail in the wanted way (no space for an unlink) is done.
 */
#undef _FILE_OFFSET_BITS                /* pwrite and pwrite64 are two names here */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum act { WRITE, SYNC, RENAME, UNLINK, TRUNCATE, SEND, ACTS };

struct counts
{
  uint64_t total;
  uint64_t of[ACTS];
  uint64_t failed;
  uint64_t killed;                      /* 1 + the act, 0 when none */
};

static struct counts own_counts;
static struct counts *counts = &own_counts;
static char below[PATH_MAX];
static size_t below_length;
static uint64_t kill_at, fail_at, fail_for = 1;
static bool kill_after, fail_short, fail_all;
static int fail_errno;

#define REAL(name) \
  static __typeof__ (&name) real; \
  if (real == NULL) \
    real = (__typeof__ (&name)) dlsym (RTLD_NEXT, #name)

static uint64_t
number_in (const char *variable,
           uint64_t    otherwise)
{
  const char *text = getenv (variable);

  return text != NULL && *text != '\0' ? strtoull (text, NULL, 10) : otherwise;
}

static bool
is_wanted_program (void)
{
  const char *name = getenv ("PENFOLD_KILL_PROGRAM");

  return name == NULL || *name == '\0' || strcmp (name, program_invocation_short_name) == 0;
}

static void
share_counts (const char *path)
{
  int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  void *shared;

  if (fd < 0)
    return;
  if (ftruncate (fd, sizeof (struct counts)) == 0
      && (shared = mmap (NULL, sizeof (struct counts), PROT_READ | PROT_WRITE, MAP_SHARED, fd,
                         0)) != MAP_FAILED)
    counts = shared;
  close (fd);
}

__attribute__ ((constructor)) static void
begin (void)
{
  const char *folder = getenv ("PENFOLD_KILL_BELOW");
  const char *count_file = getenv ("PENFOLD_KILL_COUNT");
  const char *when = getenv ("PENFOLD_KILL_WHEN");
  const char *with = getenv ("PENFOLD_FAIL_WITH");

  if (folder == NULL || !is_wanted_program ())
    return;
  if (count_file != NULL && *count_file != '\0')
    share_counts (count_file);
  kill_at = number_in ("PENFOLD_KILL_AT", 0);
  kill_after = when != NULL && strcmp (when, "after") == 0;
  fail_at = number_in ("PENFOLD_FAIL_AT", 0);
  fail_for = number_in ("PENFOLD_FAIL_FOR", 1);
  if (with != NULL && strcmp (with, "ENOSPC") == 0)
    fail_errno = ENOSPC;
  else if (with != NULL && strcmp (with, "ECONNRESET") == 0)
    fail_errno = ECONNRESET;
  else if (with != NULL && strcmp (with, "short") == 0)
    fail_short = true;
  else
    fail_errno = EIO;
  fail_all = with != NULL && strcmp (with, "error") == 0;
  below_length = strlen (folder);
  if (below_length < sizeof below)
    memcpy (below, folder, below_length + 1);
  else
    below_length = 0;
}

static bool
is_below (const char *path)
{
  return strncmp (path, below, below_length) == 0
         && (path[below_length] == '/' || path[below_length] == '\0');
}

/* Whether a name lies in a folder that is below: the name itself may not exist yet. */
static bool
is_ours_at (int         folder,
            const char *path)
{
  char full[2 * PATH_MAX], real_folder[PATH_MAX];
  int saved = errno;
  bool ours = false;

  if (below_length == 0)
    return false;
  if (*path == '/')
    snprintf (full, sizeof full, "%s", path);
  else if (folder == AT_FDCWD)
    snprintf (full, sizeof full, "./%s", path);
  else
    snprintf (full, sizeof full, "/proc/self/fd/%d/%s", folder, path);
  *strrchr (full, '/') = '\0';
  if (realpath (*full == '\0' ? "/" : full, real_folder) != NULL)
    ours = is_below (real_folder);
  errno = saved;
  return ours;
}

/* Whether an act on `fd` counts; a socket makes a write a send. */
static bool
is_ours (int       fd,
         enum act *act)
{
  char link[64], path[PATH_MAX];
  struct sockaddr_storage address;
  socklen_t size = sizeof address;
  struct stat st;
  ssize_t length;
  int saved = errno;
  bool ours = false;

  if (below_length == 0 || fstat (fd, &st) != 0)
    ours = false;
  else if (S_ISSOCK (st.st_mode))
    {
      *act = SEND;
      ours = getsockname (fd, (struct sockaddr *) &address, &size) == 0
             && (address.ss_family == AF_INET || address.ss_family == AF_INET6);
    }
  else if (S_ISREG (st.st_mode) || S_ISDIR (st.st_mode))
    {
      snprintf (link, sizeof link, "/proc/self/fd/%d", fd);
      if ((length = readlink (link, path, sizeof path - 1)) > 0)
        {
          path[length] = '\0';
          ours = is_below (path);
        }
    }
  errno = saved;
  return ours;
}

static void
die (enum act act)
{
  counts->killed = 1 + act;
  kill (getpid (), SIGKILL);
  for (;;)
    pause ();
}

static bool
can_fail (enum act act)
{
  if (fail_short)
    return act == WRITE || act == SEND;
  if (fail_all)
    return true;
  if (fail_errno == ECONNRESET)
    return act == SEND;
  if (fail_errno == ENOSPC)
    return act != SEND && act != UNLINK;
  return act != SEND;
}

enum verdict { PASS, FAIL, CUT, DIE_AFTER };

/* Counts an act, and does not come back if it is the one to die before. */
static enum verdict
count (enum act act)
{
  uint64_t number = __atomic_add_fetch (&counts->total, 1, __ATOMIC_SEQ_CST);

  __atomic_add_fetch (&counts->of[act], 1, __ATOMIC_SEQ_CST);
  if (number == kill_at && !kill_after)
    die (act);
  if (number == kill_at)
    return DIE_AFTER;
  if (fail_at == 0 || number < fail_at || (fail_for != 0 && number >= fail_at + fail_for) || !can_fail (act))
    return PASS;
  __atomic_add_fetch (&counts->failed, 1, __ATOMIC_SEQ_CST);
  if (fail_short)
    return CUT;
  errno = fail_all && act == SEND ? ECONNRESET : fail_errno;
  return FAIL;
}

#define DO(act, call) \
  do \
    { \
      enum verdict verdict = count (act); \
      __typeof__ (call) result; \
      if (verdict == FAIL) \
        return -1; \
      result = (call); \
      if (verdict == DIE_AFTER) \
        die (act); \
      return result; \
    } \
  while (0)

/* Half of a buffer where a short write is wanted; at least one byte, or the caller would try for ever. */
#define DO_CUT(act, length, whole, half) \
  do \
    { \
      enum verdict verdict = count (act); \
      ssize_t result; \
      if (verdict == FAIL) \
        return -1; \
      if (verdict == CUT && (length) > 1) \
        return (half); \
      result = (whole); \
      if (verdict == DIE_AFTER) \
        die (act); \
      return result; \
    } \
  while (0)

ssize_t
write (int         fd,
       const void *data,
       size_t      length)
{
  enum act act = WRITE;
  REAL (write);

  if (!is_ours (fd, &act))
    return real (fd, data, length);
  DO_CUT (act, length, real (fd, data, length), real (fd, data, length / 2));
}

ssize_t
pwrite (int         fd,
        const void *data,
        size_t      length,
        off_t       offset)
{
  enum act act = WRITE;
  REAL (pwrite);

  if (!is_ours (fd, &act))
    return real (fd, data, length, offset);
  DO_CUT (act, length, real (fd, data, length, offset), real (fd, data, length / 2, offset));
}

ssize_t
pwrite64 (int         fd,
          const void *data,
          size_t      length,
          off64_t     offset)
{
  enum act act = WRITE;
  REAL (pwrite64);

  if (!is_ours (fd, &act))
    return real (fd, data, length, offset);
  DO_CUT (act, length, real (fd, data, length, offset), real (fd, data, length / 2, offset));
}

ssize_t
writev (int                 fd,
        const struct iovec *pieces,
        int                 n_pieces)
{
  enum act act = WRITE;
  REAL (writev);

  if (!is_ours (fd, &act))
    return real (fd, pieces, n_pieces);
  DO_CUT (act, n_pieces, real (fd, pieces, n_pieces), real (fd, pieces, n_pieces / 2));
}

ssize_t
pwritev (int                 fd,
         const struct iovec *pieces,
         int                 n_pieces,
         off_t               offset)
{
  enum act act = WRITE;
  REAL (pwritev);

  if (!is_ours (fd, &act))
    return real (fd, pieces, n_pieces, offset);
  DO_CUT (act, n_pieces, real (fd, pieces, n_pieces, offset), real (fd, pieces, n_pieces / 2, offset));
}

ssize_t
send (int         fd,
      const void *data,
      size_t      length,
      int         flags)
{
  enum act act = SEND;
  REAL (send);

  if (!is_ours (fd, &act))
    return real (fd, data, length, flags);
  DO_CUT (act, length, real (fd, data, length, flags), real (fd, data, length / 2, flags));
}

ssize_t
sendto (int                    fd,
        const void            *data,
        size_t                 length,
        int                    flags,
        const struct sockaddr *address,
        socklen_t              address_size)
{
  enum act act = SEND;
  REAL (sendto);

  if (!is_ours (fd, &act))
    return real (fd, data, length, flags, address, address_size);
  DO_CUT (act, length, real (fd, data, length, flags, address, address_size),
          real (fd, data, length / 2, flags, address, address_size));
}

ssize_t
sendmsg (int                  fd,
         const struct msghdr *message,
         int                  flags)
{
  enum act act = SEND;
  REAL (sendmsg);

  if (!is_ours (fd, &act))
    return real (fd, message, flags);
  DO (act, real (fd, message, flags));
}

int
fsync (int fd)
{
  enum act act = SYNC;
  REAL (fsync);

  if (!is_ours (fd, &act))
    return real (fd);
  DO (SYNC, real (fd));
}

int
fdatasync (int fd)
{
  enum act act = SYNC;
  REAL (fdatasync);

  if (!is_ours (fd, &act))
    return real (fd);
  DO (SYNC, real (fd));
}

int
ftruncate (int   fd,
           off_t length)
{
  enum act act = TRUNCATE;
  REAL (ftruncate);

  if (!is_ours (fd, &act))
    return real (fd, length);
  DO (TRUNCATE, real (fd, length));
}

int
ftruncate64 (int     fd,
             off64_t length)
{
  enum act act = TRUNCATE;
  REAL (ftruncate64);

  if (!is_ours (fd, &act))
    return real (fd, length);
  DO (TRUNCATE, real (fd, length));
}

int
rename (const char *from,
        const char *to)
{
  REAL (rename);

  if (!is_ours_at (AT_FDCWD, to))
    return real (from, to);
  DO (RENAME, real (from, to));
}

int
renameat (int         from_folder,
          const char *from,
          int         to_folder,
          const char *to)
{
  REAL (renameat);

  if (!is_ours_at (to_folder, to))
    return real (from_folder, from, to_folder, to);
  DO (RENAME, real (from_folder, from, to_folder, to));
}

int
renameat2 (int          from_folder,
           const char  *from,
           int          to_folder,
           const char  *to,
           unsigned int flags)
{
  REAL (renameat2);

  if (!is_ours_at (to_folder, to))
    return real (from_folder, from, to_folder, to, flags);
  DO (RENAME, real (from_folder, from, to_folder, to, flags));
}

int
unlink (const char *path)
{
  REAL (unlink);

  if (!is_ours_at (AT_FDCWD, path))
    return real (path);
  DO (UNLINK, real (path));
}

int
unlinkat (int         folder,
          const char *path,
          int         flags)
{
  REAL (unlinkat);

  if (!is_ours_at (folder, path))
    return real (folder, path, flags);
  DO (UNLINK, real (folder, path, flags));
}
