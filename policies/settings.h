/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a sandbox can be given, one setting per row of a table: its name, what it may be, what it is
 * when nobody says anything, the element of a profile that asks for it, and the policy keys that
 * can narrow it.  Profile, policy, grants, printing, documents and tests all go through this table,
 * so a new setting is a new row.
 *
 * A value is a number: a choice (on and off are a choice of two), a count, or a set of bits.  Texts
 * (keyboard, title) are texts.  What comes in any number (folders, commands, hosts) is no row: see
 * profile.h and grants.h.
 *
 * Choices know what is narrower: each names the choice to fall back to when it is refused.  The
 * chain ends in one that nobody can refuse. */
#pragma once

#include "policies/policy-keys.h"

#include <glib.h>

typedef enum
{
  SG_SETTING_NETWORK,                 /* SgNetwork */
  SG_SETTING_VGPU,                    /* 0, 1 */
  SG_SETTING_AUDIO_INPUT,             /* 0, 1 */
  SG_SETTING_VIDEO_INPUT,             /* 0, 1 */
  SG_SETTING_USB,                     /* 0, 1: a person may hand over single devices */
  SG_SETTING_PRINTERS,                /* 0, 1 */
  SG_SETTING_CLIPBOARD_IN,            /* SG_CLIPBOARD_OFF, SG_CLIPBOARD_PASTE */
  SG_SETTING_CLIPBOARD_OUT,           /* SG_CLIPBOARD_OFF, SG_CLIPBOARD_ASK, SG_CLIPBOARD_ALLOW */
  SG_SETTING_CLIPBOARD_CONTENT,       /* bits of SgClipboardContent */
  SG_SETTING_CLIPBOARD_MAX_KIB,       /* KiB, of one transfer */
  SG_SETTING_PROTECTED_CLIENT,        /* always 1 */
  SG_SETTING_MEMORY,                  /* MB the machine may grow to */
  SG_SETTING_CPUS,                    /* number of processors */
  SG_SETTING_DISK,                    /* MB of the guest's disk */
  SG_SETTING_ADMINISTRATOR,           /* 0, 1: sudo inside */
  SG_SETTING_NESTED_VIRTUALIZATION,   /* 0, 1 */
  SG_SETTING_HARDWARE_VIRTUALIZATION, /* 1: refuse to run in emulation */
  SG_SETTING_ENCRYPTION, /* 1: refuse where memory could reach a swap or hibernation in the clear */
  SG_SETTING_RESCUE,     /* 0, 1: Save Files... */
  SG_SETTING_MAX_SANDBOXES, /* of one login at once; 0: no limit */
  SG_SETTING_LIFETIME,      /* SgLifetime */
  SG_SETTING_IDLE_MINUTES,  /* for SG_LIFETIME_IDLE */
  SG_SETTING_KEYBOARD,      /* text; NULL: as this computer */
  SG_SETTING_LOCALE,        /* text; NULL: as this computer */
  SG_SETTING_TIME_ZONE,     /* text; NULL: as this computer */
  SG_SETTING_DESKTOP_LOOK,  /* 0, 1: size of text, dark style, pointer, keyboard as on this desktop */
  SG_SETTING_TITLE,         /* text; NULL: none */
  SG_SETTING_BASE,          /* text: name of a saved starting point; NULL: this computer */
  SG_SETTING_OPEN,          /* text: absolute path or URI to open inside; NULL: nothing */
  SG_SETTING_PROGRAM,       /* text: a command line that has the whole window; NULL: the desktop */
  SG_SETTING_MAX
} SgSetting;

typedef enum
{
  SG_NETWORK_NONE,
  SG_NETWORK_PRIVATE,   /* only between sandboxes */
  SG_NETWORK_ALLOWLIST, /* the internet, listed hosts only: SgGrants.hosts */
  SG_NETWORK_INTERNET,  /* no local network */
  SG_NETWORK_LAN        /* the internet and the local network */
} SgNetwork;

enum
{
  SG_CLIPBOARD_OFF,
  SG_CLIPBOARD_PASTE, /* in: upon a paste gesture */
  SG_CLIPBOARD_ASK,   /* out: the person is asked */
  SG_CLIPBOARD_ALLOW  /* out: without asking */
};

typedef enum
{
  SG_CLIPBOARD_TEXT = 1 << 0,
  SG_CLIPBOARD_FILES = 1 << 1,
  SG_CLIPBOARD_IMAGES = 1 << 2
} SgClipboardContent;

typedef enum
{
  SG_LIFETIME_WINDOW,
  SG_LIFETIME_COMMAND,
  SG_LIFETIME_IDLE
} SgLifetime;

/* What the sandbox is opened for decides some defaults. */
typedef enum
{
  SG_FOR_DESKTOP, /* a sandbox window */
  SG_FOR_COMMAND, /* sandglass run */
  SG_FOR_FILE,    /* Open in Sandbox, Edit in Sandbox */
  SG_FOR_LINK,    /* a link */
  SG_PURPOSE_MAX
} SgPurpose;

typedef enum
{
  SG_KIND_CHOICE,
  SG_KIND_NUMBER,
  SG_KIND_FLAGS,
  SG_KIND_TEXT
} SgKind;

typedef struct
{
  const char *word;     /* "internet", as printed and as read; NULL ends the list */
  const char *synonyms; /* other words that are read, blanks between; or NULL */
  gint64 value;
  gint64 narrower; /* what to fall back to; itself: cannot be refused */
} SgChoice;

#define SG_SETTING_POLICIES 4 /* most policy keys of one setting */

typedef struct
{
  SgSetting id;
  const char *name;    /* "audio-input": in output and JSON */
  const char *element; /* of a profile, as it is written back; NULL: a profile cannot ask */
  SgKind kind;
  const SgChoice *choices;                   /* of SG_KIND_CHOICE and SG_KIND_FLAGS */
  gint64 defaults[SG_PURPOSE_MAX];           /* SG_SETTING_COMPUTED: from SgDefaults */
  gint64 least, most;                        /* of SG_KIND_NUMBER */
  const char *unit;                          /* "MB", or NULL */
  SgPolicyKey policies[SG_SETTING_POLICIES]; /* SG_POLICY_NONE ends them */
  const char *summary;                       /* one line for documents */
} SgSettingInfo;

#define SG_SETTING_COMPUTED G_MININT64

/* The row of a setting, static; rows are in the order of SgSetting. */
const SgSettingInfo *sg_setting_info (SgSetting setting);

/* Reads one word of a choice, any case, synonyms too.  FALSE: no such word. */
gboolean sg_setting_parse_choice (const SgSettingInfo *info, const char *word, gint64 *ret_value);

/* Whether B is A or one of A's fall-backs: B gives no more than A. */
gboolean sg_setting_within (const SgSettingInfo *info, gint64 a, gint64 b);

/* The choice one step narrower; the value itself at the end of its chain. */
gint64 sg_setting_narrower (const SgSettingInfo *info, gint64 value);

/* A value as it is printed: "internet", "4096 MB", "text, files", "automatic".  `text` is used for
 * SG_KIND_TEXT.  Free with g_free(). */
char *sg_setting_words (const SgSettingInfo *info, gint64 value, const char *text);
