import { expect, it } from "vitest";
import { instructionText } from "./instruction-text.ts";

it.each([
  ["RUN /bin/sh -c npm install # buildkit", "RUN npm install"],
  ["COPY app.js . # buildkit", "COPY app.js ."],
  ["/bin/sh -c #(nop) COPY file:ab in / ", "COPY file:ab in /"],
  ["/bin/sh -c apt-get update", "RUN apt-get update"],
  ["RUN |1 A=b /bin/sh -c echo $A # buildkit", "RUN |1 A=b /bin/sh -c echo $A"],
  ["WORKDIR /srv", "WORKDIR /srv"],
  ["", ""],
])("%j reads %j", (createdBy, text) => {
  expect(instructionText(createdBy)).toBe(text);
});
