{
  host = {
    name = "kernelcore";
    interfaces.enp3s0 = { role = "lan"; prefixes = [ "192.168.15.10/24" ]; };
    interfaces.docker0 = { role = "bridge"; prefixes = [ "172.17.0.1/16" ]; };
    management = [ { via = "tailscale0"; service = "ssh"; } { via = "enp3s0"; service = "ssh"; } ];
  };
  network.vpn.tailscale = {
    enable = true;
    enableSSH = true;
    enableSubnetRouter = true;
    advertiseRoutes = [ "192.168.15.0/24" ];
    exitNode = true;
    tags = [ "tag:server" ];
  };
  network.proxy.nginx-tailscale = {
    enable = true;
    tailnetDomain = "your-tailnet.ts.net";
    certificate = "tailscale";
    services.ollama = { enable = true; expose = "port"; upstreamPort = 11434; rateLimit = "20r/s"; };
    services.grafana = { enable = true; expose = "service"; upstreamPort = 3000; auth = "tailscale"; };
    services.db = { enable = true; protocol = "tcp"; upstreamPort = 5432; auth = "none"; };
  };
  network.security.firewall-zones = {
    enable = true;
    enableRateLimiting = true;
    zones.dmz = { enable = true; interfaces = [ "enp3s0" ]; allowedTCPPorts = [ 22 80 443 ]; allowedUDPPorts = [ 443 ]; };
    zones.internal = { enable = true; interfaces = [ "tailscale0" ]; allowedServices = [ "ssh" "postgresql" "ollama" "db" ]; };
    zones.isolated = { enable = true; interfaces = [ "docker0" ]; };
  };
}
