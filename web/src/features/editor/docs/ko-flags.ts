import type { Topic } from "@slipway/dockerfile";
import type { Explanation } from "./docs.ts";

const OWNER =
  "복사한 파일의 소유자를 user:group 꼴로, 이름이나 번호로 정합니다. 쓰지 않으면 root의 것입니다.";
const MODE = "복사한 파일의 권한입니다. 8진수나 chmod의 기호로 씁니다. 실행할 스크립트에는 755가 필요합니다.";
const LINK =
  "복사한 파일을 아래 레이어에 기대지 않는 레이어로 만듭니다. 베이스 이미지가 바뀌어도 이 레이어는 그대로 다시 쓸 수 있습니다.";
const EXCLUDE = "복사하지 않을 파일의 패턴입니다. .dockerignore와 같은 방식이며 여러 번 쓸 수 있습니다.";

/** 플래그와 RUN --mount의 종류. */
export const koFlags = {
  "flag:FROM.platform": {
    text: "베이스 이미지의 플랫폼입니다. 다른 종류의 프로세서를 위한 이미지를 빌드할 때 씁니다. $BUILDPLATFORM은 빌드하는 머신의 플랫폼입니다.",
    example: "FROM --platform=$BUILDPLATFORM golang AS build",
  },
  "flag:RUN.mount": {
    text: "이 명령 하나에만 파일을 쓸 수 있게 해 주고 이미지에는 남기지 않습니다. 캐시, 비밀 값, 다른 스테이지의 파일 같은 것입니다.",
    example: "RUN --mount=type=cache,target=/root/.npm npm ci",
  },
  "flag:RUN.network": {
    text: "이 명령이 쓸 네트워크입니다. none으로 하면 아무것도 내려받지 않는다는 것이 확실해집니다.",
    example: "RUN --network=none make",
  },
  "flag:RUN.security": {
    text: "명령을 평소의 격리 안에서 실행할지 정합니다. 여기에서는 insecure를 쓸 수 없습니다.",
  },
  "flag:RUN.device": { text: "명령에 머신의 장치를 줍니다. 여기에서는 지원하지 않습니다." },
  "flag:COPY.from": {
    text: "빌드 컨텍스트 대신 다른 스테이지(이름이나 번호) 또는 이미지에서 파일을 가져옵니다. 큰 이미지에서 만든 결과만 작은 이미지에 담을 때 씁니다.",
    example: "COPY --from=build /app/hello /hello",
  },
  "flag:COPY.chown": { text: OWNER, example: "COPY --chown=node:node . /app" },
  "flag:COPY.chmod": { text: MODE, example: "COPY --chmod=755 start.sh /" },
  "flag:COPY.link": { text: LINK },
  "flag:COPY.parents": {
    text: "원본까지의 디렉터리를 그대로 둡니다. a/b/c.txt는 a/b/c.txt로 복사됩니다.",
    example: "COPY --parents src/*/package.json ./",
  },
  "flag:COPY.exclude": { text: EXCLUDE, example: "COPY --exclude=*.md . /app" },
  "flag:ADD.chown": { text: OWNER },
  "flag:ADD.chmod": { text: MODE },
  "flag:ADD.link": { text: LINK },
  "flag:ADD.exclude": { text: EXCLUDE },
  "flag:ADD.checksum": {
    text: "내려받은 내용이 무엇이어야 하는지 정합니다. 서버가 다른 것을 보내면 빌드가 실패합니다.",
    example: "ADD --checksum=sha256:24454f83… https://example.com/tool.tar.gz /",
  },
  "flag:ADD.keep-git-dir": { text: "저장소를 더할 때 .git 디렉터리도 남깁니다." },
  "flag:ADD.unpack": {
    text: "압축 파일을 풀지 정합니다. 쓰지 않으면 로컬 파일은 풀고 내려받은 파일은 풀지 않습니다.",
  },
  "flag:HEALTHCHECK.interval": { text: "검사와 검사 사이의 시간입니다. 기본값은 30s입니다." },
  "flag:HEALTHCHECK.timeout": { text: "검사가 이보다 오래 걸리면 실패로 봅니다. 기본값은 30s입니다." },
  "flag:HEALTHCHECK.start-period": {
    text: "프로그램이 시작하는 데 주는 시간입니다. 그동안 실패한 검사는 세지 않습니다.",
  },
  "flag:HEALTHCHECK.start-interval": { text: "시작하는 동안의 검사 간격입니다. 기본값은 5s입니다." },
  "flag:HEALTHCHECK.retries": {
    text: "잇달아 이만큼 실패하면 컨테이너를 비정상으로 봅니다. 기본값은 3입니다.",
  },
  "mount:bind": {
    text: "type=bind: 컨텍스트나 from에 쓴 스테이지, 이미지의 파일을 이 명령에서 볼 수 있습니다. 바꾼 것은 남지 않습니다.",
    example: "RUN --mount=type=bind,target=/src make -C /src install",
  },
  "mount:cache": {
    text: "type=cache: 빌드가 끝나도 남는 디렉터리입니다. 매번 다시 내려받을 것을 여기에 둡니다. 이미지에는 들어가지 않습니다.",
    example: "RUN --mount=type=cache,target=/root/.cache/pip pip install -r requirements.txt",
  },
  "mount:tmpfs": { text: "type=tmpfs: 메모리에 있는 빈 디렉터리입니다. 명령이 끝나면 사라집니다." },
  "mount:secret": {
    text: "type=secret: 이 빌드의 비밀 값을 /run/secrets 아래의 파일로 보여 줍니다. 레이어에도 로그에도 남지 않습니다. 값은 빌드 옵션에서 입력합니다.",
    example: "RUN --mount=type=secret,id=token cat /run/secrets/token",
  },
  "mount:ssh": {
    text: "type=ssh: 명령이 이 빌드의 ssh 키를 보지 않고 쓸 수 있습니다. 비공개 저장소를 복제할 때 씁니다.",
  },
} as const satisfies Readonly<Record<Extract<Topic, `flag:${string}` | `mount:${string}`>, Explanation>>;
