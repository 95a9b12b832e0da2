# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion for sandglass
_sandglass ()
{
  local cur prev words cword verb
  _init_completion 2>/dev/null || { cur=${COMP_WORDS[COMP_CWORD]}; words=("${COMP_WORDS[@]}"); cword=$COMP_CWORD; }
  verb=${words[1]}
  if [ "$cword" = 1 ]; then
    COMPREPLY=($(compgen -W "$(sandglass --help 2>/dev/null | sed -n 's/^  \([a-z-]*\)  .*/\1/p') --help --version" -- "$cur"))
    return
  fi
  # After `--` it is a command of its own.
  local i
  for ((i = 2; i < cword; i++)); do
    if [ "${words[i]}" = -- ]; then
      COMPREPLY=($(compgen -c -- "$cur"))
      return
    fi
  done
  # What a network can be: behind the id, and behind --network (which knows no "on": it is not open yet).
  local networks
  if [ "$verb $cword" = "network 3" ] || [ "${words[cword - 1]}" = --network ]; then
    networks=$(sandglass network --help 2>/dev/null | sed -n 's/.*\[\(off|[a-z|]*\)\].*/\1/p' | tr '|' '\n')
    [ "$verb" = network ] || networks=$(grep -vx on <<<"$networks")
    COMPREPLY=($(compgen -W "$networks" -- "$cur"))
    return
  fi
  case $verb in
    base)
      if [ "$cword" = 2 ]; then
        COMPREPLY=($(compgen -W "$(sandglass base --help 2>/dev/null | sed -n 's/^  \([a-z-]*\)  .*/\1/p')" -- "$cur"))
        return
      fi ;;
    exec | shell | connect | wait | share | unshare | usb | network | ip | forward | steps | discard | stop | restart | changes | save-files | report | put-files)
      if [ "$cword" = 2 ]; then
        COMPREPLY=($(compgen -W "$(sandglass list 2>/dev/null | sed -n 's/^\([0-9a-f]\{8\}\) .*/\1/p')" -- "$cur"))
        return
      fi ;;
  esac
  case $cur in
    -*) COMPREPLY=($(compgen -W "$(sandglass "$verb" --help 2>/dev/null | grep -o -- '--[a-z][a-z-]*' | sort -u)" -- "$cur")) ;;
    *) COMPREPLY=($(compgen -f -- "$cur")) ;;
  esac
}
complete -o filenames -F _sandglass sandglass
