/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which places of this computer are not shared, or not for writing, and why.  For share-rules.c alone;
 * what the kinds are: share-rules.h.  A place that is not there costs nothing. */
#pragma once

#include "launcher/share-rules.h"

#include <glib/gi18n.h>

#define KEYS N_ ("keys and passwords are in it")
#define SECRETS N_ ("what you are logged in to is in it")
#define STARTS N_ ("programs that run outside the sandbox start from files in it")
#define SYSTEM N_ ("it is part of this computer's system")
#define KERNEL N_ ("it is the kernel's own, not files")

/* clang-format off */
static const SgPlaceRule rules[] = {
  { "/",           SG_PLACE_ITSELF, N_ ("it is this whole computer; share the folder that is needed") },
  { "/proc",       SG_PLACE_NEVER, KERNEL },
  { "/sys",        SG_PLACE_NEVER, KERNEL },
  { "/dev",        SG_PLACE_NEVER, N_ ("it is this computer's devices, not files") },
  { "/run",        SG_PLACE_ITSELF, N_ ("running services have their doors in it") },
  { "/run/user",   SG_PLACE_NEVER, N_ ("running programs have their doors in it") },
  { "/run/dbus",   SG_PLACE_NEVER, N_ ("running services have their doors in it") },
  { "/run/systemd", SG_PLACE_NEVER, N_ ("running services have their doors in it") },
  { "/run/credentials", SG_PLACE_NEVER, KEYS },
  { "@runtime",    SG_PLACE_NEVER, N_ ("running programs have their doors in it") },
  { "@cache",      SG_PLACE_NEVER, N_ ("Sandglass keeps what sandboxes are made from in it") },
  { "@config",     SG_PLACE_NEVER, N_ ("Sandglass keeps its settings in it") },
  /* key stores */
  { "~/.ssh",      SG_PLACE_NEVER, KEYS },
  { "~/.gnupg",    SG_PLACE_NEVER, KEYS },
  { "~/.pki",      SG_PLACE_NEVER, KEYS },
  { "~/.password-store", SG_PLACE_NEVER, KEYS },
  { "~/.local/share/keyrings", SG_PLACE_NEVER, KEYS },
  { "~/.local/share/kwalletd", SG_PLACE_NEVER, KEYS },
  { "~/.local/share/password-store", SG_PLACE_NEVER, KEYS },
  { "~/.config/keepassxc", SG_PLACE_NEVER, KEYS },
  { "~/.aws",      SG_PLACE_NEVER, KEYS },
  { "~/.azure",    SG_PLACE_NEVER, KEYS },
  { "~/.config/gcloud", SG_PLACE_NEVER, KEYS },
  { "~/.kube",     SG_PLACE_NEVER, KEYS },
  { "~/.docker",   SG_PLACE_NEVER, KEYS },
  { "~/.netrc",    SG_PLACE_NEVER, KEYS },
  { "~/.git-credentials", SG_PLACE_NEVER, KEYS },
  { "~/.config/git/credentials", SG_PLACE_NEVER, KEYS },
  { "~/.config/rclone", SG_PLACE_NEVER, KEYS },
  { "~/.config/Bitwarden", SG_PLACE_NEVER, KEYS },
  { "~/.config/1Password", SG_PLACE_NEVER, KEYS },
  { "~/.cargo/credentials.toml", SG_PLACE_NEVER, KEYS },
  { "~/.npmrc",    SG_PLACE_NEVER, KEYS },
  { "~/.pypirc",   SG_PLACE_NEVER, KEYS },
  { "~/.pgpass",   SG_PLACE_NEVER, KEYS },
  { "~/.my.cnf",   SG_PLACE_NEVER, KEYS },
  { "~/.bitcoin",  SG_PLACE_NEVER, KEYS },
  { "~/.electrum", SG_PLACE_NEVER, KEYS },
  { "~/.Xauthority", SG_PLACE_NEVER, N_ ("it opens this computer's screen") },
  { "~/.mozilla",  SG_PLACE_NEVER, SECRETS },
  { "~/.thunderbird", SG_PLACE_NEVER, SECRETS },
  { "~/.config/google-chrome", SG_PLACE_NEVER, SECRETS },
  { "~/.config/chromium", SG_PLACE_NEVER, SECRETS },
  { "~/.config/BraveSoftware", SG_PLACE_NEVER, SECRETS },
  { "~/.config/microsoft-edge", SG_PLACE_NEVER, SECRETS },
  { "~/.config/vivaldi", SG_PLACE_NEVER, SECRETS },
  { "~/.config/opera", SG_PLACE_NEVER, SECRETS },
  { "~/.librewolf", SG_PLACE_NEVER, SECRETS },
  { "~/.config/Signal", SG_PLACE_NEVER, SECRETS },
  { "~/.local/share/TelegramDesktop", SG_PLACE_NEVER, SECRETS },
  { "~/.config/gh", SG_PLACE_NEVER, SECRETS },
  /* Flatpaks and snaps: browsers and mail among them */
  { "~/.var/app",  SG_PLACE_NEVER, SECRETS },
  { "~/snap",      SG_PLACE_NEVER, SECRETS },
  { "/etc/shadow", SG_PLACE_NEVER, KEYS },
  { "/etc/gshadow", SG_PLACE_NEVER, KEYS },
  { "/etc/ssh",    SG_PLACE_NEVER, KEYS },
  { "/etc/ssl/private", SG_PLACE_NEVER, KEYS },
  { "/etc/NetworkManager/system-connections", SG_PLACE_NEVER, KEYS },
  { "/root/.ssh",  SG_PLACE_NEVER, KEYS },
  { "/root/.gnupg", SG_PLACE_NEVER, KEYS },
  /* where the host runs things from */
  { "~",           SG_PLACE_NO_WRITING_ITSELF, STARTS },
  { "~/.config",   SG_PLACE_NO_WRITING, STARTS },
  { "~/.local",    SG_PLACE_NO_WRITING, STARTS },
  { "~/.var",      SG_PLACE_NO_WRITING, STARTS },
  { "~/bin",       SG_PLACE_NO_WRITING, STARTS },
  { "@path",       SG_PLACE_NO_WRITING, STARTS },
  { "/etc",        SG_PLACE_NO_WRITING, SYSTEM },
  { "/usr",        SG_PLACE_NO_WRITING, SYSTEM },
  { "/opt",        SG_PLACE_NO_WRITING, SYSTEM },
  { "/boot",       SG_PLACE_NO_WRITING, SYSTEM },
  { "/var/lib",    SG_PLACE_NO_WRITING, SYSTEM },
  { "/var/spool",  SG_PLACE_NO_WRITING, SYSTEM },
};
/* clang-format on */
