import type { TemplateContent } from "./template.ts";

/** A service with a list of dependencies, whose installing comes from the cache until the list changes. */
export const python: TemplateContent = {
  name: "python",
  files: (language) => ({
    Dockerfile: `FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1
WORKDIR /app
${
  language === "ko"
    ? "# 의존성 목록을 먼저 복사하면, 목록이 그대로인 동안 설치 단계가 캐시에서 나옵니다."
    : "# The list of dependencies comes first: while it stays the same, installing comes from the cache."
}
COPY requirements.txt ./
RUN pip install --no-cache-dir -r requirements.txt
COPY app.py ./
EXPOSE 8000
CMD ["python", "app.py"]
`,
    "requirements.txt":
      language === "ko"
        ? "# 한 줄에 패키지 하나씩 적으세요. 예: flask==3.0.3\n"
        : "# One package per line, such as flask==3.0.3\n",
    "app.py": `from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from os import getpid
from socket import gethostname


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = f"hello from python, process {getpid()} on {gethostname()}\\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


print("Listening on port 8000")
ThreadingHTTPServer(("", 8000), Handler).serve_forever()
`,
    ".dockerignore": "__pycache__\n*.pyc\n.venv\n",
  }),
};

/** Pages behind nginx. */
export const staticSite: TemplateContent = {
  name: "static-site",
  files: (language) => ({
    Dockerfile: `FROM nginx
COPY site/ /usr/share/nginx/html/
EXPOSE 80
`,
    "site/index.html": `<!doctype html>
<html lang="${language}">
  <head>
    <meta charset="utf-8">
    <title>Slipway</title>
    <link rel="stylesheet" href="style.css">
  </head>
  <body>
    <h1>${language === "ko" ? "컨테이너에서 보내는 인사" : "Hello from a container"}</h1>
  </body>
</html>
`,
    "site/style.css": `body {
  display: grid;
  min-height: 100vh;
  margin: 0;
  place-items: center;
  font-family: system-ui, sans-serif;
}
`,
  }),
};

/** A C program that is compiled in a large image and runs in an empty one. */
export const multiStage: TemplateContent = {
  name: "multi-stage",
  files: (language) => ({
    Dockerfile: `FROM gcc AS build
WORKDIR /src
COPY server.c ./
RUN gcc -O2 -static -o server server.c

${
  language === "ko"
    ? "# 컴파일러는 이 이미지에 들어오지 않습니다. 실행 파일 하나뿐입니다."
    : "# The compiler does not come along: this image holds one program."
}
FROM scratch
COPY --from=build /src/server /server
EXPOSE 8080
ENTRYPOINT ["/server"]
`,
    "server.c": `#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void) {
  const char *answer =
      "HTTP/1.1 200 OK\\r\\nContent-Length: 13\\r\\nConnection: close\\r\\n\\r\\nhello from C\\n";
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(8080)};
  int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 16) != 0) {
    perror("port 8080");
    return 1;
  }
  printf("Listening on port 8080\\n");
  fflush(stdout);
  for (;;) {
    char request[1024];
    int client = accept(listener, NULL, NULL);
    if (client < 0) continue;
    if (read(client, request, sizeof request) > 0) write(client, answer, strlen(answer));
    close(client);
  }
}
`,
  }),
};

/** A store with settings of its own, a volume and a health check. */
export const redis: TemplateContent = {
  name: "redis",
  files: (language) => ({
    Dockerfile: `FROM redis
COPY redis.conf /etc/redis/redis.conf
HEALTHCHECK --interval=10s --timeout=3s CMD ["redis-cli", "ping"]
CMD ["redis-server", "/etc/redis/redis.conf"]
`,
    "redis.conf": `${
      language === "ko"
        ? "# 셸을 하나 더 열어 redis-cli로 말을 걸어 보세요."
        : "# Open one more shell and talk to it with redis-cli."
    }
bind 0.0.0.0
protected-mode no
dir /data
save 60 1
maxmemory 64mb
maxmemory-policy allkeys-lru
`,
  }),
};
