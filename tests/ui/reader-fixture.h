/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/ui/reader-fixture.h - a reader in a window, and ways to look at what it shows.
 *
 * Every failure is an assertion.
 */
#pragma once

#include "ui/reader.h"

/* Readies GTK with the accessibility backend of tests. */
void          reader_test_init         (int    *argc,
                                        char ***argv);

/* In a window that is on the screen. */
UiReader     *reader_test_new          (void) G_GNUC_WARN_UNUSED_RESULT;
void          reader_test_destroy      (UiReader *reader);

ModelReading *reader_test_read         (const char *message) G_GNUC_WARN_UNUSED_RESULT;
/* A message with that HTML. */
ModelReading *reader_test_read_html    (const char *html) G_GNUC_WARN_UNUSED_RESULT;

/* The first mapped widget of a type by name that holds words in its label, text or tooltip; words may be
 * NULL.  NULL if there is none. */
GtkWidget    *reader_test_find         (UiReader   *reader,
                                        const char *type_name,
                                        const char *words);

typedef gboolean (*ReaderTestCondition) (gpointer data);
/* Turns the main loop until it is so, at most 20 s. */
void          reader_test_wait         (ReaderTestCondition condition,
                                        gpointer            data);
void          reader_test_run_for      (guint milliseconds);
