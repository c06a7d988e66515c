/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/error.h"

G_DEFINE_QUARK (penfold-net-error-quark, net_error)

/* The cause of an error of GIO, or -1 where no caller tells it from others. */
static int
classify (const GError *error)
{
  static const struct { GIOErrorEnum io; NetError net; } causes[] = {
    { G_IO_ERROR_CONNECTION_REFUSED, NET_ERROR_REFUSED },
    { G_IO_ERROR_HOST_UNREACHABLE, NET_ERROR_UNREACHABLE },
    { G_IO_ERROR_NETWORK_UNREACHABLE, NET_ERROR_UNREACHABLE },
    { G_IO_ERROR_PERMISSION_DENIED, NET_ERROR_UNREACHABLE },       /* a firewall on this computer */
    { G_IO_ERROR_TIMED_OUT, NET_ERROR_TIMEOUT },
    { G_IO_ERROR_CONNECTION_CLOSED, NET_ERROR_CLOSED },
    { G_IO_ERROR_NOT_CONNECTED, NET_ERROR_CLOSED },
    { G_IO_ERROR_PROXY_FAILED, NET_ERROR_PROXY },
    { G_IO_ERROR_PROXY_AUTH_FAILED, NET_ERROR_PROXY },
    { G_IO_ERROR_PROXY_NEED_AUTH, NET_ERROR_PROXY },
    { G_IO_ERROR_PROXY_NOT_ALLOWED, NET_ERROR_PROXY },
  };

  if (g_error_matches (error, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND))
    return NET_ERROR_NOT_FOUND;
  if (error->domain == G_RESOLVER_ERROR)
    return NET_ERROR_UNREACHABLE;                 /* no name server answers: mostly no network at all */
  for (gsize i = 0; error->domain == G_IO_ERROR && i < G_N_ELEMENTS (causes); i++)
    if (error->code == (int) causes[i].io)
      return causes[i].net;
  return -1;
}

static const char *
describe (NetError code)
{
  switch (code)
    {
    case NET_ERROR_NOT_FOUND:           return "there is no server of that name";
    case NET_ERROR_REFUSED:             return "nothing listens on that port";
    case NET_ERROR_UNREACHABLE:         return "it cannot be reached from this network";
    case NET_ERROR_TIMEOUT:             return "no answer in time";
    case NET_ERROR_CLOSED:              return "the server closed the connection";
    case NET_ERROR_STOPPED:             return "the connection was let go";
    case NET_ERROR_PROXY:               return "the proxy did not let it through";
    case NET_ERROR_INJECTION:           return "unencrypted data came before encryption began; someone may "
                                               "be tampering";
    case NET_ERROR_TLS_PROTOCOL:        return "no encrypted connection could be agreed on";
    case NET_ERROR_TLS_WRONG_NAME:      return "the certificate belongs to another server";
    case NET_ERROR_TLS_EXPIRED:         return "the certificate has expired or is not yet valid";
    case NET_ERROR_TLS_SELF_SIGNED:     return "the certificate vouches only for itself";
    case NET_ERROR_TLS_UNKNOWN_ISSUER:  return "the certificate comes from an unknown issuer";
    case NET_ERROR_TLS_BAD_CERTIFICATE: return "the certificate is not acceptable";
    }
  g_assert_not_reached ();
}

GError *
net_error_new (NetError    code,
               const char *detail)
{
  if (detail == NULL)
    return g_error_new_literal (NET_ERROR, (int) code, describe (code));
  return g_error_new (NET_ERROR, (int) code, "%s (%s)", describe (code), detail);
}

GError *
net_error_translate (GError *error)
{
  GError *translated;
  int code = classify (error);

  if (code < 0)
    return error;
  translated = net_error_new (code, code == NET_ERROR_PROXY ? error->message : NULL);
  g_error_free (error);
  return translated;
}
