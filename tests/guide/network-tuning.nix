# Kernel parameters for optimal performance
boot.kernel.sysctl = {
  # TCP optimization
  "net.core.rmem_max" = 134217728;
  "net.core.wmem_max" = 134217728;
  "net.ipv4.tcp_rmem" = "4096 87380 67108864";
  "net.ipv4.tcp_wmem" = "4096 65536 67108864";
  
  # UDP optimization  
  "net.core.netdev_max_backlog" = 5000;
  
  # Connection tracking
  "net.netfilter.nf_conntrack_max" = 524288;
};
