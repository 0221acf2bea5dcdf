{
  a = "q \" \\ \n \${x} $${y} $";
  b = ''
      one
    two ''${x} ''' ''\n ''\t $${y} $
  '';
  c = "${config.sops.secrets.x.path}";
  d = { secret = "x"; };
  "e f" = https://example.org/x;
  g = [ ./a /b ~/c 1 (-2) 2.5e3 .5 null true ];
}
