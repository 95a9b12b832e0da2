# SPDX-License-Identifier: GPL-2.0-or-later
# fish completion for sandglass: verbs, options and ids are asked of the program itself.
function __sandglass_verbs
    sandglass --help 2>/dev/null | string match -r '^  [a-z-]+  .*' | string replace -r '^  ([a-z-]+) +(.*)$' '$1\t$2'
end
function __sandglass_needs_verb
    test (count (commandline -opc)) -eq 1
end
function __sandglass_verb
    set -l words (commandline -opc)
    test (count $words) -gt 1; and echo $words[2]
end
function __sandglass_options
    set -l verb (__sandglass_verb)
    test -n "$verb"; and sandglass $verb --help 2>/dev/null | string match -ar -- '--[a-z][a-z-]*' | sort -u
end
function __sandglass_ids
    sandglass list 2>/dev/null | string match -r '^[0-9a-f]{8}'
end
function __sandglass_takes_id
    contains -- (__sandglass_verb) exec shell connect wait share unshare usb network ip forward steps discard stop restart changes save-files report put-files
end
# What a network can be: behind the id, and behind --network (which knows no "on": it is not open yet).
function __sandglass_networks
    set -l found (sandglass network --help 2>/dev/null | string match -r '\[(off\|[a-z|]*)\]')
    test (count $found) -eq 2; and string split '|' $found[2]
end
function __sandglass_switches_network
    set -l words (commandline -opc)
    test (count $words) -eq 3; and test $words[2] = network
end
complete -c sandglass -n __sandglass_switches_network -f -a '(__sandglass_networks)'
complete -c sandglass -n 'contains -- (__sandglass_verb) run start open' -l network -x -a '(string match -v on -- (__sandglass_networks))'
complete -c sandglass -n __sandglass_needs_verb -a '(__sandglass_verbs)'
complete -c sandglass -n 'not __sandglass_needs_verb' -a '(__sandglass_options)'
complete -c sandglass -n __sandglass_takes_id -a '(__sandglass_ids)'
