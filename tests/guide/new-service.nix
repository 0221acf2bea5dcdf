kernelcore.network.proxy.nginx-tailscale.services.myservice = {
  enable = true;
  subdomain = "myservice";
  upstreamPort = 8000;
  rateLimit = "10r/s";
  maxBodySize = "100M";
  enableAuth = true;  # If authentication needed
};
