/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table.  Rows are asked from the top; within /etc the first that names the path decides. */

/* ---- by facts, anywhere ---- */
{ "special", SG_RULE_OUT, "devices, sockets and pipes",
  "it is no file; the sandbox has devices of its own" },
{ "other-file-system", SG_RULE_OUT, "what is mounted below from a network or the kernel",
  "it is not on this computer's own disk" },
{ "path-too-long", SG_RULE_OUT, "paths of 4,096 bytes and more",
  "no program could open it by this name" },
{ "went-away", SG_RULE_OUT, "what vanished, or failed to be read, while the copy was made",
  "it could not be read when the copy was made" },
{ "too-large", SG_RULE_OUT, "files of more than 8 MiB in /etc, and of 64 MiB where others are copied",
  "settings are copied, and it is too large for that" },
{ "set-id", SG_RULE_OUT, "set-id programs of packages that others than their owner cannot read",
  "only root may read this program; what needs it inside gets one of Sandglass's own, or none" },
{ "unreadable", SG_RULE_OUT, "files that others than their owner cannot read",
  "not everybody on this computer may read it" },
{ "closed-directory", SG_RULE_EMPTY, "directories that others than their owner cannot list",
  "not everybody on this computer may look into it; inside it is empty" },
{ "secret-name", SG_RULE_OUT,
  "files that no package brought and that are named as keys and passwords are",
  "its name says that it holds a key or a password" },

{ "anonymous", SG_RULE_OUT, "with --anonymous: what `base explain --identifying` lists",
  "it tells which computer this is or who uses it, and the copy was asked to be anonymous" },

/* ---- /usr, /opt ---- */
{ "local-settings", SG_RULE_OUT, "/usr/local/etc/",
  "settings of programs installed by hand can hold passwords" },
{ "local-private", SG_RULE_OUT, "files in /usr/local whose owner is not root",
  "it belongs to a person's account, not to the system" },
{ "local", SG_RULE_LINKED, "/usr/local/",
  "the administrator installed it for everybody on this computer" },
{ "vendor-settings", SG_RULE_LINKED, "/usr/etc/ where a package brought it",
  "settings as the distribution ships them" },
{ "vendor-settings-local", SG_RULE_OUT, "/usr/etc/ otherwise",
  "settings that no package brought can hold passwords" },
{ "rewritten", SG_RULE_COPIED,
  "/usr/share/mime/mime.cache /usr/share/applications/mimeinfo.cache "
  "/usr/share/glib-2.0/schemas/gschemas.compiled /usr/lib/*/gio/modules/giomodule.cache "
  "/usr/lib64/gio/modules/giomodule.cache /usr/lib/*/gdk-pixbuf-2.0/*/loaders.cache "
  "/usr/lib64/gdk-pixbuf-2.0/*/loaders.cache /usr/lib/*/gtk-3.0/*/immodules.cache",
  "each installation of a package rewrites it, and running programs need it" },
{ "guest-programs", SG_RULE_OURS, "/usr/lib/sandglass/",
  "written by Sandglass; what is there on a computer that is itself a sandbox belongs to that one" },
{ "system", SG_RULE_LINKED, "/usr/", "part of the installed system, readable by everybody" },
{ "opt-package", SG_RULE_LINKED, "directories in /opt that a package brought",
  "part of an installed package, readable by everybody" },
{ "opt-other", SG_RULE_OUT, "/opt otherwise",
  "no package brought it: /opt also holds data and servers of this computer" },

/* ---- /var ---- */
{ "flatpak", SG_RULE_LINKED, "/var/lib/flatpak/", "applications installed for everybody" },
{ "database-own", SG_RULE_OUT,
  "/var/lib/dpkg/lock* /var/lib/dpkg/*-old /var/lib/dpkg/updates/ /var/lib/rpm/.rpm.lock "
  "/var/lib/rpm/__db.* /var/lib/rpm/*-shm /var/lib/pacman/db.lck /var/lib/ucf/*.[0-9] /var/lib/flatpak/.changed",
  "locks and older copies of a database; the sandbox makes its own" },
{ "database-unread", SG_RULE_OUT, "a package database that could not be read",
  "its packages are not known: what is in /etc is decided by owner and readability" },
{ "database", SG_RULE_COPIED,
  "/var/lib/dpkg/status /var/lib/dpkg/diversions /var/lib/dpkg/statoverride "
  "/var/lib/dpkg/alternatives/ /var/lib/dpkg/triggers/ /var/lib/dpkg/arch /var/lib/dpkg/cmethopt "
  "/var/lib/apt/extended_states /var/lib/ucf/ /var/lib/pam/ /var/lib/shells.state",
  "the package manager inside needs to know what is installed; each installation rewrites it" },
{ "database-files", SG_RULE_LINKED,
  "/var/lib/dpkg/info/ /var/lib/rpm/ /var/lib/pacman/local/ /var/lib/dnf/",
  "the package manager inside needs to know what is installed" },
{ "shared-state", SG_RULE_LINKED,
  "/var/lib/aspell/ /var/lib/dictionaries-common/ /var/lib/emacsen-common/ /var/lib/ghostscript/ "
  "/var/lib/xkb/ /var/lib/sgml-base/ /var/lib/xml-core/ /var/lib/ca-certificates/ "
  "/var/lib/ca-certificates-java/ /var/lib/texmf/ /var/lib/tex-common/ /var/lib/python/ "
  "/var/lib/mime/ /var/lib/xfonts/ /var/lib/usbutils/ /var/lib/misc/ /var/lib/polkit-1/ "
  "/var/cache/fontconfig/ /var/lib/defoma/ /var/lib/javascript-common/",
  "made by packages when they were installed, and needed by programs" },
{ "state-folder", SG_RULE_LINKED, "directories in /var that lead to one of these",
  "something in it goes inside" },
{ "skeleton", SG_RULE_EMPTY, "other directories in /var that a package brought",
  "programs expect the directory; what this computer put into it stays outside" },
{ "state", SG_RULE_OUT, "/var/ otherwise",
  "logs, mail, caches and data of this computer" },

/* ---- the rest of the computer ---- */
{ "homes", SG_RULE_EMPTY, "/home /root", "personal files; the sandbox's user has a home of its own" },
{ "mount-points", SG_RULE_EMPTY, "/dev /proc /sys /run /tmp /mnt /media /srv /boot /lost+found",
  "made anew inside" },
{ "snap", SG_RULE_OUT, "/snap/*",
  "a snap is a disk image of its own and runs under its own service, which is not inside" },
{ "elsewhere", SG_RULE_OUT, "other directories and files directly below /",
  "no part of the installed system" },

/* ---- /etc: never ---- */
{ "etc-secrets", SG_RULE_OUT,
  "/etc/ssh/ssh_host_* /etc/ssh/ssh_known_hosts* /etc/ssl/private/ /etc/pki/tls/private/ "
  "/etc/pki/nssdb/ /etc/letsencrypt/ /etc/wireguard/ /etc/openvpn/ /etc/ipsec.d/ "
  "/etc/ipsec.secrets /etc/ppp/ /etc/krb5.keytab /etc/sssd/ /etc/cups/ /etc/apt/auth.conf "
  "/etc/apt/auth.conf.d/ /etc/zypp/credentials.d/ /etc/pacman.d/gnupg/ /etc/docker/ "
  "/etc/kubernetes/ /etc/rancher/ /etc/security/opasswd /etc/davfs2/ /etc/msmtprc /etc/npmrc "
  "/etc/pip.conf /etc/netrc /etc/fwupd/ /etc/firmware/ /etc/*.keytab /etc/nslcd.conf /etc/ldap.secret "
  "/etc/credstore/ /etc/credstore.encrypted/ /etc/rhsm/ /etc/pki/entitlement/ /etc/pki/consumer/ "
  "/etc/ubuntu-advantage/ /etc/freeipa/ /etc/ipa/",
  "keys and credentials never go inside" },
{ "etc-network", SG_RULE_OUT,
  "/etc/NetworkManager/ /etc/netplan/ /etc/network/ /etc/wpa_supplicant/ /etc/systemd/network/ "
  "/etc/resolvconf/ /etc/resolv.conf.* /etc/sysconfig/network* /etc/sysconfig/network-scripts/ "
  "/etc/dhcp/ /etc/iwd/ /etc/connman/ /etc/nftables.conf /etc/ufw/ /etc/firewalld/ /etc/iptables/",
  "this computer's networks; the sandbox has its own connection or none" },
{ "etc-start", SG_RULE_OUT,
  "/etc/systemd/system/ /etc/systemd/user/ /etc/rc?.d/ /etc/rc.local /etc/inittab "
  "/etc/systemd/system.conf.d/ /etc/systemd/user.conf.d/ /etc/systemd/journald.conf.d/ "
  "/etc/systemd/logind.conf.d/ /etc/crontab /etc/anacrontab /etc/runit/ /etc/xdg/autostart/ "
  "/etc/apt/apt.conf.d/20packagekit",
  "what starts inside is Sandglass's own list" },
{ "etc-machine", SG_RULE_OUT,
  "/etc/crypttab /etc/hostid /etc/machine-info /etc/exports /etc/exports.d/ /etc/auto.* "
  "/etc/X11/xorg.conf /etc/udev/rules.d/ /etc/udev/hwdb.bin /etc/.git/ /etc/.etckeeper "
  "/etc/passwd- /etc/group- /etc/shadow- /etc/gshadow- /etc/subuid- /etc/subgid- /etc/.pwd.lock "
  "/etc/mailname /etc/aliases /etc/email-addresses /etc/brlapi.key /etc/initramfs-tools/ "
  "/etc/default/grub /etc/default/grub.d/ /etc/*.dpkg-* /etc/*/*.dpkg-* /etc/*.rpmsave "
  "/etc/*.rpmnew /etc/*.pacnew /etc/*.pacsave",
  "it belongs to this computer's hardware, disks or past" },

/* ---- /etc: written by Sandglass ---- */
{ "etc-ours", SG_RULE_OURS,
  "/etc/passwd /etc/group /etc/shadow /etc/gshadow /etc/subuid /etc/subgid /etc/hostname /etc/hosts "
  "/etc/resolv.conf /etc/machine-id /etc/fstab /etc/mtab /etc/nsswitch.conf /etc/sudoers "
  "/etc/sudoers.d/ /etc/.updated /etc/adjtime",
  "written by Sandglass: system accounts, the user `sandbox`, no name of this computer" },
{ "etc-login", SG_RULE_OURS,
  "/etc/pam.d/common-* /etc/pam.d/system-auth* /etc/pam.d/password-auth* /etc/pam.d/postlogin* "
  "/etc/pam.d/fingerprint-auth* /etc/pam.d/smartcard-auth* /etc/pam.d/system-login "
  "/etc/pam.d/system-local-login /etc/pam.d/system-remote-login /etc/pam.d/system-services "
  "/etc/pam.d/su /etc/pam.d/su-l",
  "written by Sandglass: the sandbox knows its own accounts only" },
{ "etc-environment", SG_RULE_CLEANED, "/etc/environment",
  "language and paths are kept; other variables can hold addresses and tokens" },
{ "etc-repositories", SG_RULE_CLEANED,
  "/etc/apt/sources.list /etc/apt/sources.list.d/* /etc/yum.repos.d/*.repo /etc/zypp/repos.d/*.repo",
  "programs can be installed inside; sources with a password are taken out" },

/* ---- /etc: as it is on this computer, whether changed or not ---- */
{ "etc-libraries", SG_RULE_COPIED, "/etc/ld.so.cache /etc/ld.so.conf /etc/ld.so.conf.d/",
  "without it programs do not find their libraries" },
{ "etc-alternatives", SG_RULE_COPIED, "/etc/alternatives/", "which program stands behind a name" },
{ "etc-certificates", SG_RULE_COPIED,
  "/etc/ssl/certs/ /etc/ssl/cert.pem /etc/ssl/openssl.cnf /etc/ca-certificates.conf "
  "/etc/ca-certificates/ /etc/pki/ca-trust/ /etc/pki/tls/certs/ /etc/pki/tls/cert.pem "
  "/etc/pki/tls/openssl.cnf /etc/pki/java/ /etc/crypto-policies/",
  "public certificates; programs trust whom they trust on this computer" },
{ "etc-language", SG_RULE_COPIED,
  "/etc/locale.alias /etc/locale.gen /etc/locale.conf /etc/default/locale /etc/default/keyboard "
  "/etc/default/console-setup /etc/console-setup/ /etc/vconsole.conf /etc/timezone /etc/localtime "
  "/etc/papersize /etc/X11/xorg.conf.d/*keyboard.conf /etc/dictionaries-common/ /etc/sysconfig/keyboard "
  "/etc/sysconfig/language",
  "language, keyboard and time zone are as at home" },
{ "etc-look", SG_RULE_COPIED,
  "/etc/fonts/ /etc/gtk-2.0/ /etc/gtk-3.0/ /etc/gtk-4.0/ /etc/xml/ /etc/sgml/ /etc/glvnd/ "
  "/etc/vulkan/ /etc/OpenCL/ /etc/mime.types /etc/mailcap /etc/java-*/ /etc/flatpak/remotes.d/ "
  "/etc/texmf/ /etc/ImageMagick-*/ /etc/emacs/ /etc/X11/",
  "programs look and work as at home" },
{ "etc-shell", SG_RULE_COPIED,
  "/etc/profile /etc/shells /etc/bash.bashrc /etc/bashrc /etc/inputrc /etc/skel/ /etc/zsh/ "
  "/etc/login.defs /etc/services /etc/protocols /etc/rpc /etc/networks /etc/host.conf /etc/gai.conf "
  "/etc/security/limits.conf /etc/security/pam_env.conf /etc/csh.login /etc/csh.cshrc",
  "the shell works as at home" },
{ "etc-release", SG_RULE_COPIED,
  "/etc/os-release /etc/debian_version /etc/lsb-release /etc/redhat-release /etc/system-release "
  "/etc/fedora-release /etc/arch-release /etc/SuSE-release /etc/issue /etc/issue.net /etc/dpkg/origins/default",
  "which distribution it is" },
{ "etc-package-keys", SG_RULE_COPIED,
  "/etc/apt/trusted.gpg /etc/apt/trusted.gpg.d/ /etc/apt/keyrings/ /etc/apt/preferences "
  "/etc/apt/preferences.d/ /etc/pki/rpm-gpg/ /etc/pacman.conf /etc/pacman.d/",
  "public keys that packages are signed with" },

/* ---- /etc: what is left ---- */
{ "etc-secret-inside", SG_RULE_OUT, "files in /etc that hold a private key, password or token",
  "it holds what looks like a key, a password or a token" },
{ "etc-intact", SG_RULE_COPIED, "settings in /etc as their packages brought them",
  "a setting as its package brought it" },
{ "etc-package", SG_RULE_COPIED, "links and files in /etc that a package brought",
  "part of an installed package" },
{ "etc-login-changed", SG_RULE_OURS, "changed files in /etc/pam.d",
  "written by Sandglass in place of a changed one: the sandbox knows its own accounts only" },
{ "etc-changed", SG_RULE_OUT, "settings in /etc that were changed on this computer",
  "it was changed on this computer, and what it says now is this computer's own" },
{ "etc-unowned", SG_RULE_OUT, "what no package brought to /etc",
  "no package brought it, and no rule asks for it" },
{ "etc-readable", SG_RULE_COPIED, "all of /etc where there is no package database",
  "owned by root and readable by everybody" },
