kernelcore.network.security.firewall-zones = {
  enable = true;
  
  zones = {
    dmz = {
      enable = true;
      allowedTCPPorts = [ 80 443 ];
      allowedUDPPorts = [ 443 ]; # QUIC
    };
    
    internal = {
      enable = true;
      interfaces = [ "tailscale0" ];
      allowedServices = [ "ssh" "postgresql" "ollama" ];
    };
    
    admin = {
      enable = true;
      allowedIPs = [ "100.64.0.0/10" ];
      allowAllServices = true;
    };
  };
};
