{
  host = {
    name = "small";
    interfaces.eno1 = { role = "lan"; prefixes = [ "10.0.0.2/24" ]; };
    management = [ { via = "tailscale0"; service = "ssh"; } ];
  };
  network.vpn.tailscale = {
    enable = true;
    tags = [ "tag:server" ];
  };
  network.tuning.profile = "router";
}
