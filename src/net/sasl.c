/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/sasl.h"

#include "base/bytes.h"

#include <gsasl.h>

#include <string.h>

#define CHALLENGE_LIMIT (16 * 1024)
#define COUNT_MIN       4096            /* RFC 7677 section 4 */
#define COUNT_MAX       10000000        /* more would keep this computer busy for minutes */

G_DEFINE_QUARK (penfold-sasl-error-quark, sasl_error)

typedef struct {
  const char *name;
  gboolean    takes_token;              /* and not a password */
  gboolean    shows_secret;             /* to whoever reads the line */
  gboolean    sends_first;
  gboolean    is_scram;
} Mechanism;

/* The strongest first. */
static const Mechanism mechanisms[] = {
  { "OAUTHBEARER", .takes_token = TRUE, .shows_secret = TRUE, .sends_first = TRUE },
  { "XOAUTH2", .takes_token = TRUE, .shows_secret = TRUE, .sends_first = TRUE },
  { "SCRAM-SHA-256", .sends_first = TRUE, .is_scram = TRUE },
  { "SCRAM-SHA-1", .sends_first = TRUE, .is_scram = TRUE },
  { "CRAM-MD5" },
  { "PLAIN", .shows_secret = TRUE, .sends_first = TRUE },
  { "LOGIN", .shows_secret = TRUE },
};

struct _NetSasl {
  const Mechanism *mechanism;
  char            *host;
  guint16          port;
  char            *user;
  BaseSecret      *password;
  BaseSecret      *token;
  Gsasl           *library;
  Gsasl_session   *session;
  guint            n_steps;             /* done */
  gboolean         is_over;             /* nothing more is answered */
  gboolean         is_complete;
};

static gboolean
is_offered (const char         *name,
            const char * const *offered)
{
  for (; *offered != NULL; offered++)
    if (g_ascii_strcasecmp (*offered, name) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
is_usable (const Mechanism    *mechanism,
           const NetSaslLogin *login)
{
  if (mechanism->shows_secret && !login->is_line_encrypted && !login->may_send_clear)
    return FALSE;
  return mechanism->takes_token ? login->oauth_token != NULL : login->oauth_token == NULL
         && login->password != NULL;
}

static const Mechanism *
choose_mechanism (const NetSaslLogin  *login,
                  const char * const  *offered,
                  GError             **error)
{
  gboolean is_only_clear = FALSE;

  for (gsize i = 0; i < G_N_ELEMENTS (mechanisms); i++)
    {
      if (!is_offered (mechanisms[i].name, offered))
        continue;
      if (is_usable (&mechanisms[i], login))
        return &mechanisms[i];
      is_only_clear |= mechanisms[i].shows_secret && !login->is_line_encrypted;
    }
  if (is_only_clear)
    g_set_error (error, SASL_ERROR, SASL_ERROR_NO_MECHANISM,
                 "%s offers only ways to sign in that would show the password to everyone on the line",
                 login->host);
  else
    g_set_error (error, SASL_ERROR, SASL_ERROR_NO_MECHANISM,
                 "%s offers no way to sign in that fits this account", login->host);
  return NULL;
}

static int
property_cb (Gsasl          *library,
             Gsasl_session  *session,
             Gsasl_property  property)
{
  NetSasl *sasl = gsasl_session_hook_get (session);

  switch (property)
    {
    case GSASL_AUTHID:
      return gsasl_property_set (session, property, sasl->user);
    case GSASL_PASSWORD:
      return gsasl_property_set (session, property, base_secret_peek (sasl->password));
    default:
      /* gsasl 2.2 fails when a mechanism without -PLUS is given channel binding. */
      return GSASL_NO_CALLBACK;
    }
}

/* RFC 7628 section 3.1 and XOAUTH2 use U+0001 as separator. */
static gboolean
is_plain_text (const char *text)
{
  for (; *text != '\0'; text++)
    if (g_ascii_iscntrl (*text))
      return FALSE;
  return TRUE;
}

static gboolean
sasl_begin (NetSasl  *sasl,
            GError  **error)
{
  if (sasl->mechanism->takes_token)
    {
      if (is_plain_text (sasl->user) && is_plain_text (base_secret_peek (sasl->token)))
        return TRUE;
      g_set_error (error, SASL_ERROR, SASL_ERROR_NO_MECHANISM,
                   "The sign-in token for %s has impossible characters", sasl->user);
      return FALSE;
    }

  if (gsasl_init (&sasl->library) != GSASL_OK
      || gsasl_client_start (sasl->library, sasl->mechanism->name, &sasl->session) != GSASL_OK)
    {
      g_set_error (error, SASL_ERROR, SASL_ERROR_NO_MECHANISM,
                   "This computer's SASL library lacks %s", sasl->mechanism->name);
      return FALSE;
    }
  gsasl_callback_set (sasl->library, property_cb);
  gsasl_session_hook_set (sasl->session, sasl);
  return TRUE;
}

NetSasl *
net_sasl_new (const NetSaslLogin  *login,
              const char * const  *offered,
              GError             **error)
{
  const Mechanism *mechanism = choose_mechanism (login, offered, error);
  g_autoptr(NetSasl) sasl = NULL;

  if (mechanism == NULL)
    return NULL;
  sasl = g_new0 (NetSasl, 1);
  sasl->mechanism = mechanism;
  sasl->host = g_strdup (login->host);
  sasl->port = login->port;
  sasl->user = g_strdup (login->user);
  sasl->password = login->password != NULL ? base_secret_ref (login->password) : NULL;
  sasl->token = login->oauth_token != NULL ? base_secret_ref (login->oauth_token) : NULL;
  return sasl_begin (sasl, error) ? g_steal_pointer (&sasl) : NULL;
}

/* gsasl frees its copies without wiping them. */
static void
wipe_property (Gsasl_session  *session,
               Gsasl_property  property)
{
  const char *text = gsasl_property_fast (session, property);

  if (text != NULL)
    base_secret_wipe ((char *) text, strlen (text));
}

void
net_sasl_free (NetSasl *sasl)
{
  if (sasl->session != NULL)
    {
      wipe_property (sasl->session, GSASL_PASSWORD);
      wipe_property (sasl->session, GSASL_SCRAM_SALTED_PASSWORD);
      gsasl_finish (sasl->session);
    }
  if (sasl->library != NULL)
    gsasl_done (sasl->library);
  g_clear_pointer (&sasl->password, base_secret_unref);
  g_clear_pointer (&sasl->token, base_secret_unref);
  g_free (sasl->host);
  g_free (sasl->user);
  g_free (sasl);
}

const char *
net_sasl_get_mechanism (NetSasl *sasl)
{
  return sasl->mechanism->name;
}

gboolean
net_sasl_sends_first (NetSasl *sasl)
{
  return sasl->mechanism->sends_first;
}

static gboolean
refuse_challenge (NetSasl     *sasl,
                  const char  *reason,
                  GError     **error)
{
  sasl->is_over = TRUE;
  g_set_error (error, SASL_ERROR, SASL_ERROR_BAD_CHALLENGE, "%s broke the rules of signing in by %s: %s",
               sasl->host, sasl->mechanism->name, reason);
  return FALSE;
}

/* Takes data, which may hold a secret. */
static BaseSecret *
encode (char  *data,
        gsize  size)
{
  BaseSecret *answer = base_secret_take (g_base64_encode ((const guchar *) data, size));

  base_secret_wipe (data, size);
  return answer;
}

/* RFC 5801 section 4: the name within the GS2 header. */
static char *
dup_gs2_name (const char *name)
{
  g_auto(GStrv) at_equals = g_strsplit (name, "=", -1);
  g_autofree char *half = g_strjoinv ("=3D", at_equals);
  g_auto(GStrv) at_commas = g_strsplit (half, ",", -1);

  return g_strjoinv ("=2C", at_commas);
}

static BaseSecret *
answer_with_token (NetSasl *sasl)
{
  const char *token = base_secret_peek (sasl->token);
  g_autofree char *name = dup_gs2_name (sasl->user);
  g_autofree char *port = sasl->port == 0 ? g_strdup ("") : g_strdup_printf ("port=%u\1", sasl->port);
  g_autofree char *text = NULL;

  if (strcmp (sasl->mechanism->name, "XOAUTH2") == 0)
    text = g_strconcat ("user=", sasl->user, "\1auth=Bearer ", token, "\1\1", NULL);
  else
    text = g_strconcat ("n,a=", name, ",\1host=", sasl->host, "\1", port, "auth=Bearer ", token, "\1\1",
                        NULL);
  return encode (text, strlen (text));
}

/* The first challenge of a server that refuses is an error report; the exchange must be ended before it says
 * no. */
static gboolean
step_with_token (NetSasl     *sasl,
                 BaseSecret **answer,
                 GError     **error)
{
  if (sasl->n_steps == 0)
    {
      *answer = answer_with_token (sasl);
      sasl->is_complete = TRUE;
      return TRUE;
    }
  if (sasl->n_steps > 1)
    return refuse_challenge (sasl, "it asks again and again", error);
  sasl->is_complete = FALSE;
  /* RFC 7628 section 3.2.3 */
  *answer = base_secret_new (strcmp (sasl->mechanism->name, "XOAUTH2") == 0 ? "" : "AQ==");
  return TRUE;
}

static gboolean
starts_with (BaseSlice   slice,
             const char *prefix)
{
  return slice.size >= strlen (prefix) && memcmp (slice.data, prefix, strlen (prefix)) == 0;
}

/* RFC 5802 section 5.1: the work factor is the server's to say, so it is looked at before the work begins. */
static gboolean
is_count_sane (BaseSlice challenge)
{
  gboolean has_count = FALSE;

  for (gsize begin = 0; begin < challenge.size;)
    {
      BaseSlice rest = base_slice_sub (challenge, begin, challenge.size);
      const guint8 *comma = memchr (rest.data, ',', rest.size);
      BaseSlice attribute = base_slice_sub (rest, 0, comma != NULL ? (gsize) (comma - rest.data) : rest.size);
      guint64 count;

      begin += attribute.size + 1;
      if (!starts_with (attribute, "i="))
        continue;
      if (!base_slice_parse_uint (base_slice_sub (attribute, 2, attribute.size), COUNT_MAX, &count)
          || count < COUNT_MIN)
        return FALSE;
      has_count = TRUE;
    }
  return has_count;
}

static gboolean
step_with_password (NetSasl      *sasl,
                    BaseSlice     challenge,
                    BaseSecret  **answer,
                    GError      **error)
{
  char *data = NULL;
  gsize size = 0;
  int status = gsasl_step (sasl->session, (const char *) challenge.data, challenge.size, &data, &size);

  if (status == GSASL_SASLPREP_ERROR)
    {
      g_set_error (error, SASL_ERROR, SASL_ERROR_NO_MECHANISM,
                   "The name or password of %s cannot be used with %s", sasl->user, sasl->mechanism->name);
      return FALSE;
    }
  if (status == GSASL_AUTHENTICATION_ERROR)
    return refuse_challenge (sasl, "it does not know the password itself", error);
  if (status != GSASL_OK && status != GSASL_NEEDS_MORE)
    return refuse_challenge (sasl, gsasl_strerror (status), error);

  sasl->is_over = sasl->is_complete = status == GSASL_OK;
  *answer = encode (data != NULL ? data : (char *) "", size);
  gsasl_free (data);
  return TRUE;
}

static gboolean
sasl_step (NetSasl      *sasl,
           BaseSlice     challenge,
           BaseSecret  **answer,
           GError      **error)
{
  const Mechanism *mechanism = sasl->mechanism;

  if (mechanism->takes_token)
    return step_with_token (sasl, answer, error);
  if (sasl->is_over)
    return refuse_challenge (sasl, "it asks again and again", error);
  if (!mechanism->sends_first && !mechanism->shows_secret && challenge.size == 0)
    return refuse_challenge (sasl, "its challenge is empty", error);
  if (mechanism->is_scram && sasl->n_steps == 1 && !is_count_sane (challenge))
    return refuse_challenge (sasl, "its iteration count is not between 4096 and 10 million", error);
  if (mechanism->is_scram && sasl->n_steps == 2 && starts_with (challenge, "e="))
    {
      /* RFC 5802 section 7: the server says no here already, and again in the words of the protocol. */
      sasl->is_over = TRUE;
      *answer = base_secret_new ("");
      return TRUE;
    }
  return step_with_password (sasl, challenge, answer, error);
}

gboolean
net_sasl_step (NetSasl      *sasl,
               GBytes       *challenge,
               BaseSecret  **answer,
               GError      **error)
{
  BaseSlice slice = challenge != NULL ? base_slice_from_bytes (challenge) : base_slice_new ("", 0);

  if (slice.size > CHALLENGE_LIMIT)
    return refuse_challenge (sasl, "its challenge is too long", error);
  if (!sasl_step (sasl, slice, answer, error))
    return FALSE;
  sasl->n_steps++;
  return TRUE;
}

gboolean
net_sasl_is_complete (NetSasl *sasl)
{
  return sasl->is_complete;
}
