# A rented machine that is the tailnet's way out to the internet and offers nothing else.
# What to change: the name, the interface and its prefixes.
{
  host = {
    name = "exit";
    release = "26.05"; # the NixOS release: 25.11, 26.05 or 26.11
    interfaces.ens3 = { role = "wan"; prefixes = [ "198.51.100.20/24" "2001:db8:20::1/64" ]; };
    # How you get in. Nothing is rendered that would close this way.
    management = [ { via = "tailscale0"; service = "ssh"; } ];
  };

  # An encrypted file with the key `authkey`; the path is relative to the rendered tree.
  secrets.tailscale.sopsFile = ./secrets/tailscale.yaml;

  network.vpn.tailscale = {
    enable = true;
    authKeyFile = config.sops.secrets."tailscale-authkey".path;
    exitNode = true; # to be approved in the admin console
    tags = [ "tag:exit" ];
  };

  network.security.firewall-zones = {
    enable = true;
    defaultPolicy = "drop";
    zones = {
      internal = { interfaces = [ "tailscale0" ]; allowedServices = [ "ssh" ]; };
      wan = { interfaces = [ "ens3" ]; };
    };
  };

  network.tuning.profile = "router";
}
