# Switches to the system that nixos-rebuild builds, but tries its firewall first: the new zones are loaded under guard, and
# the former ones come back unless you confirm them from a new connection.
#
#   tailwright-switch [ARGUMENT OF nixos-rebuild]...
#
# TAILWRIGHT_CONFIRM says how long you have, 2m unless it is set.

say() {
  printf 'tailwright-switch: %s\n' "$*" >&2
}

for argument in "$@"; do
  case "$argument" in
    --target-host | --target-host=* | --build-host | --build-host=*)
      say "$argument: this guards the firewall of the host that it runs on"
      exit 64
      ;;
  esac
done

nixos-rebuild build "$@"
system=$(readlink -f result)
now=/etc/tailwright/firewall.nft
next=$system/etc/tailwright/firewall.nft
if ! [ -e "$next" ]; then
  say "$system has no zone firewall; if that is what you want, run nixos-rebuild switch yourself"
  exit 1
fi
if cmp -s "$now" "$next"; then
  say "the zones stay as they are"
elif ! tsctl firewall apply "$next" --confirm "${TAILWRIGHT_CONFIRM:-2m}" --wait; then
  say "nothing was switched"
  exit 1
fi

nix-env --profile /nix/var/nix/profiles/system --set "$system"
# As nixos-rebuild does it, so that it goes on when this terminal dies.
exec systemd-run --collect --no-ask-password --pipe --quiet --wait --service-type=exec --unit=tailwright-switch \
  "$system/bin/switch-to-configuration" switch
