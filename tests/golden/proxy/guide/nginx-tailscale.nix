# The reverse proxy: nginx in front of the host's services, for the tailnet.
# To say more about a host or location, set the same option elsewhere: NixOS joins the lines of extraConfig.
{
  config,
  lib,
  pkgs,
  ...
}: {
  services.nginx = {
    enable = true;
    recommendedOptimisation = lib.mkDefault true;
    recommendedTlsSettings = lib.mkDefault true;
    commonHttpConfig = ''
      # network.proxy.nginx-tailscale.enableSecurityHeaders
      map $upstream_http_x_frame_options $tailwright_frame_options {
          default $upstream_http_x_frame_options;
          "" SAMEORIGIN;
      }

      # network.proxy.nginx-tailscale.enableSecurityHeaders
      map $upstream_http_referrer_policy $tailwright_referrer_policy {
          default $upstream_http_referrer_policy;
          "" strict-origin-when-cross-origin;
      }

      map $remote_addr $tailwright_client {
          default $binary_remote_addr;
          ~^fd7a:115c:a1e0: $binary_remote_addr;
          ~^([0-9a-f]+:[0-9a-f]+:[0-9a-f]+:[0-9a-f]+): $1;
          ~^([0-9a-f]+:[0-9a-f]+:[0-9a-f]+):: $1;
          ~^([0-9a-f]+:[0-9a-f]+):: $1;
      }

      limit_req_zone $tailwright_client zone=tailwright_llamacpp:1m rate=10r/s;
      limit_req_zone $tailwright_client zone=tailwright_ollama:1m rate=20r/s;
    '';
    streamConfig = ''
      # network.proxy.tailscale-services.enable
      upstream tailwright_db {
          server 127.0.0.1:5432;
      }

      limit_conn_zone $binary_remote_addr zone=tailwright_db:1m;

      # network.proxy.tailscale-services.enable
      server {
          listen 0.0.0.0:15432 so_keepalive=on;
          listen [::]:15432 so_keepalive=on;
          proxy_pass tailwright_db;
          proxy_connect_timeout 5s;
          proxy_timeout 1h;
          proxy_socket_keepalive on;
          limit_conn tailwright_db 100;
      }
    '';
  };

  services.nginx.upstreams.tailwright_llamacpp = {
    servers."127.0.0.1:8080" = {};
    extraConfig = ''
      keepalive 32;
      keepalive_timeout 4s;
    '';
  };

  services.nginx.upstreams.tailwright_ollama = {
    servers."127.0.0.1:11434" = {};
    extraConfig = ''
      keepalive 32;
      keepalive_timeout 4s;
    '';
  };

  # https://kernelcore.your-tailnet.ts.net:18080. From network.proxy.nginx-tailscale.services.llamacpp.
  services.nginx.virtualHosts."kernelcore.your-tailnet.ts.net:18080" = {
    serverName = "kernelcore.your-tailnet.ts.net";
    listen = [
      {
        addr = "0.0.0.0";
        port = 18080;
        ssl = true;
      }
      {
        addr = "[::]";
        port = 18080;
        ssl = true;
      }
    ];
    onlySSL = true;
    sslCertificate = "/var/lib/tailwright-certs/kernelcore.your-tailnet.ts.net.crt";
    sslCertificateKey = "/var/lib/tailwright-certs/kernelcore.your-tailnet.ts.net.key";
    quic = true;
    extraConfig = ''
      access_log /var/log/nginx/access.log combined buffer=32k flush=5s;
      error_page 497 =308 https://$host:$server_port$request_uri;
      proxy_hide_header X-Content-Type-Options;
      proxy_hide_header X-Frame-Options;
      proxy_hide_header Referrer-Policy;
      proxy_hide_header Alt-Svc;
      add_header X-Content-Type-Options nosniff always;
      add_header X-Frame-Options $tailwright_frame_options always;
      add_header Referrer-Policy $tailwright_referrer_policy always;
      add_header Alt-Svc "h3=\":18080\"; ma=86400" always;
    '';
    locations."/" = {
      proxyPass = "http://tailwright_llamacpp";
      recommendedProxySettings = false;
      extraConfig = ''
        client_max_body_size 10m;
        limit_req zone=tailwright_llamacpp burst=20 nodelay;
        limit_req_status 429;
        proxy_http_version 1.1;
        proxy_set_header Host $host:18080;
        proxy_set_header X-Real-IP $remote_addr;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto https;
        proxy_set_header X-Forwarded-Host $host:18080;
        proxy_set_header X-Forwarded-Port 18080;
        proxy_set_header X-Forwarded-Server $hostname;
        proxy_set_header X-Forwarded-Prefix "";
        proxy_set_header Forwarded "";
        proxy_set_header Tailscale-User-Login "";
        proxy_set_header Tailscale-User-Name "";
        proxy_set_header Tailscale-User-Profile-Pic "";
        proxy_set_header X-Webauth-User "";
        proxy_set_header Connection "";
        proxy_connect_timeout 5s;
        proxy_read_timeout 1h;
        proxy_send_timeout 1h;
        proxy_buffering off;
        proxy_ignore_headers X-Accel-Buffering;
      '';
    };
  };

  # https://kernelcore.your-tailnet.ts.net:21434. From network.proxy.nginx-tailscale.services.ollama.
  services.nginx.virtualHosts."kernelcore.your-tailnet.ts.net:21434" = {
    serverName = "kernelcore.your-tailnet.ts.net";
    listen = [
      {
        addr = "0.0.0.0";
        port = 21434;
        ssl = true;
      }
      {
        addr = "[::]";
        port = 21434;
        ssl = true;
      }
    ];
    onlySSL = true;
    sslCertificate = "/var/lib/tailwright-certs/kernelcore.your-tailnet.ts.net.crt";
    sslCertificateKey = "/var/lib/tailwright-certs/kernelcore.your-tailnet.ts.net.key";
    quic = true;
    extraConfig = ''
      access_log /var/log/nginx/access.log combined buffer=32k flush=5s;
      error_page 497 =308 https://$host:$server_port$request_uri;
      proxy_hide_header X-Content-Type-Options;
      proxy_hide_header X-Frame-Options;
      proxy_hide_header Referrer-Policy;
      proxy_hide_header Alt-Svc;
      add_header X-Content-Type-Options nosniff always;
      add_header X-Frame-Options $tailwright_frame_options always;
      add_header Referrer-Policy $tailwright_referrer_policy always;
      add_header Alt-Svc "h3=\":21434\"; ma=86400" always;
    '';
    locations."/" = {
      proxyPass = "http://tailwright_ollama";
      recommendedProxySettings = false;
      extraConfig = ''
        client_max_body_size 500m;
        limit_req zone=tailwright_ollama burst=40 nodelay;
        limit_req_status 429;
        proxy_http_version 1.1;
        proxy_set_header Host localhost;
        proxy_set_header X-Real-IP $remote_addr;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto https;
        proxy_set_header X-Forwarded-Host $host:21434;
        proxy_set_header X-Forwarded-Port 21434;
        proxy_set_header X-Forwarded-Server $hostname;
        proxy_set_header X-Forwarded-Prefix "";
        proxy_set_header Forwarded "";
        proxy_set_header Tailscale-User-Login "";
        proxy_set_header Tailscale-User-Name "";
        proxy_set_header Tailscale-User-Profile-Pic "";
        proxy_set_header X-Webauth-User "";
        proxy_set_header Connection "";
        proxy_connect_timeout 5s;
        proxy_read_timeout 1h;
        proxy_send_timeout 1h;
        proxy_buffering off;
        proxy_ignore_headers X-Accel-Buffering;
        proxy_request_buffering off;
        proxy_redirect http://localhost/ /;
      '';
    };
  };

  # https://llama.kernelcore.your-tailnet.ts.net, where such names resolve. From network.proxy.nginx-tailscale.services.llamacpp.
  services.nginx.virtualHosts."llama.kernelcore.your-tailnet.ts.net" = {
    listen = [
      {
        addr = "0.0.0.0";
        port = 443;
        ssl = true;
      }
      {
        addr = "[::]";
        port = 443;
        ssl = true;
      }
    ];
    onlySSL = true;
    sslCertificate = "/var/lib/tailwright-certs/kernelcore.your-tailnet.ts.net.crt";
    sslCertificateKey = "/var/lib/tailwright-certs/kernelcore.your-tailnet.ts.net.key";
    quic = true;
    extraConfig = ''
      access_log /var/log/nginx/access.log combined buffer=32k flush=5s;
      error_page 497 =308 https://$host:$server_port$request_uri;
      proxy_hide_header X-Content-Type-Options;
      proxy_hide_header X-Frame-Options;
      proxy_hide_header Referrer-Policy;
      proxy_hide_header Alt-Svc;
      add_header X-Content-Type-Options nosniff always;
      add_header X-Frame-Options $tailwright_frame_options always;
      add_header Referrer-Policy $tailwright_referrer_policy always;
      add_header Alt-Svc "h3=\":443\"; ma=86400" always;
    '';
    locations."/" = {
      proxyPass = "http://tailwright_llamacpp";
      recommendedProxySettings = false;
      extraConfig = ''
        client_max_body_size 10m;
        limit_req zone=tailwright_llamacpp burst=20 nodelay;
        limit_req_status 429;
        proxy_http_version 1.1;
        proxy_set_header Host $host;
        proxy_set_header X-Real-IP $remote_addr;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto https;
        proxy_set_header X-Forwarded-Host $host;
        proxy_set_header X-Forwarded-Port 443;
        proxy_set_header X-Forwarded-Server $hostname;
        proxy_set_header X-Forwarded-Prefix "";
        proxy_set_header Forwarded "";
        proxy_set_header Tailscale-User-Login "";
        proxy_set_header Tailscale-User-Name "";
        proxy_set_header Tailscale-User-Profile-Pic "";
        proxy_set_header X-Webauth-User "";
        proxy_set_header Connection "";
        proxy_connect_timeout 5s;
        proxy_read_timeout 1h;
        proxy_send_timeout 1h;
        proxy_buffering off;
        proxy_ignore_headers X-Accel-Buffering;
      '';
    };
  };

  # Plain HTTP leads to https://kernelcore.your-tailnet.ts.net:18080. From network.proxy.nginx-tailscale.services.llamacpp.
  services.nginx.virtualHosts."llama.kernelcore.your-tailnet.ts.net:80" = {
    serverName = "llama.kernelcore.your-tailnet.ts.net";
    listen = [
      {
        addr = "0.0.0.0";
        port = 80;
        ssl = false;
      }
      {
        addr = "[::]";
        port = 80;
        ssl = false;
      }
    ];
    extraConfig = ''
      access_log /var/log/nginx/access.log combined buffer=32k flush=5s;
      add_header X-Content-Type-Options nosniff always;
      add_header X-Frame-Options $tailwright_frame_options always;
      add_header Referrer-Policy $tailwright_referrer_policy always;
    '';
    locations."/" = {
      return = "308 https://kernelcore.your-tailnet.ts.net:18080$request_uri";
    };
  };

  # https://ollama.kernelcore.your-tailnet.ts.net, where such names resolve. From network.proxy.nginx-tailscale.services.ollama.
  services.nginx.virtualHosts."ollama.kernelcore.your-tailnet.ts.net" = {
    listen = [
      {
        addr = "0.0.0.0";
        port = 443;
        ssl = true;
      }
      {
        addr = "[::]";
        port = 443;
        ssl = true;
      }
    ];
    onlySSL = true;
    sslCertificate = "/var/lib/tailwright-certs/kernelcore.your-tailnet.ts.net.crt";
    sslCertificateKey = "/var/lib/tailwright-certs/kernelcore.your-tailnet.ts.net.key";
    quic = true;
    extraConfig = ''
      access_log /var/log/nginx/access.log combined buffer=32k flush=5s;
      error_page 497 =308 https://$host:$server_port$request_uri;
      proxy_hide_header X-Content-Type-Options;
      proxy_hide_header X-Frame-Options;
      proxy_hide_header Referrer-Policy;
      proxy_hide_header Alt-Svc;
      add_header X-Content-Type-Options nosniff always;
      add_header X-Frame-Options $tailwright_frame_options always;
      add_header Referrer-Policy $tailwright_referrer_policy always;
      add_header Alt-Svc "h3=\":443\"; ma=86400" always;
    '';
    locations."/" = {
      proxyPass = "http://tailwright_ollama";
      recommendedProxySettings = false;
      extraConfig = ''
        client_max_body_size 500m;
        limit_req zone=tailwright_ollama burst=40 nodelay;
        limit_req_status 429;
        proxy_http_version 1.1;
        proxy_set_header Host localhost;
        proxy_set_header X-Real-IP $remote_addr;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto https;
        proxy_set_header X-Forwarded-Host $host;
        proxy_set_header X-Forwarded-Port 443;
        proxy_set_header X-Forwarded-Server $hostname;
        proxy_set_header X-Forwarded-Prefix "";
        proxy_set_header Forwarded "";
        proxy_set_header Tailscale-User-Login "";
        proxy_set_header Tailscale-User-Name "";
        proxy_set_header Tailscale-User-Profile-Pic "";
        proxy_set_header X-Webauth-User "";
        proxy_set_header Connection "";
        proxy_connect_timeout 5s;
        proxy_read_timeout 1h;
        proxy_send_timeout 1h;
        proxy_buffering off;
        proxy_ignore_headers X-Accel-Buffering;
        proxy_request_buffering off;
        proxy_redirect http://localhost/ /;
      '';
    };
  };

  # Plain HTTP leads to https://kernelcore.your-tailnet.ts.net:21434. From network.proxy.nginx-tailscale.services.ollama.
  services.nginx.virtualHosts."ollama.kernelcore.your-tailnet.ts.net:80" = {
    serverName = "ollama.kernelcore.your-tailnet.ts.net";
    listen = [
      {
        addr = "0.0.0.0";
        port = 80;
        ssl = false;
      }
      {
        addr = "[::]";
        port = 80;
        ssl = false;
      }
    ];
    extraConfig = ''
      access_log /var/log/nginx/access.log combined buffer=32k flush=5s;
      add_header X-Content-Type-Options nosniff always;
      add_header X-Frame-Options $tailwright_frame_options always;
      add_header Referrer-Policy $tailwright_referrer_policy always;
    '';
    locations."/" = {
      return = "308 https://kernelcore.your-tailnet.ts.net:21434$request_uri";
    };
  };

  # Names that no other host claims.
  services.nginx.virtualHosts.tailwright-default = {
    serverName = "_";
    listen = [
      {
        addr = "0.0.0.0";
        port = 80;
        ssl = false;
      }
      {
        addr = "[::]";
        port = 80;
        ssl = false;
      }
      {
        addr = "0.0.0.0";
        port = 443;
        ssl = true;
      }
      {
        addr = "[::]";
        port = 443;
        ssl = true;
      }
      {
        addr = "0.0.0.0";
        port = 18080;
        ssl = true;
      }
      {
        addr = "[::]";
        port = 18080;
        ssl = true;
      }
      {
        addr = "0.0.0.0";
        port = 21434;
        ssl = true;
      }
      {
        addr = "[::]";
        port = 21434;
        ssl = true;
      }
    ];
    default = true;
    rejectSSL = true;
    quic = true;
    # On this host alone: nginx wants it said once for an address and port.
    reuseport = true;
    extraConfig = ''
      access_log /var/log/nginx/access.log combined buffer=32k flush=5s;
      add_header X-Content-Type-Options nosniff always;
      add_header X-Frame-Options $tailwright_frame_options always;
      add_header Referrer-Policy $tailwright_referrer_policy always;
    '';
    locations."/" = {
      return = "444";
    };
  };

  systemd.services.nginx = {
    wants = ["tailwright-certificate-placeholder.service"];
    after = ["tailwright-certificate-placeholder.service"];
  };

  # Open to the tailnet, and to nobody else. (HTTP/3 is UDP.)
  networking.firewall.interfaces.tailscale0 = {
    allowedTCPPorts = [80 443 15432 18080 21434];
    allowedUDPPorts = [443 18080 21434];
  };

  # nginx does not start without a certificate, and tailscaled has none before the first login: this makes one
  # that nobody trusts, where there is none or where certificate and key are no pair.
  systemd.services.tailwright-certificate-placeholder = {
    description = "A certificate for nginx to start with";
    before = ["nginx.service"];
    path = [pkgs.openssl];
    script = ''
      cd "$STATE_DIRECTORY"
      public=$(openssl pkey -in kernelcore.your-tailnet.ts.net.key -pubout 2>/dev/null) || public=
      certified=$(openssl x509 -in kernelcore.your-tailnet.ts.net.crt -noout -pubkey 2>/dev/null) || certified=
      if [ -z "$public" ] || [ "$public" != "$certified" ]; then
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 \
          -subj "/CN=placeholder" -addext "subjectAltName=DNS:kernelcore.your-tailnet.ts.net" -keyout new.key -out new.crt
        chmod 0640 new.key new.crt
        mv new.key kernelcore.your-tailnet.ts.net.key
        mv new.crt kernelcore.your-tailnet.ts.net.crt
      fi
    '';
    serviceConfig = {
      Type = "oneshot";
      RemainAfterExit = true;
      Group = config.services.nginx.group;
      StateDirectory = "tailwright-certs";
      StateDirectoryMode = "0750";
      UMask = "0027";
      CapabilityBoundingSet = "";
      IPAddressDeny = "any";
      LockPersonality = true;
      MemoryDenyWriteExecute = true;
      NoNewPrivileges = true;
      PrivateDevices = true;
      PrivateTmp = true;
      ProtectClock = true;
      ProtectControlGroups = true;
      ProtectHome = true;
      ProtectHostname = true;
      ProtectKernelLogs = true;
      ProtectKernelModules = true;
      ProtectKernelTunables = true;
      ProtectProc = "invisible";
      ProtectSystem = "strict";
      RestrictAddressFamilies = ["AF_UNIX"];
      RestrictNamespaces = true;
      RestrictRealtime = true;
      RestrictSUIDSGID = true;
      SystemCallArchitectures = "native";
      SystemCallFilter = ["@system-service" "~@privileged"];
    };
  };

  # Asks tailscaled for the node's certificate, which it renews by itself when it is asked in time. As long as
  # the node is not logged in, or HTTPS is off in the tailnet, this fails and is tried again.
  systemd.services.tailwright-tailscale-cert = {
    description = "The certificate of kernelcore.your-tailnet.ts.net";
    wants = ["tailscaled.service"];
    after = [
      "tailscaled.service"
      "tailscaled-autoconnect.service"
      "tailwright-certificate-placeholder.service"
    ];
    path = [config.services.tailscale.package pkgs.diffutils];
    script = ''
      cd "$STATE_DIRECTORY"
      tailscale cert --cert-file new.crt --key-file new.key kernelcore.your-tailnet.ts.net
      if cmp -s new.crt kernelcore.your-tailnet.ts.net.crt && cmp -s new.key kernelcore.your-tailnet.ts.net.key; then
        rm new.crt new.key
      else
        chmod 0640 new.key new.crt
        mv new.key kernelcore.your-tailnet.ts.net.key
        mv new.crt kernelcore.your-tailnet.ts.net.crt
      fi
    '';
    serviceConfig = {
      Type = "oneshot";
      TimeoutStartSec = "5min";
      Restart = "on-failure";
      RestartSec = "30s";
      RestartSteps = 8;
      RestartMaxDelaySec = "1h";
      Group = config.services.nginx.group;
      StateDirectory = "tailwright-certs";
      StateDirectoryMode = "0750";
      UMask = "0027";
      CapabilityBoundingSet = "";
      IPAddressDeny = "any";
      LockPersonality = true;
      MemoryDenyWriteExecute = true;
      NoNewPrivileges = true;
      PrivateDevices = true;
      PrivateTmp = true;
      ProtectClock = true;
      ProtectControlGroups = true;
      ProtectHome = true;
      ProtectHostname = true;
      ProtectKernelLogs = true;
      ProtectKernelModules = true;
      ProtectKernelTunables = true;
      ProtectProc = "invisible";
      ProtectSystem = "strict";
      RestrictAddressFamilies = ["AF_UNIX"];
      RestrictNamespaces = true;
      RestrictRealtime = true;
      RestrictSUIDSGID = true;
      SystemCallArchitectures = "native";
      SystemCallFilter = ["@system-service" "~@privileged"];
    };
  };
  systemd.timers.tailwright-tailscale-cert = {
    description = "When the node's certificate is looked after";
    wantedBy = ["timers.target"];
    timerConfig = {
      OnBootSec = "1min";
      OnCalendar = "daily";
      RandomizedDelaySec = "1h";
      Persistent = true;
    };
  };

  # nginx reads certificates when it loads its configuration, and never again.
  systemd.paths.tailwright-tailscale-cert = {
    description = "Changes of the node's certificate";
    wantedBy = ["paths.target"];
    pathConfig = {
      PathChanged = "/var/lib/tailwright-certs/kernelcore.your-tailnet.ts.net.crt";
      Unit = "tailwright-nginx-reload.service";
    };
  };
  systemd.services.tailwright-nginx-reload = {
    description = "Tells nginx of a new certificate";
    serviceConfig = {
      Type = "oneshot";
      ExecStart = "${config.systemd.package}/bin/systemctl --no-block try-reload-or-restart nginx.service";
    };
  };
}
