/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keys of the administrator's policy files.  See policy.h for what a file is, docs/policy.md
 * for people. */
#pragma once

#include <glib.h>

typedef enum
{
  SG_POLICY_NONE,
  /* The eight of Windows Sandbox, with its names. */
  SG_POLICY_ALLOW_AUDIO_INPUT,
  SG_POLICY_ALLOW_CLIPBOARD_REDIRECTION,
  SG_POLICY_ALLOW_NETWORKING,
  SG_POLICY_ALLOW_PRINTER_REDIRECTION,
  SG_POLICY_ALLOW_VGPU,
  SG_POLICY_ALLOW_VIDEO_INPUT,
  SG_POLICY_ALLOW_MAPPED_FOLDERS,
  SG_POLICY_ALLOW_WRITE_TO_MAPPED_FOLDERS,
  /* Ours. */
  SG_POLICY_ALLOW_USB_REDIRECTION,
  SG_POLICY_ALLOW_ADMINISTRATOR,
  SG_POLICY_ALLOW_RESCUE,
  SG_POLICY_ALLOW_NESTED_VIRTUALIZATION,
  SG_POLICY_NETWORK_MODES,
  SG_POLICY_ALLOWED_HOSTS,
  SG_POLICY_MAPPED_FOLDERS_ALLOWED,
  SG_POLICY_MAPPED_FOLDERS_DENIED,
  SG_POLICY_CLIPBOARD_DIRECTIONS,
  SG_POLICY_MAX_MEMORY_MB,
  SG_POLICY_MAX_CPUS,
  SG_POLICY_MAX_DISK_MB,
  SG_POLICY_MAX_SANDBOXES,
  SG_POLICY_REQUIRE_ENCRYPTION,
  SG_POLICY_REQUIRE_HARDWARE_VIRTUALIZATION,
  SG_POLICY_PROFILES,
  /* [kiosk] */
  SG_POLICY_KIOSK_PROFILE,
  SG_POLICY_KIOSK_IDLE_MINUTES,
  SG_POLICY_KIOSK_COUNTDOWN_SECONDS,
  SG_POLICY_KIOSK_BREAK_OUT_KEY,
  /* [network] */
  SG_POLICY_NETWORK_MAX_CONNECTIONS,
  SG_POLICY_NETWORK_MAX_KBYTES,
  SG_POLICY_NETWORK_COMPANY_NETWORKS,
  SG_POLICY_NETWORK_COMPANY_DOMAINS,
  SG_POLICY_MAX
} SgPolicyKey;

typedef enum
{
  SG_POLICY_KIND_ALLOW,   /* true, false: false closes */
  SG_POLICY_KIND_REQUIRE, /* true, false: true demands */
  SG_POLICY_KIND_MOST,    /* a whole number: no more than this */
  SG_POLICY_KIND_WORDS,   /* a list of known words: only these */
  SG_POLICY_KIND_HOSTS, /* a list of host names, "*.example.org", addresses, prefixes: only these */
  SG_POLICY_KIND_ALLOWED,  /* a list of globs of absolute paths: only these */
  SG_POLICY_KIND_DENIED,   /* a list of globs of absolute paths: none of these */
  SG_POLICY_KIND_PROFILES, /* a list of globs of absolute paths, "sha256:HEX", "none" (no
                            * profile at all): only these */
  SG_POLICY_KIND_NETWORKS, /* a list of addresses and prefixes: these, too */
  SG_POLICY_KIND_DOMAINS,  /* a list of names: these and what is below them, too */
  SG_POLICY_KIND_PATH,     /* an absolute path */
  SG_POLICY_KIND_TEXT      /* one word */
} SgPolicyKind;

typedef struct
{
  SgPolicyKey id;
  const char *group; /* "policy", "kiosk" or "network" */
  const char *name;  /* "AllowNetworking" */
  SgPolicyKind kind;
  const char *words;  /* of SG_POLICY_KIND_WORDS: the known ones, blanks between */
  gint64 least, most; /* of SG_POLICY_KIND_MOST */
  const char *summary;
} SgPolicyKeyInfo;

/* The row of a key, static.  KEY is not SG_POLICY_NONE. */
const SgPolicyKeyInfo *sg_policy_key_info (SgPolicyKey key);

/* The key of that name in that group: exactly, or without its "Allow" ("Networking=deny").
 * SG_POLICY_NONE: no such key. */
SgPolicyKey sg_policy_key_by_name (const char *group, const char *name);

/* The known key that NAME was probably meant to be, or NULL. */
const char *sg_policy_key_near (const char *group, const char *name);
