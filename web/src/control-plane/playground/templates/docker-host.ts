import type { TemplateContent } from "./template.ts";

/** A host whose terminal takes docker commands, with the two images of the Docker introductions ready to be built there. */
export const dockerHost: TemplateContent = {
  name: "docker-host",
  files: (language) => ({
    Dockerfile: `FROM docker-host
${
  language === "ko"
    ? "# 빌드하고 띄운 뒤 터미널에 docker 명령을 입력하세요. 예: docker build -t hello hello"
    : "# Build it, launch it, and type docker commands in its terminal, such as docker build -t hello hello"
}
COPY hello hello
COPY web web
`,
    "hello/Dockerfile": `FROM node:7
ADD app.js /app.js

ENTRYPOINT ["node", "app.js"]
`,
    "hello/app.js": `const http = require('http');
const os = require('os');

console.log("server starting...");

var handler = function(req, res) {
    console.log("received request from " + req.connection.remoteAddress);
    res.writeHead(200);
    res.end("you've hit " + os.hostname() + "\\n");
};

var www = http.createServer(handler);
www.listen(8080);
`,
    "web/Dockerfile": `FROM node:14

WORKDIR /app
COPY package*.json ./

RUN npm install
COPY . /app

CMD [ "node", "index.js" ]
EXPOSE 3000
`,
    "web/index.js": `const http = require("http");

http
  .createServer((request, response) => response.end("Hello from " + request.url + "\\n"))
  .listen(3000);
`,
    "web/package.json": `{
  "name": "web",
  "version": "1.0.0",
  "private": true
}
`,
  }),
};
