# The services, where clients find them, and where they are:
#   ai: https://ai.example.org/ -> http://[fd00::5]:3003 (from network.proxy.nginx-tailscale.services.ai)
#   appliance: https://kernelcore.your-tailnet.ts.net:9444/ -> https://nas.lan:5001 (from network.proxy.nginx-tailscale.services.appliance)
#   blog: https://kernelcore.your-tailnet.ts.net:9445/ -> http://127.0.0.1:3004 (from network.proxy.nginx-tailscale.services.blog)
#   blog: from the public internet too, by Funnel: kernelcore.your-tailnet.ts.net:8443
#   cache: cache.your-tailnet.ts.net:6379 -> tcp://cache.lan:6379 (from network.proxy.nginx-tailscale.services.cache)
#   chat: https://chat.your-tailnet.ts.net/ -> http://127.0.0.1:3002 (from network.proxy.nginx-tailscale.services.chat)
#   db: kernelcore.your-tailnet.ts.net:5433 -> tcp://127.0.0.1:5432 (from network.proxy.nginx-tailscale.services.db)
#   notes: https://kernelcore.your-tailnet.ts.net/notes/ -> http://127.0.0.1:3001 (from network.proxy.nginx-tailscale.services.notes)
#   ollama: https://kernelcore.your-tailnet.ts.net:21434/ -> http://127.0.0.1:11434 (from network.proxy.nginx-tailscale.services.ollama)
#   panel: https://kernelcore.your-tailnet.ts.net:9443/ -> http://unix:/run/panel/panel.sock (from network.proxy.nginx-tailscale.services.panel)
#   plain: http://kernelcore.your-tailnet.ts.net/ -> http://127.0.0.1:3005 (from network.proxy.nginx-tailscale.services.plain)
#   queue: kernelcore.your-tailnet.ts.net:5673 -> tcp://unix:/run/queue.sock (from network.proxy.nginx-tailscale.services.queue)
#   web: https://kernelcore.your-tailnet.ts.net/ -> http://127.0.0.1:3000 (from network.proxy.nginx-tailscale.services.web)
#   wiki: https://kernelcore.your-tailnet.ts.net/docs/wiki.d/ -> http://wiki.lan:8080 (from network.proxy.nginx-tailscale.services.wiki)
{
  config,
  lib,
  ...
}: {
  # blog for the public internet. The policy must give this node the attribute `funnel`.
  systemd.services.tailwright-funnel-blog = {
    description = "Funnel on kernelcore.your-tailnet.ts.net:8443 for blog";
    wantedBy = ["multi-user.target"];
    wants = ["tailscaled.service"];
    after = [
      "tailscaled.service"
      "tailscaled-autoconnect.service"
      "tailscaled-set.service"
      "nginx.service"
    ];
    serviceConfig = {
      Type = "oneshot";
      RemainAfterExit = true;
      # Fails, and is tried again, as long as the node is not logged in or the tailnet does not allow it.
      ExecStart = "${lib.getExe config.services.tailscale.package} funnel --bg --https=8443 http://127.0.0.1:23197";
      ExecStop = "-${lib.getExe config.services.tailscale.package} funnel --https=8443 off";
      TimeoutStartSec = "1min";
      TimeoutStopSec = "30s";
      Restart = "on-failure";
      RestartSec = "30s";
      RestartSteps = 8;
      RestartMaxDelaySec = "1h";
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

  # cache as a Tailscale Service. It must be defined in the tailnet (admin console, Services), this node must be
  # tagged, and its offer must be approved (by hand, or by autoApprovers.services in the policy).
  systemd.services.tailwright-serve-cache = {
    description = "Tailscale Service svc:cache";
    wantedBy = ["multi-user.target"];
    wants = ["tailscaled.service"];
    after = [
      "tailscaled.service"
      "tailscaled-autoconnect.service"
      "tailscaled-set.service"
      "nginx.service"
    ];
    serviceConfig = {
      Type = "oneshot";
      RemainAfterExit = true;
      # Fails, and is tried again, as long as the node is not logged in or the tailnet does not allow it.
      ExecStart = "${lib.getExe config.services.tailscale.package} serve --service=svc:cache --tcp=6379 tcp://127.0.0.1:23896";
      ExecStop = "-${lib.getExe config.services.tailscale.package} serve clear svc:cache";
      TimeoutStartSec = "1min";
      TimeoutStopSec = "30s";
      Restart = "on-failure";
      RestartSec = "30s";
      RestartSteps = 8;
      RestartMaxDelaySec = "1h";
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

  # chat as a Tailscale Service. It must be defined in the tailnet (admin console, Services), this node must be
  # tagged, and its offer must be approved (by hand, or by autoApprovers.services in the policy).
  systemd.services.tailwright-serve-chat = {
    description = "Tailscale Service svc:chat";
    wantedBy = ["multi-user.target"];
    wants = ["tailscaled.service"];
    after = [
      "tailscaled.service"
      "tailscaled-autoconnect.service"
      "tailscaled-set.service"
      "nginx.service"
    ];
    serviceConfig = {
      Type = "oneshot";
      RemainAfterExit = true;
      # Fails, and is tried again, as long as the node is not logged in or the tailnet does not allow it.
      ExecStart = "${lib.getExe config.services.tailscale.package} serve --service=svc:chat --https=443 http://127.0.0.1:22756";
      ExecStop = "-${lib.getExe config.services.tailscale.package} serve clear svc:chat";
      TimeoutStartSec = "1min";
      TimeoutStopSec = "30s";
      Restart = "on-failure";
      RestartSec = "30s";
      RestartSteps = 8;
      RestartMaxDelaySec = "1h";
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
}
