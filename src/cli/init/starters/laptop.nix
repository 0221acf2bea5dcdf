# A client that travels: out to the internet by an exit node, in by ssh from the tailnet alone.
# What to change: the name, the interfaces and the operator.
{
  host = {
    name = "laptop";
    release = "26.05"; # the NixOS release: 25.11, 26.05 or 26.11
    interfaces = {
      wlp1s0 = { role = "wan"; };
      enp0s31f6 = { role = "lan"; };
    };
    # How you get in. Nothing is rendered that would close this way.
    management = [ { via = "tailscale0"; service = "ssh"; } ];
  };

  # There is no key: log in once by `sudo tailscale up`.
  network.vpn.tailscale = {
    enable = true;
    useExitNode = "auto:any"; # or the name of one
    exitNodeAllowLANAccess = true; # the printer at home stays in reach
    acceptRoutes = true;
    operator = "alice"; # may change preferences without sudo
  };

  network.security.firewall-zones = {
    enable = true;
    defaultPolicy = "drop";
    zones = {
      internal = { interfaces = [ "tailscale0" ]; allowedServices = [ "ssh" ]; };
      outside = { interfaces = [ "wlp1s0" "enp0s31f6" ]; };
    };
  };

  network.monitoring.tailscale = {
    enable = true;
    checkInterval = 60; # seconds
    enableAutoFailover = true;
    exitNodes = [ "auto:any" ];
  };
}
