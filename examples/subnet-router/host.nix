# A Docker host with five network tiers that the tailnet reaches through this subnet router, each on its own ports only.
# Docker has to let it: virtualisation.docker.daemon.settings.allow-direct-routing = true;
{
  host = {
    name = "pmoves-node-1";
    release = "26.05";
    interfaces = {
      ens3 = { role = "wan"; prefixes = [ "203.0.113.7/24" ]; };
      br-api = { role = "bridge"; prefixes = [ "172.30.1.1/24" ]; };
      br-app = { role = "bridge"; prefixes = [ "172.30.2.1/24" ]; };
      br-bus = { role = "bridge"; prefixes = [ "172.30.3.1/24" ]; };
      br-data = { role = "bridge"; prefixes = [ "172.30.4.1/24" ]; };
      br-monitoring = { role = "bridge"; prefixes = [ "172.30.5.1/24" ]; };
    };
    management = [ { via = "tailscale0"; service = "ssh"; } ];
  };

  secrets.tailscale.sopsFile = ./secrets/tailscale.yaml;

  network.vpn.tailscale = {
    enable = true;
    authKeyFile = config.sops.secrets."tailscale-authkey".path;
    enableSubnetRouter = true;
    advertiseRoutes = [
      "172.30.1.0/24"
      "172.30.2.0/24"
      "172.30.3.0/24"
      "172.30.4.0/24"
      "172.30.5.0/24"
    ];
    tags = [ "tag:pmoves-service" ];
  };

  network.security.firewall-zones = {
    enable = true;
    defaultPolicy = "drop";
    # Sources that nobody on the internet has, and sources that the answer would leave by another interface.
    blockBogons = true;
    zones = {
      tailnet = {
        interfaces = [ "tailscale0" ];
        allowedServices = [ "ssh" ];
        # New connections of one peer, and how often it may try to log in; what is refused has a line of its own in the log.
        rateLimit = "20/second";
        rateLimitBurst = 60;
        serviceRateLimits.ssh = { rateLimit = "10/minute"; rateLimitBurst = 10; };
        enableLogging = true;
        logPrefix = "tailnet: ";
        logRateLimit = "10/minute";
        forwardTo = [ "api" "app" "bus" "data" "monitoring" ];
      };
      # What the host itself may ask of the internet: packages, and the relays of Tailscale with their STUN.
      internet = {
        interfaces = [ "ens3" ];
        reversePath = "strict";
        allowedEgressTCPPorts = [ 80 443 ];
        allowedEgressUDPPorts = [ 443 3478 ];
      };
      # What a tier offers is what the tailnet reaches in it.
      api = { interfaces = [ "br-api" ]; forwardedServices = [ "tensorzero" "agent-zero" ]; };
      app = { interfaces = [ "br-app" ]; forwardedServices = [ "hi-rag" "extract-worker" ]; };
      bus = { interfaces = [ "br-bus" ]; forwardedServices = [ "nats" ]; };
      data = { interfaces = [ "br-data" ]; forwardedServices = [ "postgresql" "qdrant" ]; };
      monitoring = { interfaces = [ "br-monitoring" ]; forwardedServices = [ "prometheus" "grafana" ]; };
    };
  };

  network.tuning.profile = "router";
}
