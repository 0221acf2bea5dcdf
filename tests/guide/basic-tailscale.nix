kernelcore.network.vpn.tailscale = {
  enable = true;
  
  # Authentication
  authKeyFile = config.sops.secrets."tailscale-authkey".path;
  useAuthKeyFile = true;
  
  # Hostname
  hostname = "kernelcore";
  
  # Subnet routing
  enableSubnetRouter = true;
  advertiseRoutes = [ "192.168.15.0/24" ];
  
  # Exit node
  exitNode = true;
  exitNodeAllowLANAccess = true;
  
  # DNS
  acceptDNS = true;
  enableMagicDNS = true;
  
  # Security tags
  tags = [ "tag:server" "tag:desktop" ];
};
