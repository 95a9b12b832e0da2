/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/netgate/watch.h"

#include "common/fd.h"

#include <errno.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <sys/socket.h>

#define BUFFER 65536
#define LINKS_MAX 1024

/* The dumps that make one picture, in order. */
static const struct
{
  guint16 request;
  guint8 family;
} steps[] = { { RTM_GETLINK, AF_UNSPEC }, { RTM_GETROUTE, AF_INET }, { RTM_GETROUTE, AF_INET6 } };

typedef struct
{
  guint32 index;
  gboolean vpn;
  char name[32];
} Link;

struct _SgWatch
{
  int fd;
  guint step; /* G_N_ELEMENTS: idle */
  guint32 sequence;
  gboolean dirty; /* something changed since the picture was begun */
  SgRoutes *routes;
  GArray *links;
  GArray *defaults; /* guint32: interfaces of default routes */
  guint8 buffer[BUFFER] __attribute__ ((aligned (8)));
};

int
sg_watch_open (GError **error)
{
  struct sockaddr_nl address = { .nl_family = AF_NETLINK,
                                 .nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR
                                              | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE };
  sg_fd int fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

  if (fd < 0 || bind (fd, (struct sockaddr *)&address, sizeof address) < 0)
    {
      sg_errno (error, "Cannot follow this computer's network");
      return -1;
    }
  return sg_fd_steal (&fd);
}

static gboolean
ask (SgWatch *watch, GError **error)
{
  struct
  {
    struct nlmsghdr head;
    union
    {
      struct rtmsg route;
      struct ifinfomsg link;
    } body;
  } request = { .head = { .nlmsg_type = steps[watch->step].request,
                          .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
                          .nlmsg_seq = ++watch->sequence } };

  request.head.nlmsg_len
      = NLMSG_LENGTH (steps[watch->step].request == RTM_GETLINK ? sizeof request.body.link
                                                                : sizeof request.body.route);
  if (steps[watch->step].request == RTM_GETLINK)
    request.body.link.ifi_family = steps[watch->step].family;
  else
    request.body.route.rtm_family = steps[watch->step].family;
  if (send (watch->fd, &request, request.head.nlmsg_len, 0) < 0)
    return sg_errno (error, "Cannot ask for this computer's routes");
  return TRUE;
}

static gboolean
begin (SgWatch *watch, GError **error)
{
  watch->step = 0;
  watch->dirty = FALSE;
  if (watch->routes != NULL)
    sg_routes_free (watch->routes);
  watch->routes = sg_routes_new ();
  g_array_set_size (watch->links, 0);
  g_array_set_size (watch->defaults, 0);
  return ask (watch, error);
}

SgWatch *
sg_watch_new (int fd, GError **error)
{
  g_autoptr (SgWatch) watch = g_new0 (SgWatch, 1);

  watch->fd = fd;
  watch->links = g_array_new (FALSE, TRUE, sizeof (Link));
  watch->defaults = g_array_new (FALSE, TRUE, sizeof (guint32));
  return begin (watch, error) ? g_steal_pointer (&watch) : NULL;
}

void
sg_watch_free (SgWatch *watch)
{
  sg_fd_clear (&watch->fd);
  if (watch->routes != NULL)
    sg_routes_free (watch->routes);
  g_array_unref (watch->links);
  g_array_unref (watch->defaults);
  g_free (watch);
}

int
sg_watch_fd (const SgWatch *watch)
{
  return watch->fd;
}

/* --- messages of the kernel (trusted, yet checked by its own macros)
 * --------------------------------- */

static gboolean
is_vpn_kind (const struct rtattr *info)
{
  static const char *const kinds[]
      = { "wireguard", "tun", "ipip", "gre", "sit", "vti", "vti6", "xfrm", "ppp", "ovpn" };
  int len = (int)RTA_PAYLOAD (info);

  for (const struct rtattr *a = RTA_DATA (info); RTA_OK (a, len); a = RTA_NEXT (a, len))
    if (a->rta_type == IFLA_INFO_KIND)
      for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
        if (RTA_PAYLOAD (a) > strlen (kinds[i])
            && strncmp (RTA_DATA (a), kinds[i], RTA_PAYLOAD (a)) == 0)
          return TRUE;
  return FALSE;
}

static void
take_link (SgWatch *watch, const struct nlmsghdr *head)
{
  const struct ifinfomsg *info = NLMSG_DATA (head);
  int len = (int)IFLA_PAYLOAD (head);
  Link link = { .index = (guint32)info->ifi_index,
                .vpn = info->ifi_type == ARPHRD_PPP || info->ifi_type == ARPHRD_NONE };

  for (const struct rtattr *a = IFLA_RTA (info); RTA_OK (a, len); a = RTA_NEXT (a, len))
    {
      if (a->rta_type == IFLA_IFNAME)
        g_strlcpy (link.name, RTA_DATA (a), MIN (sizeof link.name, RTA_PAYLOAD (a)));
      else if (a->rta_type == IFLA_LINKINFO && is_vpn_kind (a))
        link.vpn = TRUE;
    }
  if (watch->links->len < LINKS_MAX)
    g_array_append_val (watch->links, link);
}

static gboolean
prefix_of (const struct rtmsg *route, const struct rtattr *destination, SgPrefix *ret_prefix)
{
  static const guint8 zero[16];
  gboolean v4 = route->rtm_family == AF_INET;
  const guint8 *bytes = destination != NULL ? RTA_DATA (destination) : zero;

  if (destination != NULL && RTA_PAYLOAD (destination) != (v4 ? 4 : 16))
    return FALSE;
  ret_prefix->address = v4 ? sg_address_v4 (bytes) : sg_address_v6 (bytes);
  ret_prefix->length = (guint8)(route->rtm_dst_len + (v4 ? 96 : 0));
  return ret_prefix->length <= 128;
}

static void
take_route (SgWatch *watch, const struct nlmsghdr *head)
{
  const struct rtmsg *route = NLMSG_DATA (head);
  const struct rtattr *destination = NULL;
  int len = (int)RTM_PAYLOAD (head);
  guint32 interface = 0;
  SgPrefix prefix;

  if ((route->rtm_family != AF_INET && route->rtm_family != AF_INET6)
      || (route->rtm_flags & RTM_F_CLONED) != 0)
    return;
  for (const struct rtattr *a = RTM_RTA (route); RTA_OK (a, len); a = RTA_NEXT (a, len))
    {
      if (a->rta_type == RTA_DST)
        destination = a;
      else if (a->rta_type == RTA_OIF && RTA_PAYLOAD (a) == 4)
        memcpy (&interface, RTA_DATA (a), 4);
    }
  if (!prefix_of (route, destination, &prefix))
    {
      sg_routes_overflow (watch->routes);
      return;
    }
  if (route->rtm_dst_len == 0)
    {
      /* An unreachable default is none; a local one is a transparent proxy's trick. */
      if (route->rtm_type != RTN_UNICAST)
        return;
      sg_routes_add (watch->routes, &prefix, SG_ROUTE_DEFAULT);
    }
  else if (route->rtm_type == RTN_LOCAL)
    sg_routes_add (watch->routes, &prefix, SG_ROUTE_LOCAL);
  else if (route->rtm_type == RTN_BROADCAST || route->rtm_type == RTN_ANYCAST)
    sg_routes_add (watch->routes, &prefix, SG_ROUTE_BROADCAST);
  else
    sg_routes_add (watch->routes, &prefix, SG_ROUTE_OWN);
  if (route->rtm_type == RTN_UNICAST && route->rtm_dst_len <= 1 && interface != 0)
    g_array_append_val (watch->defaults, interface);
}

static void
name_vpns (SgWatch *watch)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < watch->links->len; i++)
    {
      const Link *link = &g_array_index (watch->links, Link, i);
      gboolean used = FALSE;

      for (guint j = 0; j < watch->defaults->len; j++)
        used = used || g_array_index (watch->defaults, guint32, j) == link->index;
      if (used && link->vpn)
        g_string_append_printf (names, "%s%s", names->len > 0 ? " " : "", link->name);
    }
  sg_routes_set_vpn (watch->routes, names->str);
}

/* The step's dump is complete. */
static gboolean
next_step (SgWatch *watch, SgRoutes **ret_routes, GError **error)
{
  if (++watch->step < G_N_ELEMENTS (steps))
    return ask (watch, error);
  if (watch->dirty)
    return begin (watch, error);
  name_vpns (watch);
  if (*ret_routes != NULL)
    sg_routes_free (*ret_routes);
  *ret_routes = g_steal_pointer (&watch->routes);
  return TRUE;
}

static gboolean
take_message (SgWatch *watch, const struct nlmsghdr *head, SgRoutes **ret_routes, GError **error)
{
  gboolean asked = watch->step < G_N_ELEMENTS (steps) && head->nlmsg_seq == watch->sequence;

  if (!asked)
    {
      /* A change: a new picture, once this one is done. */
      watch->dirty = TRUE;
      return TRUE;
    }
  if ((head->nlmsg_flags & NLM_F_DUMP_INTR) != 0)
    watch->dirty = TRUE;
  switch (head->nlmsg_type)
    {
    case NLMSG_DONE:
      return next_step (watch, ret_routes, error);
    case NLMSG_ERROR:
      /* A kernel without IPv6 has no routes to tell of. */
      return next_step (watch, ret_routes, error);
    case RTM_NEWLINK:
      take_link (watch, head);
      return TRUE;
    case RTM_NEWROUTE:
      take_route (watch, head);
      return TRUE;
    default:
      return TRUE;
    }
}

gboolean
sg_watch_read (SgWatch *watch, SgRoutes **ret_routes, GError **error)
{
  *ret_routes = NULL;
  for (;;)
    {
      gssize n = recv (watch->fd, watch->buffer, sizeof watch->buffer, MSG_DONTWAIT);
      int len = (int)n;

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0 && errno == ENOBUFS)
        {
          watch->dirty = TRUE;
          /* What was lost may have been part of the dump. */
          if (watch->step < G_N_ELEMENTS (steps) && !begin (watch, error))
            return FALSE;
          continue;
        }
      if (n < 0 && errno == EAGAIN)
        break;
      if (n <= 0)
        return sg_errno (error, "Lost sight of this computer's routes");
      for (const struct nlmsghdr *head = (const void *)watch->buffer; NLMSG_OK (head, len);
           head = NLMSG_NEXT (head, len))
        if (!take_message (watch, head, ret_routes, error))
          return FALSE;
    }
  if (watch->dirty && watch->step >= G_N_ELEMENTS (steps))
    return begin (watch, error);
  return TRUE;
}

SgRoutes *
sg_watch_wait (SgWatch *watch, int timeout_ms, GError **error)
{
  gint64 deadline = g_get_monotonic_time () + timeout_ms * 1000LL;
  SgRoutes *routes = NULL;

  while (routes == NULL)
    {
      struct pollfd fd = { .fd = watch->fd, .events = POLLIN };
      gint64 left = (deadline - g_get_monotonic_time ()) / 1000;

      if (left <= 0 || (poll (&fd, 1, (int)left) < 0 && errno != EINTR))
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                       "The system did not tell this computer's routes");
          return NULL;
        }
      if (!sg_watch_read (watch, &routes, error))
        return NULL;
    }
  return routes;
}
