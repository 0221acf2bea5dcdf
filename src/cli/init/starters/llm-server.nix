# A machine that serves language models to the tailnet, and nothing to anybody else.
# What to change: names, prefixes, the tailnet's domain, and which services there are.
{
  host = {
    name = "llm";
    release = "26.05"; # the NixOS release: 25.11, 26.05 or 26.11
    interfaces.eno1 = { role = "lan"; prefixes = [ "10.20.0.5/24" ]; };
    # How you get in. Nothing is rendered that would close both ways.
    management = [
      { via = "tailscale0"; service = "ssh"; }
      { via = "eno1"; service = "ssh"; }
    ];
  };

  # An encrypted file with the key `authkey`; the path is relative to the rendered tree.
  secrets.tailscale.sopsFile = ./secrets/tailscale.yaml;

  network.vpn.tailscale = {
    enable = true;
    authKeyFile = config.sops.secrets."tailscale-authkey".path;
    tags = [ "tag:llm-server" ];
  };

  network.proxy.nginx-tailscale = {
    enable = true;
    tailnetDomain = "your-tailnet.ts.net";
    certificate = "tailscale";
    enableHTTP3 = true;
    services = {
      # https://llm.your-tailnet.ts.net/, for people whom tailscaled knows
      open-webui = { expose = "path"; path = "/"; upstreamPort = 3000; auth = "tailscale"; };
      # The models' own interfaces, on ports of their own
      ollama = { expose = "port"; upstreamPort = 11434; rateLimit = "20r/s"; maxBodySize = "2G"; };
      llamacpp = { expose = "port"; upstreamPort = 8080; rateLimit = "10r/s"; };
    };
  };

  network.security.firewall-zones = {
    enable = true;
    zones = {
      internal = { interfaces = [ "tailscale0" ]; allowedServices = [ "ssh" "https" "quic" "ollama" "llamacpp" ]; };
      lan = { interfaces = [ "eno1" ]; allowedServices = [ "ssh" ]; };
    };
  };

  network.tuning.profile = "throughput";
}
