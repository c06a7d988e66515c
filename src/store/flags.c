/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/flags.h"

guint
store_flags_merge (guint base,
                   guint local,
                   guint server)
{
  guint by_user = base ^ local;         /* where both changed a flag, the user's choice stands */

  return (server & ~by_user) | (local & by_user);
}
