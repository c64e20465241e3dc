// nginx's configuration: one worker that is its only process.

import { certificate, scratch, written } from './scratch.mjs';

export function nginx({ http, tls, origin }) {
  const text = `daemon off;
master_process off;
worker_processes 1;
worker_rlimit_nofile 20000;
error_log stderr crit;
pid ${scratch}/nginx.pid;
events { worker_connections 15000; }
http {
  access_log off;
  client_body_temp_path ${scratch}/body;
  proxy_temp_path ${scratch}/proxy;
  fastcgi_temp_path ${scratch}/fastcgi;
  uwsgi_temp_path ${scratch}/uwsgi;
  scgi_temp_path ${scratch}/scgi;
  keepalive_timeout 30s;
  keepalive_requests 1000000000;
  client_max_body_size 16m;
  upstream origin { server 127.0.0.1:${origin}; keepalive 512; keepalive_requests 1000000000; }
  map $http_upgrade $connection_option { default upgrade; "" ""; }
  server {
    listen 127.0.0.1:${http} backlog=4096;
    listen 127.0.0.1:${tls} ssl backlog=4096;
    ssl_certificate ${certificate()};
    ssl_certificate_key ${certificate()};
    ssl_protocols TLSv1.2 TLSv1.3;
    location / {
      proxy_pass http://origin;
      proxy_http_version 1.1;
      proxy_request_buffering off;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_option;
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Port $server_port;
      proxy_set_header X-Forwarded-Proto $scheme;
    }
  }
}
`;
  return ['nginx', '-c', written('nginx.conf', text)];
}
