{
  # Enable complete Tailscale stack
  kernelcore.network.proxy.tailscale-services = {
    enable = true;
    tailnetDomain = "your-tailnet-name.ts.net";  # Replace with your tailnet
  };
  
  # Enable monitoring
  kernelcore.network.monitoring.tailscale = {
    enable = true;
    checkInterval = 30;
    maxLatency = 200;
    maxPacketLoss = 5;
    enableAutoFailover = true;
  };
  
  # Enable firewall zones
  kernelcore.network.security.firewall-zones = {
    enable = true;
    defaultPolicy = "drop";
    enableLogging = true;
  };
}
