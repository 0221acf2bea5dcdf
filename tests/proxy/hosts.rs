//! Profiles that together use everything the proxy can do.

/// All of them.
pub const ALL: [&str; 3] = [EVERYTHING, PLAIN, GUIDE];

/// Every way of exposing a service, every kind of upstream, every guard.
pub const EVERYTHING: &str = r#"{
  host = { name = "kernelcore"; release = "26.05"; };
  secrets.tailscale.external = [ "proxy-users" "dns-token" ];
  network.vpn.tailscale = { enable = true; tags = [ "tag:server" ]; enableMagicDNS = true; };
  network.tuning.nginx = { workerProcesses = 2; workerRlimitNofile = 65535; workerConnections = 4096; multiAccept = true; };
  network.proxy.nginx-tailscale = {
    enable = true;
    tailnetDomain = "your-tailnet.ts.net";
    enableHTTP3 = true;
    certificate = "tailscale";
    errorLog = "/var/log/nginx/error.log";
    acme = { email = "ops@example.org"; dnsProvider = "cloudflare"; credentials.CF_DNS_API_TOKEN_FILE = "dns-token"; };
    services = {
      ollama = { subdomain = "ollama"; upstreamPort = 11434; rateLimit = "20r/s"; maxBodySize = "500M"; };
      web = { expose = "path"; path = "/"; upstreamPort = 3000; enableWebSocket = true; auth = "tailscale"; };
      notes = { expose = "path"; upstreamPort = 3001; authFile = config.sops.secrets."proxy-users".path; };
      wiki = { expose = "path"; path = "/docs/wiki.d/"; upstreamHost = "wiki.lan"; upstreamPort = 8080; };
      panel = { port = 9443; upstreamSocket = "/run/panel/panel.sock"; };
      appliance = { port = 9444; upstreamHost = "nas.lan"; upstreamPort = 5001; protocol = "https"; };
      chat = { expose = "service"; upstreamPort = 3002; rateLimit = "300r/m"; rateLimitBurst = 0; auth = "tailscale"; };
      ai = { domain = "ai.example.org"; upstreamHost = "fd00::5"; upstreamPort = 3003; };
      blog = { port = 9445; upstreamPort = 3004; funnel = true; funnelPort = 8443; rateLimit = "5r/s";
        extraConfig = "proxy_read_timeout 9s; add_header X-Blog yes; proxy_set_header host blog.example.org;"; };
      plain = { port = 80; upstreamPort = 3005; };
      db = { protocol = "tcp"; upstreamPort = 5432; port = 5433; };
      cache = { protocol = "tcp"; expose = "service"; upstreamHost = "cache.lan"; upstreamPort = 6379; };
      queue = { protocol = "tcp"; upstreamSocket = "/run/queue.sock"; port = 5673; };
    };
  };
}"#;

/// Without a certificate.
pub const PLAIN: &str = r#"{
  host = { name = "plain"; release = "25.11"; };
  network.proxy.nginx-tailscale = {
    enable = true;
    tailnetDomain = "tail.example.org";
    certificate = "none";
    enableHTTP3 = true;
    enableConnectionPooling = false;
    enableSecurityHeaders = false;
    accessLog = "off";
    services = {
      app = { expose = "path"; subdomain = "app"; upstreamHost = "localhost"; upstreamPort = 3000; enableWebSocket = true; };
      far = { port = 8081; upstreamHost = "far.lan"; upstreamPort = 3001; };
    };
  };
}"#;

/// The guide's own blocks as they stand: the proxy with two services, and the preset's database behind it.
pub const GUIDE: &str = r#"{
  kernelcore.host = { name = "kernelcore"; release = "26.05"; };
  kernelcore.network.vpn.tailscale = { enable = true; hostname = "kernelcore"; tags = [ "tag:server" "tag:desktop" ]; };
  kernelcore.network.proxy.tailscale-services = {
    enable = true;
    tailnetDomain = "your-tailnet-name.ts.net";
  };
  kernelcore.network.proxy.nginx-tailscale = {
    enable = true;
    hostname = "kernelcore";
    tailnetDomain = "your-tailnet.ts.net";

    enableHTTP3 = true;
    enableConnectionPooling = true;

    services = {
      ollama = {
        enable = true;
        subdomain = "ollama";
        upstreamPort = 11434;
        rateLimit = "20r/s";
        maxBodySize = "500M";
      };

      llamacpp = {
        enable = true;
        subdomain = "llama";
        upstreamPort = 8080;
        rateLimit = "10r/s";
      };
    };
  };
}"#;
