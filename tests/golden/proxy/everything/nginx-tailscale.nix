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
    logError = "/var/log/nginx/error.log";
    appendConfig = ''
      worker_processes 2;
      worker_rlimit_nofile 65535;
    '';
    eventsConfig = ''
      worker_connections 4096;
      multi_accept on;
    '';
    commonHttpConfig = ''
      map $http_upgrade $tailwright_upgrade {
          default $http_upgrade;
          ~*h2c "";
      }

      map $tailwright_upgrade $tailwright_connection {
          default upgrade;
          "" "";
      }

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

      limit_req_zone $tailwright_client zone=tailwright_blog:10m rate=5r/s;
      limit_req_zone $tailwright_client zone=tailwright_chat:1m rate=300r/m;
      limit_req_zone $tailwright_client zone=tailwright_ollama:1m rate=20r/s;
    '';
    streamConfig = ''
      # network.proxy.nginx-tailscale.services.db
      upstream tailwright_db {
          server 127.0.0.1:5432;
      }

      # network.proxy.nginx-tailscale.services.queue
      upstream tailwright_queue {
          server unix:/run/queue.sock;
      }

      limit_conn_zone $binary_remote_addr zone=tailwright_cache:1m;
      limit_conn_zone $binary_remote_addr zone=tailwright_db:1m;
      limit_conn_zone $binary_remote_addr zone=tailwright_queue:1m;

      # network.proxy.nginx-tailscale.services.cache
      server {
          listen 127.0.0.1:23896 so_keepalive=on;
          resolver 127.0.0.53 valid=30s;
          set $tailwright_upstream cache.lan:6379;
          proxy_pass $tailwright_upstream;
          proxy_connect_timeout 5s;
          proxy_timeout 1h;
          proxy_socket_keepalive on;
          limit_conn tailwright_cache 100;
      }

      # network.proxy.nginx-tailscale.services.db
      server {
          listen 0.0.0.0:5433 so_keepalive=on;
          listen [::]:5433 so_keepalive=on;
          proxy_pass tailwright_db;
          proxy_connect_timeout 5s;
          proxy_timeout 1h;
          proxy_socket_keepalive on;
          limit_conn tailwright_db 100;
      }

      # network.proxy.nginx-tailscale.services.queue
      server {
          listen 0.0.0.0:5673 so_keepalive=on;
          listen [::]:5673 so_keepalive=on;
          proxy_pass tailwright_queue;
          proxy_connect_timeout 5s;
          proxy_timeout 1h;
          proxy_socket_keepalive on;
          limit_conn tailwright_queue 100;
      }
    '';
  };

  services.nginx.upstreams.tailwright_ai = {
    servers."[fd00::5]:3003" = {};
    extraConfig = ''
      keepalive 32;
      keepalive_timeout 4s;
    '';
  };

  services.nginx.upstreams.tailwright_blog = {
    servers."127.0.0.1:3004" = {};
    extraConfig = ''
      keepalive 32;
      keepalive_timeout 4s;
    '';
  };

  services.nginx.upstreams.tailwright_chat = {
    servers."127.0.0.1:3002" = {};
    extraConfig = ''
      keepalive 32;
      keepalive_timeout 4s;
    '';
  };

  services.nginx.upstreams.tailwright_notes = {
    servers."127.0.0.1:3001" = {};
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

  services.nginx.upstreams.tailwright_panel = {
    servers."unix:/run/panel/panel.sock" = {};
    extraConfig = ''
      keepalive 32;
      keepalive_timeout 4s;
    '';
  };

  services.nginx.upstreams.tailwright_plain = {
    servers."127.0.0.1:3005" = {};
    extraConfig = ''
      keepalive 32;
      keepalive_timeout 4s;
    '';
  };

  services.nginx.upstreams.tailwright_web = {
    servers."127.0.0.1:3000" = {};
    extraConfig = ''
      keepalive 32;
      keepalive_timeout 4s;
    '';
  };

  # https://ai.example.org, for ai. From network.proxy.nginx-tailscale.services.ai.
  services.nginx.virtualHosts."ai.example.org" = {
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
    useACMEHost = "ai.example.org";
    quic = true;
    extraConfig = ''
      access_log /var/log/nginx/access.log combined buffer=32k flush=5s;
      error_page 497 =308 https://$host:$server_port$request_uri;
      proxy_hide_header X-Content-Type-Options;
      proxy_hide_header X-Frame-Options;
      proxy_hide_header Referrer-Policy;
      proxy_hide_header Strict-Transport-Security;
      proxy_hide_header Alt-Svc;
      add_header X-Content-Type-Options nosniff always;
      add_header X-Frame-Options $tailwright_frame_options always;
      add_header Referrer-Policy $tailwright_referrer_policy always;
      add_header Strict-Transport-Security max-age=31536000 always;
      add_header Alt-Svc "h3=\":443\"; ma=86400" always;
    '';
    locations."/" = {
      proxyPass = "http://tailwright_ai";
      recommendedProxySettings = false;
      extraConfig = ''
        client_max_body_size 10m;
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
        proxy_read_timeout 1m;
        proxy_send_timeout 1m;
      '';
    };
  };

  # Plain HTTP leads to https://ai.example.org. From network.proxy.nginx-tailscale.services.ai.
  services.nginx.virtualHosts."ai.example.org:80" = {
    serverName = "ai.example.org";
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
      return = "308 https://ai.example.org$request_uri";
    };
  };

  # The public internet, through Funnel on port 8443; tailscaled forwards here. From network.proxy.nginx-tailscale.services.blog.
  services.nginx.virtualHosts."funnel:blog" = {
    serverName = "kernelcore.your-tailnet.ts.net";
    listen = [
      {
        addr = "127.0.0.1";
        port = 23197;
        ssl = false;
      }
    ];
    extraConfig = ''
      access_log /var/log/nginx/access.log combined buffer=32k flush=5s;
      set_real_ip_from 127.0.0.1;
      real_ip_header X-Forwarded-For;
      proxy_hide_header X-Content-Type-Options;
      proxy_hide_header X-Frame-Options;
      proxy_hide_header Referrer-Policy;
      add_header X-Content-Type-Options nosniff always;
      add_header X-Frame-Options $tailwright_frame_options always;
      add_header Referrer-Policy $tailwright_referrer_policy always;
    '';
    locations."/" = {
      proxyPass = "http://tailwright_blog";
      recommendedProxySettings = false;
      extraConfig = ''
        client_max_body_size 10m;
        limit_req zone=tailwright_blog burst=10 nodelay;
        limit_req_status 429;
        proxy_http_version 1.1;
        proxy_set_header X-Real-IP $remote_addr;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto https;
        proxy_set_header X-Forwarded-Host $host:8443;
        proxy_set_header X-Forwarded-Port 8443;
        proxy_set_header X-Forwarded-Server $hostname;
        proxy_set_header X-Forwarded-Prefix "";
        proxy_set_header Forwarded "";
        proxy_set_header X-Webauth-User "";
        proxy_set_header Connection "";
        proxy_connect_timeout 5s;
        proxy_send_timeout 1m;
        add_header X-Content-Type-Options nosniff always;
        add_header X-Frame-Options $tailwright_frame_options always;
        add_header Referrer-Policy $tailwright_referrer_policy always;
        proxy_read_timeout 9s; add_header X-Blog yes; proxy_set_header host blog.example.org;
      '';
    };
  };

  # https://kernelcore.your-tailnet.ts.net. From network.proxy.nginx-tailscale.
  services.nginx.virtualHosts."kernelcore.your-tailnet.ts.net" = {
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
    locations."/notes/" = {
      proxyPass = "http://tailwright_notes/";
      recommendedProxySettings = false;
      basicAuthFile = config.sops.secrets.proxy-users.path;
      extraConfig = ''
        client_max_body_size 10m;
        proxy_http_version 1.1;
        proxy_set_header Host $host;
        proxy_set_header X-Real-IP $remote_addr;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto https;
        proxy_set_header X-Forwarded-Host $host;
        proxy_set_header X-Forwarded-Port 443;
        proxy_set_header X-Forwarded-Server $hostname;
        proxy_set_header X-Forwarded-Prefix /notes;
        proxy_set_header Forwarded "";
        proxy_set_header Tailscale-User-Login "";
        proxy_set_header Tailscale-User-Name "";
        proxy_set_header Tailscale-User-Profile-Pic "";
        proxy_set_header X-Webauth-User $remote_user;
        proxy_set_header Authorization "";
        proxy_set_header Connection "";
        proxy_connect_timeout 5s;
        proxy_read_timeout 1m;
        proxy_send_timeout 1m;
        proxy_redirect $scheme://$host/notes/ $scheme://$host/notes/;
        proxy_redirect $scheme://$host/ $scheme://$host/notes/;
        proxy_redirect "~^/(?!/|notes/)(.*)$" /notes/$1;
      '';
    };
    locations."= /notes" = {
      return = "308 $scheme://$host/notes/$is_args$args";
    };
    locations."= /_tailwright/identity" = {
      proxyPass = "http://unix:/run/tailscale-nginx-auth/tailscale-nginx-auth.sock";
      recommendedProxySettings = false;
      extraConfig = ''
        internal;
        proxy_pass_request_body off;
        proxy_pass_request_headers off;
        proxy_set_header Content-Length "";
        proxy_set_header Host $host;
        proxy_set_header Remote-Addr $remote_addr;
        proxy_set_header Remote-Port $remote_port;
        proxy_set_header Original-URI $request_uri;
      '';
    };
    locations."/" = {
      proxyPass = "http://tailwright_web";
      recommendedProxySettings = false;
      extraConfig = ''
        client_max_body_size 10m;
        auth_request /_tailwright/identity;
        auth_request_set $tailwright_user $upstream_http_tailscale_user;
        auth_request_set $tailwright_name $upstream_http_tailscale_name;
        auth_request_set $tailwright_tailnet $upstream_http_tailscale_tailnet;
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
        proxy_set_header X-Webauth-User $tailwright_user;
        proxy_set_header X-Webauth-Name $tailwright_name;
        proxy_set_header X-Webauth-Tailnet $tailwright_tailnet;
        proxy_set_header Upgrade $tailwright_upgrade;
        proxy_set_header Connection $tailwright_connection;
        proxy_connect_timeout 5s;
        proxy_read_timeout 1m;
        proxy_send_timeout 1m;
      '';
    };
    locations."/docs/wiki.d/" = {
      proxyPass = "$tailwright_upstream";
      recommendedProxySettings = false;
      extraConfig = ''
        client_max_body_size 10m;
        resolver 127.0.0.53 valid=30s;
        set $tailwright_upstream http://wiki.lan:8080;
        rewrite "^/docs/wiki\\.d/(.*)$" /$1 break;
        proxy_http_version 1.1;
        proxy_set_header Host $host;
        proxy_set_header X-Real-IP $remote_addr;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto https;
        proxy_set_header X-Forwarded-Host $host;
        proxy_set_header X-Forwarded-Port 443;
        proxy_set_header X-Forwarded-Server $hostname;
        proxy_set_header X-Forwarded-Prefix /docs/wiki.d;
        proxy_set_header Forwarded "";
        proxy_set_header Tailscale-User-Login "";
        proxy_set_header Tailscale-User-Name "";
        proxy_set_header Tailscale-User-Profile-Pic "";
        proxy_set_header X-Webauth-User "";
        proxy_set_header Connection "";
        proxy_connect_timeout 5s;
        proxy_read_timeout 1m;
        proxy_send_timeout 1m;
        proxy_redirect $scheme://$host/docs/wiki.d/ $scheme://$host/docs/wiki.d/;
        proxy_redirect $scheme://$host/ $scheme://$host/docs/wiki.d/;
        proxy_redirect "~^/(?!/|docs/wiki\\.d/)(.*)$" /docs/wiki.d/$1;
      '';
    };
    locations."= /docs/wiki.d" = {
      return = "308 $scheme://$host/docs/wiki.d/$is_args$args";
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

  # http://kernelcore.your-tailnet.ts.net. From network.proxy.nginx-tailscale.services.plain.
  services.nginx.virtualHosts."kernelcore.your-tailnet.ts.net:80" = {
    serverName = "kernelcore.your-tailnet.ts.net";
    serverAliases = ["kernelcore"];
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
      proxy_hide_header X-Content-Type-Options;
      proxy_hide_header X-Frame-Options;
      proxy_hide_header Referrer-Policy;
      add_header X-Content-Type-Options nosniff always;
      add_header X-Frame-Options $tailwright_frame_options always;
      add_header Referrer-Policy $tailwright_referrer_policy always;
    '';
    locations."/" = {
      proxyPass = "http://tailwright_plain";
      recommendedProxySettings = false;
      extraConfig = ''
        client_max_body_size 10m;
        proxy_http_version 1.1;
        proxy_set_header Host $host;
        proxy_set_header X-Real-IP $remote_addr;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto http;
        proxy_set_header X-Forwarded-Host $host;
        proxy_set_header X-Forwarded-Port 80;
        proxy_set_header X-Forwarded-Server $hostname;
        proxy_set_header X-Forwarded-Prefix "";
        proxy_set_header Forwarded "";
        proxy_set_header Tailscale-User-Login "";
        proxy_set_header Tailscale-User-Name "";
        proxy_set_header Tailscale-User-Profile-Pic "";
        proxy_set_header X-Webauth-User "";
        proxy_set_header Connection "";
        proxy_connect_timeout 5s;
        proxy_read_timeout 1m;
        proxy_send_timeout 1m;
      '';
    };
  };

  # https://kernelcore.your-tailnet.ts.net:9443. From network.proxy.nginx-tailscale.services.panel.
  services.nginx.virtualHosts."kernelcore.your-tailnet.ts.net:9443" = {
    serverName = "kernelcore.your-tailnet.ts.net";
    listen = [
      {
        addr = "0.0.0.0";
        port = 9443;
        ssl = true;
      }
      {
        addr = "[::]";
        port = 9443;
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
      add_header Alt-Svc "h3=\":9443\"; ma=86400" always;
    '';
    locations."/" = {
      proxyPass = "http://tailwright_panel";
      recommendedProxySettings = false;
      extraConfig = ''
        client_max_body_size 10m;
        proxy_http_version 1.1;
        proxy_set_header Host $host:9443;
        proxy_set_header X-Real-IP $remote_addr;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto https;
        proxy_set_header X-Forwarded-Host $host:9443;
        proxy_set_header X-Forwarded-Port 9443;
        proxy_set_header X-Forwarded-Server $hostname;
        proxy_set_header X-Forwarded-Prefix "";
        proxy_set_header Forwarded "";
        proxy_set_header Tailscale-User-Login "";
        proxy_set_header Tailscale-User-Name "";
        proxy_set_header Tailscale-User-Profile-Pic "";
        proxy_set_header X-Webauth-User "";
        proxy_set_header Connection "";
        proxy_connect_timeout 5s;
        proxy_read_timeout 1m;
        proxy_send_timeout 1m;
      '';
    };
  };

  # https://kernelcore.your-tailnet.ts.net:9444. From network.proxy.nginx-tailscale.services.appliance.
  services.nginx.virtualHosts."kernelcore.your-tailnet.ts.net:9444" = {
    serverName = "kernelcore.your-tailnet.ts.net";
    listen = [
      {
        addr = "0.0.0.0";
        port = 9444;
        ssl = true;
      }
      {
        addr = "[::]";
        port = 9444;
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
      add_header Alt-Svc "h3=\":9444\"; ma=86400" always;
    '';
    locations."/" = {
      proxyPass = "$tailwright_upstream";
      recommendedProxySettings = false;
      extraConfig = ''
        client_max_body_size 10m;
        resolver 127.0.0.53 valid=30s;
        set $tailwright_upstream https://nas.lan:5001;
        proxy_ssl_server_name on;
        proxy_ssl_name nas.lan;
        proxy_http_version 1.1;
        proxy_set_header Host $host:9444;
        proxy_set_header X-Real-IP $remote_addr;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto https;
        proxy_set_header X-Forwarded-Host $host:9444;
        proxy_set_header X-Forwarded-Port 9444;
        proxy_set_header X-Forwarded-Server $hostname;
        proxy_set_header X-Forwarded-Prefix "";
        proxy_set_header Forwarded "";
        proxy_set_header Tailscale-User-Login "";
        proxy_set_header Tailscale-User-Name "";
        proxy_set_header Tailscale-User-Profile-Pic "";
        proxy_set_header X-Webauth-User "";
        proxy_set_header Connection "";
        proxy_connect_timeout 5s;
        proxy_read_timeout 1m;
        proxy_send_timeout 1m;
      '';
    };
  };

  # https://kernelcore.your-tailnet.ts.net:9445. From network.proxy.nginx-tailscale.services.blog.
  services.nginx.virtualHosts."kernelcore.your-tailnet.ts.net:9445" = {
    serverName = "kernelcore.your-tailnet.ts.net";
    listen = [
      {
        addr = "0.0.0.0";
        port = 9445;
        ssl = true;
      }
      {
        addr = "[::]";
        port = 9445;
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
      add_header Alt-Svc "h3=\":9445\"; ma=86400" always;
    '';
    locations."/" = {
      proxyPass = "http://tailwright_blog";
      recommendedProxySettings = false;
      extraConfig = ''
        client_max_body_size 10m;
        limit_req zone=tailwright_blog burst=10 nodelay;
        limit_req_status 429;
        proxy_http_version 1.1;
        proxy_set_header X-Real-IP $remote_addr;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto https;
        proxy_set_header X-Forwarded-Host $host:9445;
        proxy_set_header X-Forwarded-Port 9445;
        proxy_set_header X-Forwarded-Server $hostname;
        proxy_set_header X-Forwarded-Prefix "";
        proxy_set_header Forwarded "";
        proxy_set_header Tailscale-User-Login "";
        proxy_set_header Tailscale-User-Name "";
        proxy_set_header Tailscale-User-Profile-Pic "";
        proxy_set_header X-Webauth-User "";
        proxy_set_header Connection "";
        proxy_connect_timeout 5s;
        proxy_send_timeout 1m;
        add_header X-Content-Type-Options nosniff always;
        add_header X-Frame-Options $tailwright_frame_options always;
        add_header Referrer-Policy $tailwright_referrer_policy always;
        add_header Alt-Svc "h3=\":9445\"; ma=86400" always;
        proxy_read_timeout 9s; add_header X-Blog yes; proxy_set_header host blog.example.org;
      '';
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

  # The Tailscale Service svc:chat; tailscaled forwards here. From network.proxy.nginx-tailscale.services.chat.
  services.nginx.virtualHosts."svc:chat" = {
    serverName = "chat.your-tailnet.ts.net";
    listen = [
      {
        addr = "127.0.0.1";
        port = 22756;
        ssl = false;
      }
    ];
    extraConfig = ''
      access_log /var/log/nginx/access.log combined buffer=32k flush=5s;
      set_real_ip_from 127.0.0.1;
      real_ip_header X-Forwarded-For;
      proxy_hide_header X-Content-Type-Options;
      proxy_hide_header X-Frame-Options;
      proxy_hide_header Referrer-Policy;
      proxy_hide_header Strict-Transport-Security;
      add_header X-Content-Type-Options nosniff always;
      add_header X-Frame-Options $tailwright_frame_options always;
      add_header Referrer-Policy $tailwright_referrer_policy always;
      add_header Strict-Transport-Security max-age=31536000 always;
    '';
    locations."= /_tailwright/identity" = {
      proxyPass = "http://unix:/run/tailscale-nginx-auth/tailscale-nginx-auth.sock";
      recommendedProxySettings = false;
      extraConfig = ''
        internal;
        proxy_pass_request_body off;
        proxy_pass_request_headers off;
        proxy_set_header Content-Length "";
        proxy_set_header Host $host;
        proxy_set_header Remote-Addr $remote_addr;
        proxy_set_header Remote-Port $realip_remote_port;
        proxy_set_header Original-URI $request_uri;
      '';
    };
    locations."/" = {
      proxyPass = "http://tailwright_chat";
      recommendedProxySettings = false;
      extraConfig = ''
        client_max_body_size 10m;
        limit_req zone=tailwright_chat;
        limit_req_status 429;
        auth_request /_tailwright/identity;
        auth_request_set $tailwright_user $upstream_http_tailscale_user;
        auth_request_set $tailwright_name $upstream_http_tailscale_name;
        auth_request_set $tailwright_tailnet $upstream_http_tailscale_tailnet;
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
        proxy_set_header X-Webauth-User $tailwright_user;
        proxy_set_header X-Webauth-Name $tailwright_name;
        proxy_set_header X-Webauth-Tailnet $tailwright_tailnet;
        proxy_set_header Connection "";
        proxy_connect_timeout 5s;
        proxy_read_timeout 1m;
        proxy_send_timeout 1m;
      '';
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
        port = 9443;
        ssl = true;
      }
      {
        addr = "[::]";
        port = 9443;
        ssl = true;
      }
      {
        addr = "0.0.0.0";
        port = 9444;
        ssl = true;
      }
      {
        addr = "[::]";
        port = 9444;
        ssl = true;
      }
      {
        addr = "0.0.0.0";
        port = 9445;
        ssl = true;
      }
      {
        addr = "[::]";
        port = 9445;
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
      {
        addr = "127.0.0.1";
        port = 22756;
        ssl = false;
      }
      {
        addr = "127.0.0.1";
        port = 23197;
        ssl = false;
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

  # Asks tailscaled who a caller is; without an answer nobody is let in.
  services.tailscaleAuth.enable = true;

  systemd.services.nginx = {
    wants = ["tailwright-certificate-placeholder.service" "sops-install-secrets.service"];
    after = ["tailwright-certificate-placeholder.service" "sops-install-secrets.service"];
    serviceConfig = {
      SupplementaryGroups = [config.services.tailscaleAuth.group];
    };
  };

  # Open to the tailnet, and to nobody else. (HTTP/3 is UDP.)
  networking.firewall.interfaces.tailscale0 = {
    allowedTCPPorts = [80 443 5433 5673 9443 9444 9445 21434];
    allowedUDPPorts = [443 9443 9444 9445 21434];
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

  # Ordering certificates takes accepting the authority's terms of service (https://letsencrypt.org/repository/).
  security.acme.acceptTerms = lib.mkDefault true;

  security.acme.certs."ai.example.org" = {
    email = "ops@example.org";
    dnsProvider = "cloudflare";
    credentialFiles = {
      CF_DNS_API_TOKEN_FILE = config.sops.secrets.dns-token.path;
    };
    group = config.services.nginx.group;
  };
}
