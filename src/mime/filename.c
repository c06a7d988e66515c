/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mime/filename.h"

#include "mime/header.h"

#include <string.h>

#define NAME_MAX_BYTES      200
#define EXTENSION_MAX_BYTES 20

static const char *
skip_directories (const char *name)
{
  const char *base = name;

  for (const char *p = name; *p != '\0'; p++)
    if (*p == '/' || *p == '\\')
      base = p + 1;
  return base;
}

/* What no file system, shell or file chooser can misread. */
static void
replace_specials (char *name)
{
  for (char *p = name; *p != '\0'; p++)
    if (strchr ("/\\:*?\"<>|", *p) != NULL)
      *p = '_';
}

static char *
without_replacements (const char *name)
{
  g_auto(GStrv) pieces = g_strsplit (name, "\xef\xbf\xbd", -1);

  return g_strjoinv ("_", pieces);
}

static gboolean
is_device (const char *name)
{
  static const char *const devices[] = { "con", "prn", "aux", "nul", "com", "lpt" };
  gsize stem = strcspn (name, ".");

  for (gsize i = 0; i < G_N_ELEMENTS (devices); i++)
    if (g_ascii_strncasecmp (name, devices[i], 3) == 0
        && (stem == (i < 4 ? 3u : 4u)) && (i < 4 || g_ascii_isdigit (name[3])))
      return TRUE;
  return FALSE;
}

static const char *
find_extension (const char *name)
{
  const char *dot = strrchr (name, '.');

  return dot != NULL && dot != name && strlen (dot) <= EXTENSION_MAX_BYTES ? dot : "";
}

static void
cut_stem (char *name)
{
  g_autofree char *extension = g_strdup (find_extension (name));
  gsize size = strlen (name);
  gsize stem = NAME_MAX_BYTES - strlen (extension);

  if (size <= NAME_MAX_BYTES)
    return;
  while (stem > 0 && ((guint8) name[stem] & 0xc0) == 0x80)
    stem--;
  strcpy (name + stem, extension);
}

static void
trim (char *name)
{
  gsize lead = strspn (name, ".- ");
  gsize size;

  memmove (name, name + lead, strlen (name + lead) + 1);
  size = strlen (name);
  while (size > 0 && strchr (". ", name[size - 1]) != NULL)
    name[--size] = '\0';
}

char *
mime_filename_make_safe (const char *name,
                         const char *fallback)
{
  g_autofree char *harmless = mime_text_make_harmless (name != NULL ? skip_directories (name) : "", 1000);
  g_autofree char *composed = g_utf8_normalize (harmless, -1, G_NORMALIZE_NFC);
  g_autofree char *safe = without_replacements (composed);

  replace_specials (safe);
  trim (safe);
  cut_stem (safe);
  trim (safe);
  if (*safe == '\0')
    return g_strdup (fallback);
  return is_device (safe) ? g_strconcat ("_", safe, NULL) : g_steal_pointer (&safe);
}

char *
mime_filename_for_type (const char *type,
                        const char *subtype)
{
  static const struct { const char *type, *name; } known[] = {
    { "text/plain", "text.txt" },                { "text/html", "page.html" },
    { "text/calendar", "invitation.ics" },       { "text/vcard", "contact.vcf" },
    { "text/x-vcard", "contact.vcf" },           { "text/directory", "contact.vcf" },
    { "text/csv", "table.csv" },                 { "text/rtf", "text.rtf" },
    { "message/rfc822", "message.eml" },         { "message/global", "message.eml" },
    { "message/delivery-status", "delivery-status.txt" },
    { "message/disposition-notification", "receipt.txt" },
    { "text/rfc822-headers", "header.txt" },     { "image/jpeg", "image.jpg" },
    { "image/png", "image.png" },                { "image/gif", "image.gif" },
    { "image/webp", "image.webp" },              { "image/svg+xml", "image.svg" },
    { "image/tiff", "image.tif" },               { "application/pdf", "document.pdf" },
    { "application/zip", "archive.zip" },        { "application/ms-tnef", "winmail.dat" },
    { "application/pgp-keys", "key.asc" },       { "application/pgp-encrypted", "encrypted.asc" },
    { "application/pkcs7-mime", "smime.p7m" },   { "audio/mpeg", "audio.mp3" },
    { "video/mp4", "video.mp4" },
  };
  g_autofree char *whole = g_strconcat (type, "/", subtype, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    if (strcmp (whole, known[i].type) == 0)
      return g_strdup (known[i].name);
  return g_strdup (strcmp (type, "image") == 0 ? "image" : "attachment");
}

static const char *const programs[] = {
  "apk", "app", "appimage", "appref-ms", "bash", "bat", "bin", "cmd", "com", "command", "cpl", "csh", "deb",
  "desktop", "dll", "dmg", "elf", "exe", "flatpak", "flatpakref", "gadget", "hta", "img", "inf", "iso", "jar",
  "jnlp", "js", "jse", "ksh", "lnk", "lua", "msc", "msi", "msp", "msu", "out", "php", "pif", "pkg", "pl",
  "ps1", "ps1xml", "psm1", "py", "pyc", "pyw", "rb", "reg", "rpm", "run", "scf", "scpt", "scr", "sh", "snap",
  "so", "url", "vb", "vbe", "vbs", "vhd", "vhdx", "wsc", "wsf", "wsh", "xpi", "zsh",
};

static const char *const active[] = {
  "docm", "dotm", "htm", "html", "mht", "mhtml", "odb", "one", "potm", "ppam", "ppsm", "pptm", "shtml",
  "sldm", "svg", "svgz", "xhtml", "xht", "xlam", "xll", "xlsb", "xlsm", "xltm", "xml", "xsl", "xslt",
};

static gboolean
is_listed (const char        *extension,
           const char *const *list,
           gsize              n)
{
  for (gsize i = 0; i < n; i++)
    if (strcmp (extension, list[i]) == 0)
      return TRUE;
  return FALSE;
}

MimeDanger
mime_filename_get_danger (const char *name)
{
  g_autofree char *safe = mime_filename_make_safe (name, "");
  g_autofree char *lower = g_utf8_strdown (safe, -1);
  const char *dot = strrchr (lower, '.');

  if (dot == NULL)
    return MIME_DANGER_NONE;
  if (is_listed (dot + 1, programs, G_N_ELEMENTS (programs)))
    return MIME_DANGER_PROGRAM;
  return is_listed (dot + 1, active, G_N_ELEMENTS (active)) ? MIME_DANGER_ACTIVE : MIME_DANGER_NONE;
}
