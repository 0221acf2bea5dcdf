kernelcore.network.monitoring.tailscale = {
  maxLatency = 200;  # milliseconds
  maxPacketLoss = 5;  # percent
  checkInterval = 30;  # seconds
};
