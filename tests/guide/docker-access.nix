# Enable Docker subnet in Tailscale
kernelcore.network.vpn.tailscale = {
  advertiseRoutes = [ 
    "192.168.15.0/24"  # Local network
    "172.17.0.0/16"    # Docker network
  ];
};
