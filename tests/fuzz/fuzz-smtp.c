/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bytes of an SMTP server must give the same replies however they are cut; the same bytes as a message
 * must come out of the body writer as lines with CRLF, none of which can be the final dot. */
#include "smtp/address.h"
#include "smtp/body.h"
#include "smtp/capabilities.h"
#include "smtp/error.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static char *
read_replies (BaseSlice input,
              gsize     step)
{
  g_autoptr(SmtpFramer) framer = smtp_framer_new ();
  GString *notes = g_string_new (NULL);

  for (gsize at = 0; at < input.size; at += step)
    {
      BaseSlice portion = base_slice_sub (input, at, step);

      while (portion.size > 0)
        {
          g_autoptr(SmtpReply) reply = NULL;
          g_autofree char *text = NULL;

          if (!smtp_framer_take (framer, &portion, &reply, NULL))
            {
              g_string_append_c (notes, '!');
              return g_string_free (notes, FALSE);
            }
          if (reply == NULL)
            continue;
          text = smtp_reply_dup_text (reply);
          g_string_append_printf (notes, "%u %u %s\n", reply->code, smtp_judge_refusal (reply), text);
          smtp_capabilities_free (smtp_capabilities_parse (reply));
        }
    }
  return g_string_free (notes, FALSE);
}

static void
write_body (BaseSlice   input,
            gsize       step,
            GByteArray *out)
{
  SmtpBody body = SMTP_BODY_INIT;

  for (gsize at = 0; at < input.size; at += step)
    smtp_body_write (&body, base_slice_sub (input, at, step), out);
  smtp_body_finish (&body, out);
}

static void
check_lines (BaseSlice text)
{
  while (text.size > 0)
    {
      const guint8 *end = memchr (text.data, '\n', text.size);
      gsize size = end != NULL ? (gsize) (end - text.data) + 1 : text.size;
      BaseSlice line = base_slice_sub (text, 0, size);

      g_assert (size >= 2 && memcmp (line.data + size - 2, "\r\n", 2) == 0);
      g_assert (memchr (line.data, '\r', size) == line.data + size - 2);
      g_assert (line.data[0] != '.' || line.data[1] == '.');
      text = base_slice_sub (text, size, text.size);
    }
}

static void
check_address (BaseSlice input)
{
  g_autofree char *address = base_slice_dup_string (base_slice_sub (input, 0, SMTP_ADDRESS_MAX + 1));
  g_autofree char *ascii = NULL;

  if (address == NULL || smtp_check_address (address) == SMTP_ADDRESS_BAD)
    return;
  g_assert (strpbrk (address, "\r\n<>") == NULL);
  ascii = smtp_dup_ascii_address (address);
  g_assert (ascii == NULL || smtp_check_address (ascii) == SMTP_ADDRESS_ASCII);
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  BaseSlice input = base_slice_sub (base_slice_new (data, size), 1, size);
  g_autofree char *whole = NULL;
  g_autofree char *cut = NULL;
  g_autoptr(GByteArray) body = g_byte_array_new ();
  g_autoptr(GByteArray) cut_body = g_byte_array_new ();

  if (size < 1)
    return 0;
  whole = read_replies (input, input.size + 1);
  cut = read_replies (input, data[0] + 1u);
  g_assert (strcmp (whole, cut) == 0);

  write_body (input, input.size + 1, body);
  write_body (input, data[0] + 1u, cut_body);
  g_assert (body->len == cut_body->len);
  g_assert (body->len == 0 || memcmp (body->data, cut_body->data, body->len) == 0);
  check_lines (base_slice_new (body->data, body->len));
  check_address (input);
  return 0;
}
