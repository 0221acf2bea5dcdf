{
  host = {
    name = "small";
    interfaces.eno1 = { role = "lan"; prefixes = [ "10.0.0.2/24" ]; };
    management = [ { via = "tailscale0"; service = "ssh"; } ];
  };
  network.vpn.tailscale = {
    enable = true;
    enableSubnetRouter = true;
    advertiseRoutes = [ "10.0.0.0/24" ];
    tags = [ "tag:server" ];
  };
  network.security.firewall-zones = {
    enable = true;
    defaultPolicy = "reject";
    zones.dmz = { interfaces = [ "eno1" ]; allowedTCPPorts = [ 80 443 ]; };
    zones.internal = {
      interfaces = [ "tailscale0" ];
      allowedServices = [ "ssh" "postgresql" ];
    };
  };
}
