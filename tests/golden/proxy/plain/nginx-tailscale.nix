# The reverse proxy: nginx in front of the host's services, for the tailnet.
# To say more about a host or location, set the same option elsewhere: NixOS joins the lines of extraConfig.
{lib, ...}: {
  services.nginx = {
    enable = true;
    recommendedOptimisation = lib.mkDefault true;
    recommendedTlsSettings = lib.mkDefault true;
    commonHttpConfig = ''
      map $http_upgrade $tailwright_upgrade {
          default $http_upgrade;
          ~*h2c "";
      }

      map $tailwright_upgrade $tailwright_connection {
          default upgrade;
          "" close;
      }
    '';
  };

  services.nginx.upstreams.tailwright_app = {
    servers."127.0.0.1:3000" = {};
  };

  # http://app.plain.tail.example.org, where such names resolve. From network.proxy.nginx-tailscale.services.app.
  services.nginx.virtualHosts."app.plain.tail.example.org" = {
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
      access_log off;
    '';
    locations."/" = {
      proxyPass = "http://tailwright_app";
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
        proxy_set_header Upgrade $tailwright_upgrade;
        proxy_set_header Connection $tailwright_connection;
        proxy_connect_timeout 5s;
        proxy_read_timeout 1m;
        proxy_send_timeout 1m;
      '';
    };
  };

  # http://plain.tail.example.org. From network.proxy.nginx-tailscale.
  services.nginx.virtualHosts."plain.tail.example.org" = {
    serverAliases = ["plain"];
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
      access_log off;
    '';
    locations."/app/" = {
      proxyPass = "http://tailwright_app/";
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
        proxy_set_header X-Forwarded-Prefix /app;
        proxy_set_header Forwarded "";
        proxy_set_header Tailscale-User-Login "";
        proxy_set_header Tailscale-User-Name "";
        proxy_set_header Tailscale-User-Profile-Pic "";
        proxy_set_header X-Webauth-User "";
        proxy_set_header Upgrade $tailwright_upgrade;
        proxy_set_header Connection $tailwright_connection;
        proxy_connect_timeout 5s;
        proxy_read_timeout 1m;
        proxy_send_timeout 1m;
        proxy_redirect $scheme://$host/app/ $scheme://$host/app/;
        proxy_redirect $scheme://$host/ $scheme://$host/app/;
        proxy_redirect "~^/(?!/|app/)(.*)$" /app/$1;
      '';
    };
    locations."= /app" = {
      return = "308 $scheme://$host/app/$is_args$args";
    };
    locations."/" = {
      return = "404";
    };
  };

  # http://plain.tail.example.org:8081. From network.proxy.nginx-tailscale.services.far.
  services.nginx.virtualHosts."plain.tail.example.org:8081" = {
    serverName = "plain.tail.example.org";
    serverAliases = ["plain"];
    listen = [
      {
        addr = "0.0.0.0";
        port = 8081;
        ssl = false;
      }
      {
        addr = "[::]";
        port = 8081;
        ssl = false;
      }
    ];
    extraConfig = ''
      access_log off;
    '';
    locations."/" = {
      proxyPass = "$tailwright_upstream";
      recommendedProxySettings = false;
      extraConfig = ''
        client_max_body_size 10m;
        resolver 100.100.100.100 valid=30s;
        set $tailwright_upstream http://far.lan:3001;
        proxy_http_version 1.1;
        proxy_set_header Host $host:8081;
        proxy_set_header X-Real-IP $remote_addr;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto http;
        proxy_set_header X-Forwarded-Host $host:8081;
        proxy_set_header X-Forwarded-Port 8081;
        proxy_set_header X-Forwarded-Server $hostname;
        proxy_set_header X-Forwarded-Prefix "";
        proxy_set_header Forwarded "";
        proxy_set_header Tailscale-User-Login "";
        proxy_set_header Tailscale-User-Name "";
        proxy_set_header Tailscale-User-Profile-Pic "";
        proxy_set_header X-Webauth-User "";
        proxy_set_header Connection close;
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
        port = 8081;
        ssl = false;
      }
      {
        addr = "[::]";
        port = 8081;
        ssl = false;
      }
    ];
    default = true;
    extraConfig = ''
      access_log off;
    '';
    locations."/" = {
      return = "444";
    };
  };

  # Open to the tailnet, and to nobody else. (HTTP/3 is UDP.)
  networking.firewall.interfaces.tailscale0 = {
    allowedTCPPorts = [80 8081];
  };
}
