import type { Topic } from "@slipway/dockerfile";
import type { Explanation } from "./docs.ts";

/** 거의 모든 Dockerfile에 나오는 쓰임새. */
export const koIdioms = {
  "idiom:apt-get-update": {
    text: "패키지 목록을 받아 옵니다. install과 같은 RUN에 있어야 합니다. 따로 쓰면 몇 달이고 캐시에서 나오고, install은 이미 없어진 버전을 찾게 됩니다.",
    example: "RUN apt-get update \\\n    && apt-get install -y curl",
  },
  "idiom:apt-get-install": {
    text: "Debian 패키지를 설치합니다. -y는 빌드 중에 아무도 대답할 수 없는 질문에 답합니다. 베이스 이미지에는 패키지 목록이 없으니 같은 RUN에서 바로 앞에 apt-get update가 있어야 합니다.",
  },
  "idiom:no-install-recommends": {
    text: "권장될 뿐 꼭 필요하지는 않은 패키지를 빼서 이미지를 작게 합니다.",
  },
  "idiom:remove-apt-lists": {
    text: "패키지 목록을 다시 지웁니다. 같은 RUN 안에서만 소용이 있습니다. 앞 레이어에 들어간 것은 뒤 레이어가 지워도 이미지에 남기 때문입니다.",
  },
  "idiom:apk-add": {
    text: "Alpine에서 패키지를 설치합니다. --no-cache를 쓰면 패키지 목록이 이미지에 남지 않습니다.",
  },
  "idiom:pip-install": {
    text: "Python 패키지를 설치합니다. --no-cache-dir을 쓰면 내려받은 파일이 이미지에 남지 않습니다. 캐시 마운트를 쓰면 이미지 밖에 두었다가 다음 빌드에 다시 씁니다.",
  },
  "idiom:npm-install": {
    text: "Node 패키지를 설치합니다. npm ci는 package-lock.json에 적힌 그대로 설치하고, 두 파일이 맞지 않으면 실패합니다.",
  },
  "idiom:set-options": {
    text: "셸을 엄격하게 합니다. -e는 명령이 실패하면, -u는 없는 변수를 쓰면 끝내고, -x는 실행하는 명령을 보여 줍니다.",
  },
  "idiom:pipefail": {
    text: "이 옵션이 없으면 파이프의 앞부분이 실패해도 마지막 명령만 성공하면 성공으로 봅니다. bash의 옵션이므로 SHELL에서 bash를 정해야 합니다.",
  },
  "idiom:and-chain": {
    text: "앞의 명령이 성공했을 때만 다음 명령을 실행합니다. 한 RUN의 명령들은 레이어 하나가 되므로, 끝에서 지운 것은 이미지에 남지 않습니다.",
  },
  "idiom:curl-to-shell": {
    text: "서버가 보내는 것을 무엇이든 root로 실행합니다. 파일을 내려받아 체크섬을 확인한 뒤(ADD --checksum) 실행하는 편이 안전합니다.",
  },
  "idiom:chmod-executable": {
    text: "파일을 실행할 수 있게 합니다. COPY --chmod=755를 쓰면 같은 파일을 한 번 더 담은 레이어가 생기지 않습니다.",
  },
  "idiom:chmod-everything": {
    text: "누구나 쓸 수 있게 됩니다. 프로그램을 어느 사용자로 실행하느냐가 진짜 문제이며, USER와 COPY --chown으로 해결합니다.",
  },
  "idiom:add-user": { text: "사용자를 만듭니다. USER로 프로그램을 root 없이 실행할 수 있습니다." },
  "idiom:copy-everything": {
    text: "빌드 컨텍스트를 통째로 복사합니다. 파일이 하나만 바뀌어도 이 단계와 그 뒤가 모두 다시 실행되니, 잘 바뀌지 않는 것을 먼저 복사하세요. 필요 없는 파일은 .dockerignore로 뺍니다.",
    example: "COPY package*.json ./\nRUN npm ci\nCOPY . .",
  },
  "idiom:copy-manifest": {
    text: "다른 것보다 먼저 따로 복사합니다. 의존성 목록이 그대로인 동안에는 오래 걸리는 설치 단계가 캐시에서 나옵니다.",
  },
  "idiom:add-url": { text: "빌드하는 동안 내려받습니다. --checksum을 쓰면 여전히 같은 파일인지 확인합니다." },
  "idiom:scratch": {
    text: "빈 이미지입니다. 셸도 라이브러리도 파일도 없습니다. 정적으로 링크한 프로그램처럼 다른 것이 필요 없을 때 씁니다.",
  },
  "idiom:latest-tag": {
    text: "태그가 없으면 latest, 곧 마지막으로 올라온 이미지를 뜻합니다. node:18처럼 태그를 쓰면 내일의 빌드도 오늘과 같아집니다.",
  },
  "idiom:digest": { text: "다이제스트는 이미지의 내용 자체를 가리킵니다. 태그와 달리 뜻이 바뀌지 않습니다." },
  "idiom:stage-name": {
    text: "스테이지에 이름을 붙일 수 있습니다. 다른 스테이지가 그 파일을 가져오거나(COPY --from) 그 위에 서고(FROM), 빌드의 대상으로 고를 수도 있습니다. 대상에 필요 없는 스테이지는 빌드하지 않습니다.",
    example: "FROM gcc AS build",
  },
  "idiom:exec-form": {
    text: "JSON 목록으로 쓴 exec 형식입니다. 셸 없이 프로그램을 바로 시작합니다. 큰따옴표만 쓸 수 있고 변수는 바뀌지 않으며, 시그널이 프로그램에 전해집니다.",
    example: 'CMD ["node", "app.js"]',
  },
  "idiom:shell-form": {
    text: "셸 형식입니다. /bin/sh -c가 시작하므로 변수와 &&를 쓸 수 있습니다. 그 대신 셸이 1번 프로세스가 되어 중지 시그널을 전하지 않을 때가 많습니다.",
  },
  "idiom:here-document": {
    text: "히어독입니다. 끝내는 단어가 나올 때까지의 줄들이 RUN의 스크립트나 COPY가 쓸 파일의 내용이 됩니다. 단어를 따옴표로 감싸지 않으면 변수가 바뀝니다.",
    example: "COPY <<EOF /etc/motd\nHello from $HOSTNAME\nEOF",
  },
  "idiom:variable": { text: `ARG나 ENV의 변수입니다. \${NAME:-text}는 값이 없을 때 text가 됩니다.` },
  "idiom:exec-arguments": {
    text: "시작 스크립트의 끝에 자주 나옵니다. 셸이 컨테이너의 명령으로 바뀌고, 그 명령이 1번 프로세스가 되어 시그널을 받습니다.",
  },
  "idiom:nginx-foreground": {
    text: "컨테이너는 주 프로세스가 살아 있는 동안만 삽니다. nginx가 뒤로 물러나면 컨테이너도 끝나므로, 앞에서 돌게 합니다.",
  },
  "idiom:non-interactive": {
    text: "패키지 관리자가 질문하지 않게 합니다. ENV로 쓰면 컨테이너에도 남으니, 명령 앞에 쓰거나 ARG로 쓰면 빌드하는 동안에만 통합니다.",
  },
  "idiom:unbuffered-python": {
    text: "Python이 출력을 모으지 않고 바로 내보내, 터미널과 로그에 제때 보입니다.",
  },
  "idiom:secret-file": {
    text: "--mount=type=secret으로 받은 비밀 값이 이 RUN 동안만 놓이는 곳입니다.",
  },
} as const satisfies Readonly<Record<Extract<Topic, `idiom:${string}`>, Explanation>>;
