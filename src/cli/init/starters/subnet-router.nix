# A machine through which the tailnet reaches a local network whose devices cannot run Tailscale.
# What to change: names, interfaces and prefixes.
{
  host = {
    name = "gateway";
    release = "26.05"; # the NixOS release: 25.11, 26.05 or 26.11
    interfaces = {
      enp1s0 = { role = "lan"; prefixes = [ "192.168.15.1/24" ]; };
      enp2s0 = { role = "wan"; };
    };
    # How you get in. Nothing is rendered that would close both ways.
    management = [
      { via = "tailscale0"; service = "ssh"; }
      { via = "enp1s0"; service = "ssh"; }
    ];
  };

  # An encrypted file with the key `authkey`; the path is relative to the rendered tree.
  secrets.tailscale.sopsFile = ./secrets/tailscale.yaml;

  network.vpn.tailscale = {
    enable = true;
    authKeyFile = config.sops.secrets."tailscale-authkey".path;
    enableSubnetRouter = true;
    advertiseRoutes = [ "192.168.15.0/24" ]; # to be approved in the admin console
    tags = [ "tag:router" ];
  };

  network.security.firewall-zones = {
    enable = true;
    defaultPolicy = "drop";
    zones = {
      internal = { interfaces = [ "tailscale0" ]; allowedServices = [ "ssh" ]; forwardTo = [ "lan" ]; };
      lan = { interfaces = [ "enp1s0" ]; allowedServices = [ "ssh" ]; };
      wan = { interfaces = [ "enp2s0" ]; };
    };
  };

  network.tuning.profile = "router";
}
