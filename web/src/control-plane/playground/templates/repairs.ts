import type { TemplateLanguage } from "../playground.ts";
import type { TemplateContent } from "./template.ts";

/*
 * Dockerfiles that are broken on purpose. Each has one fault and fails in the way that its gallery text says; tests of the
 * kernel prove that, and that the repair in the text is one.
 */

/** The task, as a comment at the top. */
const task = (language: TemplateLanguage, ko: string, en: string): string =>
  `# ${language === "ko" ? ko : en}\n`;

/** The file that is copied is left out by .dockerignore. */
export const brokenCopy: TemplateContent = {
  name: "broken-copy",
  files: (language) => ({
    Dockerfile: `${task(
      language,
      "greeting.txt가 분명히 있는데 COPY가 찾지 못합니다. 왜일까요?",
      "greeting.txt is there, and COPY does not find it. Why?",
    )}FROM busybox
COPY greeting.txt /greeting.txt
CMD ["cat", "/greeting.txt"]
`,
    "greeting.txt": "hello from a file that made it\n",
    ".dockerignore": `${task(language, "빌드에 필요 없는 것", "What no build needs")}.git
*.log
*.txt
`,
  }),
};

/** The package lists are missing. */
export const brokenPackage: TemplateContent = {
  name: "broken-package",
  files: (language) => ({
    Dockerfile: `${task(
      language,
      "tree라는 패키지는 Debian에 있는데 apt-get이 찾지 못합니다. 무엇이 빠졌을까요?",
      "Debian has a package called tree, and apt-get does not find it. What is missing?",
    )}FROM debian:bookworm-slim
RUN apt-get install -y --no-install-recommends tree
CMD ["tree", "-L", "1", "/"]
`,
  }),
};

/** The name of a stage is misspelt, so it means an image. */
export const brokenStage: TemplateContent = {
  name: "broken-stage",
  files: (language) => ({
    Dockerfile: `${task(
      language,
      "두 번째 스테이지가 첫 번째의 결과를 가져오지 못하고, 엉뚱한 이미지를 찾습니다.",
      "The second stage does not get the result of the first one, and looks for an image instead.",
    )}FROM busybox AS builder
RUN echo "made in the first stage" > /result.txt

FROM busybox
COPY --from=biulder /result.txt /result.txt
CMD ["cat", "/result.txt"]
`,
  }),
};

/** A script that nobody may start. */
export const brokenScript: TemplateContent = {
  name: "broken-script",
  files: (language) => ({
    Dockerfile: `${task(
      language,
      "빌드는 되는데 컨테이너가 시작하지 못합니다. 파일에 무엇이 없을까요?",
      "It builds, and the container does not start. What does the file lack?",
    )}FROM busybox
COPY start.sh /start.sh
CMD ["/start.sh"]
`,
    "start.sh": `#!/bin/sh
echo "started at last"
exec sleep 3600
`,
  }),
};
