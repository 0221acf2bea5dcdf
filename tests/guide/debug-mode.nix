systemd.services.tailscaled.environment = {
  TS_DEBUG_FIREWALL_MODE = "true";
};
