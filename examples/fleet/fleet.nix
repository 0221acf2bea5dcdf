# Three hosts of one tailnet: two in place, one in a file of its own.
{
  tailnet.domain = "your-tailnet.ts.net";

  hosts = {
    gateway = {
      host = {
        interfaces = {
          enp1s0 = { role = "lan"; prefixes = [ "192.168.15.1/24" ]; };
          enp2s0 = { role = "wan"; };
        };
        management = [ { via = "tailscale0"; service = "ssh"; } { via = "enp1s0"; service = "ssh"; } ];
      };
      secrets.tailscale.sopsFile = ./secrets/tailscale.yaml;
      network.vpn.tailscale = {
        enable = true;
        authKeyFile = config.sops.secrets."tailscale-authkey".path;
        enableSubnetRouter = true;
        advertiseRoutes = [ "192.168.15.0/24" ];
        exitNode = true;
        tags = [ "tag:router" ];
      };
      network.security.firewall-zones = {
        enable = true;
        zones = {
          internal = { interfaces = [ "tailscale0" ]; allowedServices = [ "ssh" ]; forwardTo = [ "lan" ]; };
          lan = { interfaces = [ "enp1s0" ]; allowedServices = [ "ssh" ]; };
          wan = { interfaces = [ "enp2s0" ]; };
        };
      };
      network.tuning.profile = "router";
    };

    storage = {
      host = {
        interfaces.eno1 = { role = "lan"; prefixes = [ "192.168.15.20/24" ]; };
        management = [ { via = "tailscale0"; service = "ssh"; } ];
      };
      secrets.tailscale.sopsFile = ./secrets/tailscale.yaml;
      network.vpn.tailscale = {
        enable = true;
        authKeyFile = config.sops.secrets."tailscale-authkey".path;
        tags = [ "tag:server" ];
      };
      network.security.firewall-zones = {
        enable = true;
        zones.internal = { interfaces = [ "tailscale0" ]; allowedServices = [ "ssh" "nfs" ]; };
      };
    };

    llm = ./hosts/llm.toml;
  };
}
