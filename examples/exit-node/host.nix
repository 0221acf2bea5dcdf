# A small rented machine that is the tailnet's way out to the internet and offers nothing else.
{
  host = {
    name = "exit-fra";
    release = "25.11";
    interfaces.ens3 = { role = "wan"; prefixes = [ "198.51.100.20/24" "2001:db8:20::1/64" ]; };
    management = [ { via = "tailscale0"; service = "ssh"; } ];
  };

  secrets.tailscale.sopsFile = ./secrets/tailscale.yaml;

  network.vpn.tailscale = {
    enable = true;
    authKeyFile = config.sops.secrets."tailscale-authkey".path;
    exitNode = true;
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
