/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ui/composer-private.h - what the files of the composer share.  For composer*.c only. */
#pragma once

#include "ui/address-entry.h"
#include "ui/attachment-strip.h"
#include "ui/composer.h"
#include "ui/identity-choice.h"

/* What happens as soon as everything typed is saved. */
typedef enum {
  UI_THEN_STAY,
  UI_THEN_CLOSE,
  UI_THEN_SEND,
  UI_THEN_DISCARD,
} UiThen;

struct _UiComposer {
  AdwWindow          parent_instance;

  ModelStore        *store;
  ModelLetter       *letter;            /* NULL until it is there */
  gint64             opened_id;         /* of the draft asked for */
  gint64             edited_id;         /* of the message asked for, if that is a draft */
  GCancellable      *cancellable;       /* opening and attaching */

  gboolean           is_filling;        /* changes of the fields are not the user's */
  gboolean           is_touched;
  gboolean           is_dirty;          /* something is not saved yet */
  gboolean           is_saving;
  gboolean           is_ending;         /* queueing or discarding */
  UiThen             then;
  guint              save_timeout;
  guint              accepted;          /* ModelComposeHints that the user has overridden */
  GPtrArray         *waiting;           /* of GFile: to attach when the draft has a row */
  GPtrArray         *coming;            /* of char *: names of files being copied */
  GtkFileChooserNative *chooser;
  GtkWidget         *focus;             /* weak: where the cursor was before the fields were held */

  AdwWindowTitle    *title;
  GtkStack          *stack;
  AdwStatusPage     *failed;
  GtkWidget         *content;
  UiIdentityChoice  *from;
  GtkWidget         *sent_to_server;
  GtkLabel          *sent;
  UiAddressEntry    *to;
  UiAddressEntry    *cc;
  UiAddressEntry    *bcc;
  GtkWidget         *cc_line;
  GtkWidget         *bcc_line;
  GtkWidget         *show_copies;
  GtkEditable       *subject;
  GtkTextView       *text;
  GtkTextBuffer     *buffer;
  GtkWidget         *hint;
  GtkLabel          *hint_text;
  GtkButton         *hint_first;
  GtkButton         *hint_second;
  UiAttachmentStrip *strip;
};

typedef struct {
  const char *label;                    /* NULL: no button */
  const char *action;
} UiHintButton;

#define UI_NO_BUTTON ((UiHintButton) { NULL, NULL })

/* composer-fields.c */
void     ui_composer_show_hint        (UiComposer   *self,
                                       const char   *text,
                                       UiHintButton  first,
                                       UiHintButton  second);
void     ui_composer_hide_hint        (UiComposer   *self);
void     ui_composer_show_title       (UiComposer   *self);
void     ui_composer_show_saved       (UiComposer   *self);
void     ui_composer_show_sent_place  (UiComposer   *self);
void     ui_composer_show_copies      (UiComposer   *self);
void     ui_composer_show_attachments (UiComposer   *self);
char    *ui_composer_dup_body         (UiComposer   *self) G_GNUC_WARN_UNUSED_RESULT;
/* Replaces only what differs, so that the cursor and the steps of undo stay. */
void     ui_composer_replace_body     (UiComposer   *self,
                                       const char   *old,
                                       const char   *new);
/* The draft as the fields say, and the fields as the draft says. */
void     ui_composer_read_fields      (UiComposer   *self);
void     ui_composer_fill_fields      (UiComposer   *self);
/* While the letter is about to go or to close nothing more can be typed. */
void     ui_composer_hold_fields      (UiComposer   *self);
void     ui_composer_release_fields   (UiComposer   *self);
/* Takes text. */
void     ui_composer_take_text        (char        **field,
                                       char         *text);

/* composer-save.c */
/* The one place that decides what happens next; whoever changed something calls it. */
void     ui_composer_go_on            (UiComposer   *self);
void     ui_composer_go_on_to         (UiComposer   *self,
                                       UiThen        then);
/* The user changed something. */
void     ui_composer_touch            (UiComposer   *self);

/* composer-files.c */
/* The draft has a row now. */
void     ui_composer_attach_waiting   (UiComposer   *self);
void     ui_composer_remove_attachment (UiComposer  *self,
                                       gint64        id);
gboolean ui_composer_take_drop        (UiComposer   *self,
                                       const GValue *value);
void     ui_composer_choose_files     (GtkWidget    *widget,
                                       const char   *action,
                                       GVariant     *parameter);

/* composer-send.c: actions */
void     ui_composer_send             (GtkWidget    *widget,
                                       const char   *action,
                                       GVariant     *parameter);
void     ui_composer_send_anyway      (GtkWidget    *widget,
                                       const char   *action,
                                       GVariant     *parameter);
void     ui_composer_discard          (GtkWidget    *widget,
                                       const char   *action,
                                       GVariant     *parameter);
void     ui_composer_save_now         (GtkWidget    *widget,
                                       const char   *action,
                                       GVariant     *parameter);
void     ui_composer_keep_as_new      (GtkWidget    *widget,
                                       const char   *action,
                                       GVariant     *parameter);
void     ui_composer_close_anyway     (GtkWidget    *widget,
                                       const char   *action,
                                       GVariant     *parameter);
