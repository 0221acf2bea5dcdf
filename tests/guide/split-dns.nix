services.resolved.extraConfig = ''
  [Resolve]
  DNS=100.100.100.100
  Domains=~your-tailnet.ts.net
'';
