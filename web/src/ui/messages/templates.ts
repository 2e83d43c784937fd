/** The gallery on the start page. The broken ones say what happens, and what one learns from mending it. */
export const enTemplates = {
  title: "Or begin with something else",
  starts: "To build on",
  repairs: "To repair: broken on purpose",
  use: "Open {name}",
  learn: "You learn: {what}",
  node: {
    name: "Node.js server",
    text: "The example of Docker’s introductions: one file, one port, an answer with the container’s name.",
  },
  "docker-host": {
    name: "Docker host",
    text: "A terminal that takes docker commands, with docker-compose and the examples of Docker’s introductions in place.",
  },
  python: {
    name: "Python service",
    text: "A web service whose dependencies are installed in a step of their own, so that they come from the cache.",
  },
  "static-site": {
    name: "Static pages with nginx",
    text: "A folder of HTML and CSS, copied into the nginx image. The shortest way to a web page in a container.",
  },
  "multi-stage": {
    name: "C in two stages",
    text: "Compiled in a large image, run in an empty one: the result holds a single program and no shell.",
  },
  redis: {
    name: "Redis with settings",
    text: "A data store with its own configuration, a volume and a health check. Talk to it with redis-cli.",
  },
  "broken-copy": {
    name: "The file that is not there",
    text: "COPY does not find a file that you can see in the list.",
    learn: "what the build context is, and what .dockerignore does to it.",
  },
  "broken-package": {
    name: "The unknown package",
    text: "apt-get can’t locate a package that Debian has.",
    learn: "why apt-get update belongs into the same RUN as the install.",
  },
  "broken-stage": {
    name: "The lost stage",
    text: "COPY --from looks for an image that nobody has.",
    learn: "how stages are named, and what an unknown name means.",
  },
  "broken-script": {
    name: "The script that won’t start",
    text: "The image builds, and its container ends at once with “Permission denied”.",
    learn: "that files keep their permissions, and how COPY --chmod sets them.",
  },
} as const;

export const koTemplates = {
  title: "다른 것으로 시작하기",
  starts: "만들어 나가기",
  repairs: "고쳐 보기: 일부러 망가뜨린 것",
  use: "{name} 열기",
  learn: "배우는 것: {what}",
  node: {
    name: "Node.js 서버",
    text: "도커 입문서의 예제입니다. 파일 하나, 포트 하나로 컨테이너의 이름을 답합니다.",
  },
  "docker-host": {
    name: "Docker 호스트",
    text: "docker 명령을 입력하는 터미널입니다. docker-compose와 도커 입문서의 예제 파일이 들어 있습니다.",
  },
  python: {
    name: "Python 서비스",
    text: "의존성을 따로 설치해, 코드만 바뀌었을 때는 설치가 캐시에서 나오는 웹 서비스입니다.",
  },
  "static-site": {
    name: "nginx 정적 페이지",
    text: "HTML과 CSS 폴더를 nginx 이미지에 복사합니다. 컨테이너로 웹 페이지를 띄우는 가장 짧은 길입니다.",
  },
  "multi-stage": {
    name: "두 스테이지로 만드는 C",
    text: "큰 이미지에서 컴파일해 빈 이미지에서 실행합니다. 결과에는 셸도 없이 프로그램 하나만 있습니다.",
  },
  redis: {
    name: "설정을 담은 Redis",
    text: "설정 파일, 볼륨, 상태 검사가 있는 데이터 저장소입니다. redis-cli로 말을 걸어 보세요.",
  },
  "broken-copy": {
    name: "사라진 파일",
    text: "목록에는 보이는 파일을 COPY가 찾지 못합니다.",
    learn: "빌드 컨텍스트가 무엇이고 .dockerignore가 무엇을 빼는지.",
  },
  "broken-package": {
    name: "모르는 패키지",
    text: "Debian에 있는 패키지를 apt-get이 찾지 못합니다.",
    learn: "apt-get update를 왜 설치와 같은 RUN에 쓰는지.",
  },
  "broken-stage": {
    name: "길 잃은 스테이지",
    text: "COPY --from이 아무도 가지지 않은 이미지를 찾습니다.",
    learn: "스테이지에 이름을 붙이는 법과, 모르는 이름이 무엇을 뜻하는지.",
  },
  "broken-script": {
    name: "시작하지 않는 스크립트",
    text: "빌드는 되지만 컨테이너가 “Permission denied”로 바로 끝납니다.",
    learn: "파일의 권한이 그대로 복사된다는 것과, COPY --chmod로 정하는 법.",
  },
} as const;
