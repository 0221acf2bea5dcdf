services.nginx = {
  appendConfig = ''
    worker_processes auto;
    worker_rlimit_nofile 65535;
    
    events {
      worker_connections 4096;
      use epoll;
      multi_accept on;
    }
  '';
};
