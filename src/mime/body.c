/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mime/tree.h"

#include <string.h>

typedef struct {
  const MimeTree *tree;
  MimePreference  preference;
  GArray         *list;
} Choice;

static gboolean
is_shown_text (const MimePart *part)
{
  return (part->flags & MIME_PART_IS_TEXT) != 0 && part->disposition != MIME_DISPOSITION_ATTACHMENT
         && ((part->flags & MIME_PART_IS_ATTACHMENT) == 0 || part->disposition == MIME_DISPOSITION_INLINE);
}

/* Whether a text of that subtype (NULL: any) lies in the part, attached messages apart. */
static gboolean
holds_text (const MimeTree *tree,
            guint           index,
            const char     *subtype)
{
  guint level = mime_tree_get_part (tree, index)->flags & MIME_PART_IN_MESSAGE;
  guint end = mime_tree_get_part (tree, index)->end;

  for (guint i = index; i < end; i++)
    {
      const MimePart *part = mime_tree_get_part (tree, i);

      if ((part->flags & MIME_PART_IN_MESSAGE) == level && is_shown_text (part)
          && (subtype == NULL || strcmp (part->subtype, subtype) == 0))
        return TRUE;
    }
  return FALSE;
}

static gint
next_sibling (const MimeTree *tree,
              guint           index,
              guint           end)
{
  guint next = mime_tree_get_part (tree, index)->end;

  return next < end ? (gint) next : -1;
}

/* RFC 2046 5.1.4: the last form that can be shown is the richest. */
static gint
choose_alternative (Choice *choice,
                    guint   index)
{
  guint end = mime_tree_get_part (choice->tree, index)->end;
  gint rich = -1, plain = -1, any = -1;

  for (gint i = index + 1 < end ? (gint) index + 1 : -1; i >= 0;
       i = next_sibling (choice->tree, (guint) i, end))
    {
      if (holds_text (choice->tree, (guint) i, "html"))
        rich = i;
      else if (holds_text (choice->tree, (guint) i, "plain"))
        plain = i;
      else if (holds_text (choice->tree, (guint) i, NULL))
        any = i;
    }
  if (choice->preference == MIME_PREFER_PLAIN && plain >= 0)
    return plain;
  return rich >= 0 ? rich : plain >= 0 ? plain : any;
}

/* RFC 2387: the first part is the root; some mailers put it behind its images. */
static gint
choose_root (Choice *choice,
             guint   index)
{
  guint end = mime_tree_get_part (choice->tree, index)->end;

  for (gint i = index + 1 < end ? (gint) index + 1 : -1; i >= 0;
       i = next_sibling (choice->tree, (guint) i, end))
    if (holds_text (choice->tree, (guint) i, NULL))
      return i;
  return -1;
}

static gboolean
is_shown_image (const MimePart *part)
{
  return mime_part_is_type (part, "image", NULL) && part->disposition == MIME_DISPOSITION_INLINE
         && (part->flags & MIME_PART_IS_INLINE_IMAGE) == 0;
}

static void walk (Choice *choice, gint index);

static void
walk_children (Choice *choice,
               guint   index)
{
  guint end = mime_tree_get_part (choice->tree, index)->end;

  for (gint i = index + 1 < end ? (gint) index + 1 : -1; i >= 0;
       i = next_sibling (choice->tree, (guint) i, end))
    walk (choice, i);
}

/* Recursion is as deep as the tree, at most MIME_DEPTH_MAX. */
static void
walk (Choice *choice,
      gint    index)
{
  const MimePart *part;

  if (index < 0)
    return;
  part = mime_tree_get_part (choice->tree, (guint) index);
  if ((part->flags & MIME_PART_IS_MULTIPART) == 0)
    {
      if (is_shown_text (part) || is_shown_image (part))
        g_array_append_val (choice->list, index);
    }
  else if (strcmp (part->subtype, "alternative") == 0)
    walk (choice, choose_alternative (choice, (guint) index));
  else if (strcmp (part->subtype, "related") == 0)
    walk (choice, choose_root (choice, (guint) index));
  else if (strcmp (part->subtype, "signed") == 0)
    walk (choice, (guint) index + 1 < part->end ? index + 1 : -1);
  else if (strcmp (part->subtype, "encrypted") != 0)
    walk_children (choice, (guint) index);
}

GArray *
mime_tree_list_body (const MimeTree *tree,
                     MimePreference  preference)
{
  Choice choice = { tree, preference, g_array_new (FALSE, FALSE, sizeof (guint)) };

  walk (&choice, 0);
  return choice.list;
}
