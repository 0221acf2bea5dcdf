# A host on its own.
{
  host = {
    name = "kernelcore";
    release = "26.05";
    interfaces.enp3s0 = { role = "lan"; prefixes = [ "192.168.15.10/24" ]; };
  };
  network.vpn.tailscale = {
    enable = true;
    authKeyFile = config.sops.secrets."tailscale-authkey".path;
    advertiseRoutes = [
      "192.168.15.0/24" # the LAN
    ];
  };
  network.monitoring.tailscale = { checkInterval = 30; maxPacketLoss = 2.5; };
}
