# A desktop that is exit node, subnet router and server of its services at once, on a home network.
# What to change: names, prefixes, the tailnet's domain, and which services there are.
{
  host = {
    name = "kernelcore";
    release = "26.05"; # the NixOS release: 25.11, 26.05 or 26.11
    interfaces.enp3s0 = { role = "lan"; prefixes = [ "192.168.15.10/24" ]; };
    # How you get in. Nothing is rendered that would close both ways.
    management = [
      { via = "tailscale0"; service = "ssh"; }
      { via = "enp3s0"; service = "ssh"; }
    ];
  };

  # An encrypted file with the key `authkey`; the path is relative to the rendered tree.
  secrets.tailscale.sopsFile = ./secrets/tailscale.yaml;

  network.vpn.tailscale = {
    enable = true;
    authKeyFile = config.sops.secrets."tailscale-authkey".path;
    enableSubnetRouter = true;
    advertiseRoutes = [ "192.168.15.0/24" ]; # to be approved in the admin console
    exitNode = true;
    tags = [ "tag:server" "tag:desktop" ];
  };

  network.proxy.nginx-tailscale = {
    enable = true;
    tailnetDomain = "your-tailnet.ts.net";
    certificate = "tailscale";
    enableHTTP3 = true;
    services = {
      # https://kernelcore.your-tailnet.ts.net:21434, llama.cpp on 18080: the service's port plus 10000
      ollama = { expose = "port"; upstreamPort = 11434; rateLimit = "20r/s"; maxBodySize = "500M"; };
      llamacpp = { expose = "port"; upstreamPort = 8080; rateLimit = "10r/s"; };
      # psql -h kernelcore.your-tailnet.ts.net -p 15432
      db = { expose = "port"; protocol = "tcp"; upstreamPort = 5432; };
    };
  };

  network.security.firewall-zones = {
    enable = true;
    defaultPolicy = "drop";
    enableLogging = true;
    zones = {
      dmz = { interfaces = [ "enp3s0" ]; allowedServices = [ "ssh" ]; };
      internal = {
        interfaces = [ "tailscale0" ];
        allowedServices = [ "ssh" "https" "quic" "ollama" "llamacpp" "db" ];
        forwardTo = [ "dmz" ];
      };
    };
  };

  network.monitoring.tailscale = {
    enable = true;
    checkInterval = 30; # seconds
    maxLatency = 200; # milliseconds
    maxPacketLoss = 5; # percent
    enableAutoFailover = true;
  };

  network.tuning.profile = "throughput";

  # An exit node cannot move to another one when it fails over: it reports.
  lint.failover-without-exit-nodes = "allow";
}
