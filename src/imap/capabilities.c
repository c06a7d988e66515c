/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "imap/capabilities.h"

#include <string.h>

#define NAME_MAX_SIZE 128

struct _ImapCapabilities {
  gboolean   can[IMAP_CAN_N];
  guint      n_names;
  GPtrArray *mechanisms;       /* NULL-terminated */
  GString   *text;
};

static const char * const names[IMAP_CAN_N] = {
  [IMAP_CAN_IMAP4REV1] = "IMAP4rev1",
  [IMAP_CAN_IMAP4REV2] = "IMAP4rev2",
  [IMAP_CAN_APPENDLIMIT] = "APPENDLIMIT",
  [IMAP_CAN_COMPRESS_DEFLATE] = "COMPRESS=DEFLATE",
  [IMAP_CAN_CONDSTORE] = "CONDSTORE",
  [IMAP_CAN_CREATE_SPECIAL_USE] = "CREATE-SPECIAL-USE",
  [IMAP_CAN_ENABLE] = "ENABLE",
  [IMAP_CAN_ESEARCH] = "ESEARCH",
  [IMAP_CAN_GMAIL] = "X-GM-EXT-1",
  [IMAP_CAN_ID] = "ID",
  [IMAP_CAN_IDLE] = "IDLE",
  [IMAP_CAN_LIST_EXTENDED] = "LIST-EXTENDED",
  [IMAP_CAN_LIST_STATUS] = "LIST-STATUS",
  [IMAP_CAN_LITERAL_MINUS] = "LITERAL-",
  [IMAP_CAN_LITERAL_PLUS] = "LITERAL+",
  [IMAP_CAN_LOGINDISABLED] = "LOGINDISABLED",
  [IMAP_CAN_MOVE] = "MOVE",
  [IMAP_CAN_NAMESPACE] = "NAMESPACE",
  [IMAP_CAN_OBJECTID] = "OBJECTID",
  [IMAP_CAN_QRESYNC] = "QRESYNC",
  [IMAP_CAN_QUOTA] = "QUOTA",
  [IMAP_CAN_SASL_IR] = "SASL-IR",
  [IMAP_CAN_SPECIAL_USE] = "SPECIAL-USE",
  [IMAP_CAN_STARTTLS] = "STARTTLS",
  [IMAP_CAN_STATUS_SIZE] = "STATUS=SIZE",
  [IMAP_CAN_UIDPLUS] = "UIDPLUS",
  [IMAP_CAN_UNSELECT] = "UNSELECT",
  [IMAP_CAN_UTF8_ACCEPT] = "UTF8=ACCEPT",
  [IMAP_CAN_XAPPLEPUSH] = "XAPPLEPUSHSERVICE",
  [IMAP_CAN_XSTOP] = "XSTOP",
  [IMAP_CAN_XYMHIGHESTMODSEQ] = "XYMHIGHESTMODSEQ",
};

/* What RFC 9051 made part of the protocol; a server may leave the old names out. */
static const ImapCapability in_rev2[] = {
  IMAP_CAN_ENABLE, IMAP_CAN_ESEARCH, IMAP_CAN_IDLE, IMAP_CAN_LIST_STATUS, IMAP_CAN_LIST_EXTENDED,
  IMAP_CAN_LITERAL_MINUS, IMAP_CAN_MOVE, IMAP_CAN_NAMESPACE, IMAP_CAN_SASL_IR, IMAP_CAN_SPECIAL_USE,
  IMAP_CAN_STATUS_SIZE, IMAP_CAN_UIDPLUS, IMAP_CAN_UNSELECT,
};

ImapCapabilities *
imap_capabilities_new (void)
{
  ImapCapabilities *capabilities = g_new0 (ImapCapabilities, 1);

  capabilities->mechanisms = g_ptr_array_new_with_free_func (g_free);
  capabilities->text = g_string_new (NULL);
  imap_capabilities_clear (capabilities);
  return capabilities;
}

void
imap_capabilities_free (ImapCapabilities *capabilities)
{
  g_ptr_array_unref (capabilities->mechanisms);
  g_string_free (capabilities->text, TRUE);
  g_free (capabilities);
}

void
imap_capabilities_clear (ImapCapabilities *capabilities)
{
  memset (capabilities->can, 0, sizeof capabilities->can);
  capabilities->n_names = 0;
  g_ptr_array_set_size (capabilities->mechanisms, 0);
  g_ptr_array_add (capabilities->mechanisms, NULL);
  g_string_truncate (capabilities->text, 0);
}

static void
add_mechanism (ImapCapabilities *capabilities,
               BaseSlice         name)
{
  GPtrArray *mechanisms = capabilities->mechanisms;

  if (name.size == 0)
    return;
  mechanisms->pdata[mechanisms->len - 1] = g_ascii_strup ((const char *) name.data, (gssize) name.size);
  g_ptr_array_add (mechanisms, NULL);
}

static void
add_bit (ImapCapabilities *capabilities,
         BaseSlice         name)
{
  /* RFC 7889: APPENDLIMIT or APPENDLIMIT=35651584. */
  if (base_slice_starts_with_nocase (name, "APPENDLIMIT="))
    name.size = strlen ("APPENDLIMIT");
  /* RFC 9208: QUOTA, or only QUOTA=RES-STORAGE beside it. */
  if (base_slice_starts_with_nocase (name, "QUOTA=RES-STORAGE"))
    name.size = strlen ("QUOTA");
  /* hMailServer says IMAPrev1. */
  if (base_slice_equal_nocase (name, "IMAPrev1"))
    capabilities->can[IMAP_CAN_IMAP4REV1] = TRUE;
  for (guint i = 0; i < IMAP_CAN_N; i++)
    if (base_slice_equal_nocase (name, names[i]))
      capabilities->can[i] = TRUE;

  if (capabilities->can[IMAP_CAN_IMAP4REV2])
    for (gsize i = 0; i < G_N_ELEMENTS (in_rev2); i++)
      capabilities->can[in_rev2[i]] = TRUE;
  /* RFC 7162 section 3.2.3: QRESYNC includes CONDSTORE. */
  if (capabilities->can[IMAP_CAN_QRESYNC])
    capabilities->can[IMAP_CAN_CONDSTORE] = TRUE;
}

void
imap_capabilities_add (ImapCapabilities *capabilities,
                       BaseSlice         name)
{
  g_autofree char *text = NULL;

  if (name.size == 0 || name.size > NAME_MAX_SIZE || capabilities->n_names >= IMAP_CAPABILITIES_MAX
      || memchr (name.data, '\0', name.size) != NULL)
    return;
  capabilities->n_names++;
  text = base_slice_dup_text (name);
  g_string_append_printf (capabilities->text, "%s%s", capabilities->text->len > 0 ? " " : "", text);

  if (base_slice_starts_with_nocase (name, "AUTH="))
    add_mechanism (capabilities, base_slice_sub (name, strlen ("AUTH="), name.size));
  else
    add_bit (capabilities, name);
}

gboolean
imap_capabilities_has (const ImapCapabilities *capabilities,
                       ImapCapability          capability)
{
  return capabilities->can[capability];
}

gboolean
imap_capabilities_is_empty (const ImapCapabilities *capabilities)
{
  return capabilities->n_names == 0;
}

const char * const *
imap_capabilities_peek_mechanisms (ImapCapabilities *capabilities)
{
  return (const char * const *) capabilities->mechanisms->pdata;
}

char *
imap_capabilities_dup_text (const ImapCapabilities *capabilities)
{
  return g_strdup (capabilities->text->str);
}
