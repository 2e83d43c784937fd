const http = require("http");
http.createServer().listen(8080, () => http.createServer().listen(8080));
