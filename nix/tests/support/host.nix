# The least that makes a NixOS configuration complete.
{lib, ...}: {
  boot.isContainer = true;
  networking.hostName = lib.mkDefault "example";
  networking.useDHCP = false;
  system.stateVersion = lib.mkDefault lib.trivial.release;
}
