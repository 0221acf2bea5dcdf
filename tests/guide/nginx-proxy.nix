kernelcore.network.proxy.nginx-tailscale = {
  enable = true;
  hostname = "kernelcore";
  tailnetDomain = "your-tailnet.ts.net";
  
  # Performance
  enableHTTP3 = true;
  enableConnectionPooling = true;
  
  # Services
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
