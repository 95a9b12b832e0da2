/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of rules, asked with made-up facts; cleaning; accounts.  No file is touched. */
#include "baseimage/accounts.h"
#include "baseimage/rules.h"
#include "baseimage/sources-clean.h"

#include <check.h>
#include <string.h>
#include <sys/stat.h>

/* ---- asking ---- */

typedef struct
{
  const char *path;
  SgOwned owned;
} Known;

static const Known known[] = {
  { "/etc/intact.conf", SG_OWNED_INTACT },
  { "/etc/changed.conf", SG_OWNED_CHANGED },
  { "/etc/pam.d/login", SG_OWNED_CHANGED },
  { "/etc/dhcp/dhclient.conf", SG_OWNED_INTACT },
  { "/etc/dhcp", SG_OWNED_YES },
  { "/etc/ssh/ssh_host_rsa_key", SG_OWNED_INTACT },
  { "/etc/apt/auth.conf.d/key", SG_OWNED_INTACT },
  { "/etc/link", SG_OWNED_YES },
  { "/usr/bin/sudo", SG_OWNED_YES },
  { "/usr/share/doc/x/id_rsa", SG_OWNED_YES },
  { "/usr/etc/vendor.conf", SG_OWNED_YES },
  { "/var/lib/dhcp", SG_OWNED_YES },
};

static SgOwned
owned (const char *path, gpointer data)
{
  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    if (strcmp (known[i].path, path) == 0)
      return known[i].owned;
  return SG_OWNED_NO;
}

static SgOwned
owned_unknown (const char *path, gpointer data)
{
  return SG_OWNED_UNKNOWN;
}

static const SgRuleAsk ask = { owned, NULL, 0 };
static const SgRuleAsk ask_none = { owned_unknown, NULL, 0 };

static const SgRule *
judge (SgZone zone, const char *path, mode_t mode, uid_t uid)
{
  SgFacts facts = { .path = path, .mode = mode, .uid = uid, .size = 100 };

  return sg_rules_judge (zone, &facts, &ask);
}

typedef struct
{
  SgZone zone;
  const char *path;
  mode_t mode;
  uid_t uid;
  const char *rule;
} Case;

#define FILE_ALL (S_IFREG | 0644)
#define PROGRAM (S_IFREG | 0755)
#define DIR_ALL (S_IFDIR | 0755)

static const Case cases[] = {
  /* by what it is */
  { SG_ZONE_USR, "/usr/bin/ls", PROGRAM, 0, "system" },
  { SG_ZONE_USR, "/usr/bin/closed", S_IFREG | 0750, 0, "unreadable" },
  { SG_ZONE_USR, "/usr/bin/only-x", S_IFREG | 0711, 0, "unreadable" },
  { SG_ZONE_USR, "/usr/bin/sudo", S_IFREG | 04111, 0, "set-id" },
  { SG_ZONE_USR, "/usr/bin/own-set-id", S_IFREG | 04711, 0, "unreadable" },
  { SG_ZONE_USR, "/usr/share/x", S_IFDIR | 0700, 0, "closed-directory" },
  { SG_ZONE_USR, "/usr/share/x", S_IFDIR | 0754, 0, "closed-directory" },
  { SG_ZONE_USR, "/usr/share/x", S_IFDIR | 0751, 0, "closed-directory" },
  { SG_ZONE_USR, "/usr/share/x", S_IFCHR | 0666, 0, "special" },
  { SG_ZONE_USR, "/usr/share/x", S_IFBLK | 0666, 0, "special" },
  { SG_ZONE_USR, "/usr/share/x", S_IFSOCK | 0777, 0, "special" },
  { SG_ZONE_USR, "/usr/share/x", S_IFIFO | 0666, 0, "special" },
  { SG_ZONE_ETC, "/etc/x", S_IFIFO | 0666, 0, "special" },
  { SG_ZONE_USR, "/usr/bin/a", S_IFLNK | 0777, 0, "system" },
  /* by name */
  { SG_ZONE_USR, "/usr/share/x/id_rsa", FILE_ALL, 0, "secret-name" },
  { SG_ZONE_USR, "/usr/share/doc/x/id_rsa", FILE_ALL, 0, "system" },
  { SG_ZONE_LOCAL, "/usr/local/lib/.netrc", FILE_ALL, 0, "secret-name" },
  { SG_ZONE_LOCAL, "/usr/local/share/.ssh", DIR_ALL, 0, "secret-name" },
  { SG_ZONE_OPT, "/opt/app/server.keytab", FILE_ALL, 0, "secret-name" },
  { SG_ZONE_USR, "/usr/share/id_rsa.pub", FILE_ALL, 0, "system" },
  /* /usr/local, /usr/etc, /opt */
  { SG_ZONE_LOCAL, "/usr/local/bin/x", PROGRAM, 0, "local" },
  { SG_ZONE_LOCAL, "/usr/local/bin/x", PROGRAM, 1000, "local-private" },
  { SG_ZONE_LOCAL, "/usr/local/etc", DIR_ALL, 0, "local-settings" },
  { SG_ZONE_LOCAL, "/usr/local/etc/x", FILE_ALL, 0, "local-settings" },
  { SG_ZONE_USR_ETC, "/usr/etc/vendor.conf", FILE_ALL, 0, "vendor-settings" },
  { SG_ZONE_USR_ETC, "/usr/etc/own.conf", FILE_ALL, 0, "vendor-settings-local" },
  { SG_ZONE_OPT, "/opt/app/bin", PROGRAM, 0, "opt-package" },
  { SG_ZONE_USR, "/usr/share/mime/mime.cache", FILE_ALL, 0, "rewritten" },
  /* a computer that is itself a sandbox */
  { SG_ZONE_USR, "/usr/lib/sandglass", DIR_ALL, 0, "guest-programs" },
  { SG_ZONE_USR, "/usr/lib/sandglass/bus-services", DIR_ALL, 0, "guest-programs" },
  { SG_ZONE_USR, "/usr/lib/sandglass-x", DIR_ALL, 0, "system" },
  { SG_ZONE_USR, "/usr/libexec/sandglass/sandglass-app", PROGRAM, 0, "system" },
  /* /etc */
  { SG_ZONE_ETC, "/etc/intact.conf", FILE_ALL, 0, "etc-intact" },
  { SG_ZONE_ETC, "/etc/changed.conf", FILE_ALL, 0, "etc-changed" },
  { SG_ZONE_ETC, "/etc/own.conf", FILE_ALL, 0, "etc-unowned" },
  { SG_ZONE_ETC, "/etc/link", S_IFLNK | 0777, 0, "etc-package" },
  { SG_ZONE_ETC, "/etc/own-link", S_IFLNK | 0777, 0, "etc-unowned" },
  { SG_ZONE_ETC, "/etc/pam.d/login", FILE_ALL, 0, "etc-login-changed" },
  { SG_ZONE_ETC, "/etc/pam.d/common-auth", FILE_ALL, 0, "etc-login" },
  { SG_ZONE_ETC, "/etc/shadow", S_IFREG | 0640, 0, "etc-ours" },
  { SG_ZONE_ETC, "/etc/passwd", FILE_ALL, 0, "etc-ours" },
  { SG_ZONE_ETC, "/etc/machine-id", FILE_ALL, 0, "etc-ours" },
  { SG_ZONE_ETC, "/etc/nsswitch.conf", FILE_ALL, 0, "etc-ours" },
  { SG_ZONE_ETC, "/etc/sudoers.d/people", S_IFREG | 0440, 0, "etc-ours" },
  { SG_ZONE_ETC, "/etc/ssh/ssh_host_rsa_key", FILE_ALL, 0, "etc-secrets" },
  { SG_ZONE_ETC, "/etc/apt/auth.conf.d/key", FILE_ALL, 0, "etc-secrets" },
  { SG_ZONE_ETC, "/etc/ssl/private", S_IFDIR | 0710, 0, "etc-secrets" },
  { SG_ZONE_ETC, "/etc/ssl/certs/ca.pem", FILE_ALL, 0, "etc-certificates" },
  { SG_ZONE_ETC, "/etc/ssl/certs/ca.pem", S_IFREG | 0600, 0, "unreadable" },
  { SG_ZONE_ETC, "/etc/dhcp", DIR_ALL, 0, "etc-package" },
  { SG_ZONE_ETC, "/etc/dhcp/dhclient.conf", FILE_ALL, 0, "etc-intact" },
  { SG_ZONE_ETC, "/etc/dhcp/own.conf", FILE_ALL, 0, "etc-network" },
  { SG_ZONE_ETC, "/etc/NetworkManager/system-connections/home", FILE_ALL, 0, "etc-network" },
  { SG_ZONE_ETC, "/etc/rc2.d/S01x", S_IFLNK | 0777, 0, "etc-start" },
  { SG_ZONE_ETC, "/etc/apt/sources.list.d/x.list", FILE_ALL, 0, "etc-repositories" },
  { SG_ZONE_ETC, "/etc/ld.so.cache", FILE_ALL, 0, "etc-libraries" },
  { SG_ZONE_ETC, "/etc/localtime", S_IFLNK | 0777, 0, "etc-language" },
  /* /var */
  { SG_ZONE_VAR, "/var/lib/dpkg", DIR_ALL, 0, "state-folder" },
  { SG_ZONE_VAR, "/var/lib/dpkg/status", FILE_ALL, 0, "database" },
  { SG_ZONE_VAR, "/var/lib/dpkg/status-old", FILE_ALL, 0, "database-own" },
  { SG_ZONE_VAR, "/var/lib/dpkg/info/x.list", FILE_ALL, 0, "database-files" },
  { SG_ZONE_VAR, "/var/lib/flatpak", DIR_ALL, 0, "flatpak" },
  { SG_ZONE_VAR, "/var/lib/dhcp", DIR_ALL, 0, "skeleton" },
  { SG_ZONE_VAR, "/var/lib/dhcp/dhclient.leases", FILE_ALL, 0, "state" },
  { SG_ZONE_VAR, "/var/lib/docker", DIR_ALL, 0, "state" },
  { SG_ZONE_VAR, "/var/lib/dpkgx", DIR_ALL, 0, "state" },
};

START_TEST (each_entry_has_its_rule)
{
  const Case *one = &cases[_i];
  const SgRule *rule = judge (one->zone, one->path, one->mode, one->uid);

  ck_assert_msg (strcmp (rule->id, one->rule) == 0, "%s is '%s' and should be '%s'", one->path,
                 rule->id, one->rule);
}
END_TEST

START_TEST (without_a_database_the_owner_decides)
{
  SgFacts facts = { .path = "/etc/x.conf", .mode = FILE_ALL, .uid = 0 };

  ck_assert_str_eq (sg_rules_judge (SG_ZONE_ETC, &facts, &ask_none)->id, "etc-readable");
  facts.uid = 1000;
  ck_assert_str_eq (sg_rules_judge (SG_ZONE_ETC, &facts, &ask_none)->id, "etc-unowned");
  facts.uid = 0;
  facts.path = "/etc/NetworkManager/x";
  ck_assert_str_eq (sg_rules_judge (SG_ZONE_ETC, &facts, &ask_none)->id, "etc-network");
  facts.path = "/etc/ssh/ssh_host_x";
  ck_assert_str_eq (sg_rules_judge (SG_ZONE_ETC, &facts, &ask_none)->id, "etc-secrets");
}
END_TEST

START_TEST (each_rule_has_a_name_and_a_reason)
{
  gsize n;
  const SgRule *rules = sg_rules_all (&n);
  g_autoptr (GHashTable) ids = g_hash_table_new (g_str_hash, g_str_equal);

  ck_assert_uint_gt (n, 30);
  for (gsize i = 0; i < n; i++)
    {
      ck_assert_msg (g_hash_table_add (ids, (gpointer)rules[i].id), "%s twice", rules[i].id);
      ck_assert_uint_gt (strlen (rules[i].reason), 10);
      ck_assert_uint_gt (strlen (rules[i].where), 3);
      ck_assert_ptr_eq (sg_rules_get (rules[i].id), &rules[i]);
    }
}
END_TEST

START_TEST (patterns_do_not_reach_too_far)
{
  ck_assert (sg_rules_match ("/etc/a /etc/b/", "/etc/a"));
  ck_assert (!sg_rules_match ("/etc/a /etc/b/", "/etc/a/x"));
  ck_assert (sg_rules_match ("/etc/a /etc/b/", "/etc/b"));
  ck_assert (sg_rules_match ("/etc/a /etc/b/", "/etc/b/c/d"));
  ck_assert (!sg_rules_match ("/etc/a /etc/b/", "/etc/bb"));
  ck_assert (sg_rules_match ("/etc/*.conf", "/etc/x.conf"));
  ck_assert (!sg_rules_match ("/etc/*.conf", "/etc/d/x.conf"));
  ck_assert (sg_rules_match ("/etc/java-*/", "/etc/java-17/security/x"));
}
END_TEST

/* ---- secrets ---- */

static gboolean
secret (const char *text)
{
  return sg_rules_holds_secret (text, strlen (text));
}

START_TEST (secrets_are_seen)
{
  ck_assert (secret ("-----BEGIN RSA PRIVATE KEY-----\nabc\n"));
  ck_assert (secret ("-----BEGIN OPENSSH PRIVATE KEY-----"));
  ck_assert (secret ("-----BEGIN PGP PRIVATE KEY BLOCK-----"));
  ck_assert (secret ("x=1\nhttp_proxy=http://me:pw@proxy.example:3128/\n"));
  ck_assert (secret ("export GITHUB_TOKEN=abc123"));
  ck_assert (secret ("  password = \"hunter2\"\n"));
  ck_assert (secret ("//registry/:_auth=abc"));
  ck_assert (!secret ("-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----\n"));
  ck_assert (!secret ("see http://example.org:80/a@b\n"));
  ck_assert (!secret ("# password = secret\n"));
  ck_assert (!secret ("PASSWORD=$1\ntoken=\n"));
  ck_assert (!secret ("PASS_MAX_DAYS 99999\n"));
  ck_assert (!secret (""));
}
END_TEST

/* ---- cleaning ---- */

static void
assert_cleaned (const char *path, const char *raw, const char *wanted)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (raw, strlen (raw));
  g_autoptr (GBytes) clean = sg_clean (path, bytes);
  gsize len;

  ck_assert_ptr_nonnull (clean);
  const char *data = g_bytes_get_data (clean, &len);
  g_autofree char *text = g_strndup (data != NULL ? data : "", len);
  ck_assert_str_eq (text, wanted);
}

START_TEST (package_sources_lose_their_credentials)
{
  assert_cleaned ("/etc/apt/sources.list",
                  "deb http://deb.example.org/debian x main\n"
                  "deb https://me:pw@private.example.org/debian x main\n"
                  "deb https://me@private.example.org/debian x main\n"
                  "deb [signed-by=/usr/share/k.gpg] https://b.example.org/ x main",
                  "deb http://deb.example.org/debian x main\n"
                  "deb [signed-by=/usr/share/k.gpg] https://b.example.org/ x main");
  assert_cleaned ("/etc/apt/sources.list.d/x.sources",
                  "Types: deb\nURIs: http://a.example.org\n\n"
                  "Types: deb\nURIs: https://u:p@b.example.org\nSuites: x\n\n"
                  "Types: deb\nURIs: http://c.example.org\n",
                  "Types: deb\nURIs: http://a.example.org\n\n"
                  "Types: deb\nURIs: http://c.example.org\n");
  assert_cleaned ("/etc/yum.repos.d/x.repo",
                  "[a]\nbaseurl=http://a.example.org\n[b]\nbaseurl=http://b.example.org\n"
                  "username=me\npassword=pw\n[c]\nbaseurl=http://c.example.org\n",
                  "[a]\nbaseurl=http://a.example.org\n[c]\nbaseurl=http://c.example.org\n");
}
END_TEST

START_TEST (the_environment_keeps_language_and_paths)
{
  assert_cleaned ("/etc/environment",
                  "PATH=/bin\nhttp_proxy=http://10.0.0.1\nLANG=de_DE.UTF-8\nexport LC_TIME=C\n"
                  "API=1\n",
                  "PATH=/bin\nLANG=de_DE.UTF-8\nexport LC_TIME=C\n");
}
END_TEST

START_TEST (nothing_else_is_cleaned)
{
  g_autoptr (GBytes) raw = g_bytes_new_static ("x", 1);

  ck_assert_ptr_null (sg_clean ("/etc/other", raw));
}
END_TEST

/* ---- accounts ---- */

static char *
text_at (SgTree *tree, const char *path)
{
  const SgNode *node = sg_tree_lookup (tree, path);
  gsize len;

  ck_assert_msg (node != NULL, "%s", path);
  const char *data = g_bytes_get_data (node->inode->data, &len);
  return g_strndup (data, len);
}

static const char host_passwd[] = "root:x:0:0:root:/root:/bin/bash\n"
                                  "daemon:x:1:1::/usr/sbin:/usr/sbin/nologin\n"
                                  "sandbox:x:999:999::/:/bin/sh\n"
                                  "alice:x:1000:1000:Alice Example,,,:/home/alice:/bin/zsh\n"
                                  "bob:x:1001:1001::/home/bob:/bin/sh\n"
                                  "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"
                                  "+::::::\n"
                                  "broken line\n"
                                  ":x:5:5:::\n";
static const char host_group[]
    = "root:x:0:\nshadow:x:42:\nsudo:x:27:alice,daemon\nusers:x:100:bob\n"
      "alice:x:1000:\nwork:x:1500:alice,bob\nnogroup:x:65534:\n";

START_TEST (people_are_left_out_and_the_system_keeps_its_numbers)
{
  g_autoptr (SgTree) tree = sg_tree_new ();
  SgHostAccounts host = { host_passwd, host_group };

  sg_accounts_add (tree, &host, 1234, 1234, "/bin/bash");
  g_autofree char *passwd = text_at (tree, "/etc/passwd");
  g_autofree char *group = text_at (tree, "/etc/group");
  g_autofree char *shadow = text_at (tree, "/etc/shadow");
  g_autofree char *gshadow = text_at (tree, "/etc/gshadow");
  ck_assert_str_eq (passwd, "root:x:0:0:root:/root:/bin/bash\n"
                            "daemon:x:1:1::/usr/sbin:/usr/sbin/nologin\n"
                            "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"
                            "sandbox:x:1234:1234:Sandbox:/home/sandbox:/bin/bash\n");
  ck_assert_str_eq (group, "root:x:0:\nshadow:x:42:\nsudo:x:27:daemon,sandbox\n"
                           "users:x:100:sandbox\nnogroup:x:65534:\nsandbox:x:1234:\n");
  ck_assert_ptr_nonnull (strstr (shadow, "\nsandbox:!:"));
  ck_assert_ptr_null (strstr (shadow, "alice"));
  ck_assert_ptr_nonnull (strstr (gshadow, "sudo:*::daemon,sandbox\n"));
  const SgInode *inode = sg_tree_lookup (tree, "/etc/shadow")->inode;
  ck_assert_uint_eq (inode->mode, S_IFREG | 0640);
  ck_assert_uint_eq (inode->gid, 42);
}
END_TEST

START_TEST (a_shared_group_of_the_system_stays_one)
{
  g_autoptr (SgTree) tree = sg_tree_new ();
  SgHostAccounts host = { host_passwd, host_group };

  sg_accounts_add (tree, &host, 1000, 100, "/bin/sh");
  g_autofree char *group = text_at (tree, "/etc/group");
  ck_assert_ptr_null (strstr (group, "\nsandbox:"));
}
END_TEST

START_TEST (without_account_files_there_are_root_and_sandbox)
{
  g_autoptr (SgTree) tree = sg_tree_new ();
  SgHostAccounts host = { NULL, NULL };

  sg_accounts_add (tree, &host, 1000, 1000, "/bin/sh");
  g_autofree char *passwd = text_at (tree, "/etc/passwd");
  g_autofree char *group = text_at (tree, "/etc/group");
  ck_assert_str_eq (passwd, "root:x:0:0:root:/root:/bin/sh\n"
                            "sandbox:x:1000:1000:Sandbox:/home/sandbox:/bin/sh\n");
  ck_assert_str_eq (group, "root:x:0:\nsandbox:x:1000:\n");
}
END_TEST

START_TEST (the_number_is_the_builders)
{
  uid_t uid;
  gid_t gid;

  sg_accounts_choose (0, 0, &uid, &gid);
  ck_assert (uid == 1000 && gid == 1000);
  sg_accounts_choose (1234, 1234, &uid, &gid);
  ck_assert (uid == 1234 && gid == 1234);
  sg_accounts_choose (1234, 100, &uid, &gid);
  ck_assert (uid == 1234 && gid == 100);
  sg_accounts_choose (65534, 65534, &uid, &gid);
  ck_assert (uid == 1000 && gid == 1000);
  sg_accounts_choose (1234567, 1234567, &uid, &gid);
  ck_assert (uid == 1234567 && gid == 1234567);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("rules");
  TCase *tcase = tcase_create ("rules");

  tcase_add_loop_test (tcase, each_entry_has_its_rule, 0, G_N_ELEMENTS (cases));
  tcase_add_test (tcase, without_a_database_the_owner_decides);
  tcase_add_test (tcase, each_rule_has_a_name_and_a_reason);
  tcase_add_test (tcase, patterns_do_not_reach_too_far);
  tcase_add_test (tcase, secrets_are_seen);
  tcase_add_test (tcase, package_sources_lose_their_credentials);
  tcase_add_test (tcase, the_environment_keeps_language_and_paths);
  tcase_add_test (tcase, nothing_else_is_cleaned);
  tcase_add_test (tcase, people_are_left_out_and_the_system_keeps_its_numbers);
  tcase_add_test (tcase, a_shared_group_of_the_system_stays_one);
  tcase_add_test (tcase, without_account_files_there_are_root_and_sandbox);
  tcase_add_test (tcase, the_number_is_the_builders);
  suite_add_tcase (suite, tcase);
  SRunner *runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? 0 : 1;
}
