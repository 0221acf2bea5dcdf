# The guide's host: a desktop that is exit node, subnet router and server of its services, on a home network.
# The same file is a NixOS module (imported beside the flake's module) and a tailwright profile.
{ config, ... }:
{
  # Docker drops what comes to a container's own address from outside (since release 28); `docker` below is a zone for it.
  virtualisation.docker.daemon.settings.allow-direct-routing = true;

  kernelcore = {
    host = {
      name = "kernelcore";
      release = "26.05";
      interfaces = {
        enp3s0 = {
          role = "lan";
          prefixes = [ "192.168.15.10/24" ];
        };
        docker0 = {
          role = "bridge";
          prefixes = [ "172.17.0.1/16" ];
        };
        br-untrusted = {
          role = "bridge";
          prefixes = [ "10.66.0.1/24" ];
        };
      };
      # How the operator gets in; no ruleset that closes both ways is ever rendered.
      management = [
        { via = "tailscale0"; service = "ssh"; }
        { via = "enp3s0"; service = "ssh"; }
      ];
    };

    secrets.tailscale = {
      sopsFile = ./secrets/tailscale.yaml;
      keys = {
        authkey = { };
        api_token = { };
      };
      age.sshKeyPaths = [ "/etc/ssh/ssh_host_ed25519_key" ];
    };

    network.vpn.tailscale = {
      enable = true;
      authKeyFile = config.sops.secrets."tailscale-authkey".path;
      useAuthKeyFile = true;
      hostname = "kernelcore";
      enableSubnetRouter = true;
      advertiseRoutes = [
        "192.168.15.0/24" # the home network
        "172.17.0.0/16" # Docker
      ];
      exitNode = true;
      acceptDNS = true;
      enableMagicDNS = true;
      tags = [ "tag:server" "tag:desktop" ];
    };

    network.proxy.nginx-tailscale = {
      enable = true;
      hostname = "kernelcore";
      tailnetDomain = "your-tailnet.ts.net";
      certificate = "tailscale";
      enableHTTP3 = true;
      enableConnectionPooling = true;
      enableSecurityHeaders = true;
      services = {
        ollama = {
          enable = true;
          expose = "port";
          upstreamPort = 11434;
          rateLimit = "20r/s";
          maxBodySize = "500M";
        };
        llamacpp = {
          enable = true;
          expose = "port";
          upstreamPort = 8080;
          rateLimit = "10r/s";
        };
        myservice = {
          enable = true;
          expose = "path";
          path = "/myservice/";
          upstreamPort = 8000;
          rateLimit = "10r/s";
          maxBodySize = "100M";
          enableAuth = true;
          auth = "tailscale";
        };
        db = {
          enable = true;
          protocol = "tcp";
          expose = "port";
          upstreamPort = 5432;
        };
      };
    };

    network.security.firewall-zones = {
      enable = true;
      defaultPolicy = "drop";
      enableLogging = true;
      enableRateLimiting = true;
      zones = {
        dmz = {
          enable = true;
          interfaces = [ "enp3s0" ];
          allowedTCPPorts = [ 80 443 ];
          allowedUDPPorts = [ 443 ]; # QUIC
          allowedServices = [ "ssh" ];
        };
        internal = {
          enable = true;
          interfaces = [ "tailscale0" ];
          allowedServices = [ "ssh" "http" "https" "quic" "db" "ollama" "llamacpp" ];
          forwardTo = [ "dmz" "docker" ];
        };
        # The operator's own laptop; the rest of the tailnet stays in `internal`.
        admin = {
          enable = true;
          allowedIPs = [ "100.64.0.2" ];
          allowAllServices = true;
          forwardTo = [ "dmz" "docker" ];
        };
        docker = {
          enable = true;
          interfaces = [ "docker0" ];
          allowedServices = [ "dns" ];
          forwardedTCPPorts = [ 8000 ]; # what containers offer, published or not
        };
        isolated = {
          enable = true;
          interfaces = [ "br-untrusted" ];
          denyInterzone = true;
        };
      };
    };

    network.monitoring.tailscale = {
      enable = true;
      checkInterval = 30; # seconds
      maxLatency = 200; # milliseconds
      maxPacketLoss = 5; # percent
      enableAutoFailover = true;
      alertEmail = "ops@example.org";
      enableBenchmarks = true;
      probes.targets = {
        router-dns = {
          dns = {
            server = "192.168.15.1";
            name = "kernelcore.lan";
          };
          interval = "1m";
        };
        website = {
          http = "https://www.example.org/";
          interval = "5m";
          timeout = "10s";
          maxLatency = 1500;
        };
      };
    };

    network.tuning = {
      profile = "throughput";
      nginx = {
        workerProcesses = "auto";
        workerRlimitNofile = 65535;
        workerConnections = 4096;
        multiAccept = true;
      };
    };

    network.dns.splitDNS."your-tailnet.ts.net" = [ "100.100.100.100" ];

    network.qos.limits.tailscale0 = {
      rate = "10mbit";
      burst = "32kbit";
      latency = "400ms";
    };

    # An exit node cannot move to another one: it reports, and those who use it move.
    lint.failover-without-exit-nodes = "allow";

    # The limit is for what clients of the exit node download; their uploads may have the whole uplink.
    lint.shaping-direction = "allow";
  };
}
