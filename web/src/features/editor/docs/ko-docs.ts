import type { Docs } from "./docs.ts";
import { koFlags } from "./ko-flags.ts";
import { koIdioms } from "./ko-idioms.ts";

/** 명령과 파서 지시문. 플래그와 관용구는 따로 있다. */
export const docs: Docs = {
  "instruction:FROM": {
    text: "베이스 이미지 위에 스테이지를 시작합니다. 그 이미지의 파일과 설정 위에 다음 명령들이 쌓입니다. 이 워커에 없는 이미지는 내려받습니다.",
    example: "FROM node:18 AS build",
  },
  "instruction:RUN": {
    text: "이미지를 빌드하는 동안 명령을 실행하고, 바뀐 파일을 새 레이어로 남깁니다. 컨테이너가 시작할 때 실행되는 것이 아닙니다. 그것은 CMD와 ENTRYPOINT의 일입니다.",
    example: "RUN apt-get update \\\n    && apt-get install -y curl",
  },
  "instruction:CMD": {
    text: "컨테이너가 기본으로 실행할 명령입니다. 컨테이너를 시작하는 사람이 바꿀 수 있습니다. ENTRYPOINT가 있으면 그 기본 인자가 됩니다. 한 스테이지에서 마지막 CMD만 쓰입니다.",
    example: 'CMD ["node", "app.js"]',
  },
  "instruction:LABEL": {
    text: "이미지에 대한 정보를 이름과 값으로 적어 둡니다. 만든 사람, 소스의 위치 같은 것입니다. 파일은 바뀌지 않습니다.",
    example: 'LABEL org.opencontainers.image.source="https://example.com/app"',
  },
  "instruction:MAINTAINER": {
    text: "만든 사람을 적습니다. 더 이상 쓰지 않으며, LABEL로 같은 내용을 적을 수 있습니다.",
    example: 'LABEL org.opencontainers.image.authors="Ann"',
  },
  "instruction:EXPOSE": {
    text: "안의 프로그램이 어느 포트에서 듣는지 알립니다. 이것만으로 포트가 열리지는 않으며, 사람과 도구를 위한 메모입니다. 무언가가 그 포트에서 들으면 Slipway가 터미널 옆에 포트를 보여 줍니다.",
    example: "EXPOSE 8080",
  },
  "instruction:ENV": {
    text: "환경 변수를 정합니다. 그 스테이지의 다음 명령들과 모든 컨테이너에서 쓸 수 있습니다. 이미지에 그대로 남아 누구나 읽을 수 있으니 비밀 값을 넣지 마세요.",
    example: "ENV NODE_ENV=production PORT=8080",
  },
  "instruction:ADD": {
    text: "COPY처럼 파일을 복사하면서 두 가지를 더 합니다. 로컬 tar 파일을 풀고, URL과 Git 저장소를 내려받습니다. 둘 다 필요 없다면 COPY를 쓰는 편이 뜻이 분명합니다.",
    example: "ADD site.tar.gz /srv/",
  },
  "instruction:COPY": {
    text: "빌드 컨텍스트나 다른 스테이지의 파일을 이미지로 복사합니다. 왼쪽 경로는 컨텍스트의 맨 위에서 시작합니다. 컨텍스트 밖의 파일과 .dockerignore가 제외한 파일은 복사할 수 없습니다.",
    example: "COPY package.json ./\nCOPY --from=build /app/dist ./dist",
  },
  "instruction:ENTRYPOINT": {
    text: "컨테이너가 언제나 시작하는 프로그램입니다. CMD나 이미지 이름 뒤에 쓴 것이 그 인자가 됩니다. JSON 목록으로 쓰면 셸 없이 바로 실행되어 중지 같은 시그널을 받습니다.",
    example: 'ENTRYPOINT ["node", "app.js"]',
  },
  "instruction:VOLUME": {
    text: "내용을 컨테이너의 쓰기 레이어 밖에 두는 디렉터리를 정합니다. 그 뒤의 빌드 단계가 거기에 쓴 것은 사라질 수 있으니 마지막에 씁니다.",
    example: "VOLUME /data",
  },
  "instruction:USER": {
    text: "다음 RUN 단계와 컨테이너를 실행할 사용자입니다. 쓰지 않으면 root입니다. root가 필요 없는 프로그램에는 root를 주지 않는 것이 좋습니다.",
    example: "USER node",
  },
  "instruction:WORKDIR": {
    text: "다음 명령들이 일하는, 그리고 컨테이너가 시작하는 디렉터리입니다. 없으면 만들어집니다. RUN 안의 cd는 그 RUN에서만 통합니다.",
    example: "WORKDIR /app",
  },
  "instruction:ARG": {
    text: "빌드하는 동안만 쓰는 변수입니다. 기본값은 --build-arg로 바꿀 수 있습니다. 컨테이너에는 남지 않습니다. 첫 FROM 앞에 쓴 것은 FROM에서만 쓸 수 있고, 스테이지에서 쓰려면 다시 선언합니다.",
    example: "ARG VERSION=18\nFROM node:$VERSION",
  },
  "instruction:ONBUILD": {
    text: "나중에 실행할 명령을 저장해 둡니다. 다른 Dockerfile이 이 이미지를 FROM에 쓸 때 실행됩니다.",
    example: "ONBUILD COPY . /app",
  },
  "instruction:STOPSIGNAL": {
    text: "컨테이너의 프로그램에 끝내 달라고 보낼 시그널입니다. 쓰지 않으면 SIGTERM입니다.",
    example: "STOPSIGNAL SIGQUIT",
  },
  "instruction:HEALTHCHECK": {
    text: "컨테이너 안에서 되풀이해 실행하는 명령입니다. 정상이면 0으로, 아니면 1로 끝나므로 멈춰 버린 프로그램을 알아챌 수 있습니다.",
    example: "HEALTHCHECK --interval=30s CMD curl -f http://localhost:8080/ || exit 1",
  },
  "instruction:SHELL": {
    text: "이 아래에서 셸 형식의 명령을 시작할 셸입니다. 쓰지 않으면 /bin/sh -c입니다.",
    example: 'SHELL ["/bin/bash", "-o", "pipefail", "-c"]',
  },
  "directive:syntax": {
    text: "Dockerfile 언어의 버전을 정합니다. 파일의 맨 위에 있어야 합니다. Slipway의 빌더는 docker/dockerfile:1의 언어를 압니다.",
    example: "# syntax=docker/dockerfile:1",
  },
  "directive:escape": {
    text: "줄을 이어 주는 글자를 \\에서 `로 바꿉니다. 경로에 \\를 쓰는 Windows용 Dockerfile에서 씁니다.",
    example: "# escape=`",
  },
  "directive:check": {
    text: "어떤 빌드 검사를 건너뛸지, 경고가 나오면 빌드를 실패시킬지 정합니다.",
    example: "# check=skip=JSONArgsRecommended;error=true",
  },
  ...koFlags,
  ...koIdioms,
};
