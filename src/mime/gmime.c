/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mime/gmime.h"

#include "mime/error.h"

G_DEFINE_QUARK (penfold-mime-error-quark, mime_error)

void
mime_gmime_ensure (void)
{
  static gsize ready;

  if (g_once_init_enter (&ready))
    {
      g_mime_init ();
      g_once_init_leave (&ready, 1);
    }
}
