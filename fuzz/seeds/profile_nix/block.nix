kernelcore.network.security.firewall-zones = {
  enable = true;

  zones = {
    dmz = { enable = true; allowedTCPPorts = [ 80 443 ]; };
    admin.allowedIPs = [ "100.64.0.0/10" ];
  };
};
