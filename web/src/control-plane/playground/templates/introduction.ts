import type { TemplateContent } from "./template.ts";

/** The HTTP server of the Docker introductions: answers every request with the name of its host. */
export const introduction: TemplateContent = {
  name: "node",
  files: () => ({
    Dockerfile: `FROM node
ADD app.js /app.js
EXPOSE 8080
ENTRYPOINT ["node", "app.js"]
`,
    "app.js": `const http = require("http");
const os = require("os");

console.log("Server starting...");

const server = http.createServer((request, response) => {
  console.log("Received a request from " + request.socket.remoteAddress);
  response.writeHead(200);
  response.end("you've hit " + os.hostname() + "\\n");
});
server.listen(8080);
`,
  }),
};
