/* SPDX-License-Identifier: GPL-3.0-or-later */
/* describe.h - what framer and parser make of bytes, as text that tests compare. */
#pragma once

#include "imap/framer.h"
#include "imap/response.h"

/* Pieces of the framer, one a line; the bytes are fed in portions of cut, then of rest bytes. */
char *describe_pieces    (BaseSlice         input,
                          gsize             cut,
                          gsize             rest,
                          const ImapLimits *limits);
/* Responses of the parser, one a line. */
char *describe_responses (BaseSlice         input,
                          gsize             cut,
                          gsize             rest);
/* One response, without a line end. */
void  describe_response  (const ImapResponse *response,
                          GString            *text);
