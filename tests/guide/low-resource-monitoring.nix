kernelcore.network.monitoring.tailscale = {
  checkInterval = 60;  # Check less frequently
  enableAutoFailover = false;  # Disable if not needed
};
