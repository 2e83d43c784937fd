/** The common failures of builds in plain words: why it failed, and what to do. `{name}` is what the failure is about. */
export const enExplanations = {
  title: "What this means",
  fix: "What to do",
  kind: {
    "apt-without-update": {
      why: "Base images come without the lists of packages, so apt does not know {name} yet.",
      fix: "Fetch the lists in the same instruction: RUN apt-get update && apt-get install -y {name}",
    },
    "apt-package-unknown": {
      why: "apt has fetched its lists, and there is no package called {name} in them.",
      fix: "Check the spelling. A command and its package may have different names: open a terminal before this step and try apt-cache search.",
    },
    "apt-not-confirmed": {
      why: "apt asks before it installs, and nobody can answer during a build.",
      fix: "Let it take yes for granted: apt-get install -y",
    },
    "apk-package-unknown": {
      why: "Alpine has no package called {name}.",
      fix: "Check the spelling. Packages of Alpine often have other names than those of Debian.",
    },
    "apk-stand-in": {
      why: "Alpine could not be fetched, so a small image stands in for it, which has no packages.",
      fix: "Start from Debian instead: FROM debian:bookworm-slim, with apt-get instead of apk.",
    },
    "copy-outside": {
      why: "A build sees only the files of this playground. {name} lies outside of them.",
      fix: "Put the file into the playground and write its path from there, without “..”.",
    },
    "copy-ignored": {
      why: "{name} is among the files, but line {line} of .dockerignore leaves it out of builds: {rule}",
      fix: "Take that line out, or bring the file back with a later line: !{name}",
    },
    "copy-missing": {
      why: "There is no {name} among the files of this playground. Large and small letters are different.",
      fix: "Check the name in the list of files. Paths start at the Dockerfile’s own directory.",
    },
    "copy-missing-in-stage": {
      why: "The stage or image {stage} has no {name}.",
      fix: "Look where the other stage puts it: open a terminal after the last step of that stage.",
    },
    "from-stage-unknown": {
      why: "No stage before this one is called {name}, so it was taken for the name of an image, and there is none either.",
      fix: "Write the name exactly as after AS in the FROM of the stage that you mean.",
    },
    "image-unknown": {
      why: "There is no image called {name}, or it is not for everybody.",
      fix: "Check the name. Images of people and companies have theirs in front: name/image.",
    },
    "tag-unknown": {
      why: "{name} could not be found. The part after the colon is the tag, and an image has only the tags that its makers gave it.",
      fix: "Check name and tag, or leave the tag out to get latest.",
    },
    "image-unreachable": {
      why: "The registry of {name} can’t be reached from here, and the image is not on this machine.",
      fix: "Try one of the images that are here, such as debian, node, python, nginx or busybox.",
    },
    "login-needed": {
      why: "The registry gives {name} only to those who are logged in, or there is no such image: registries answer the same to both.",
      fix: "Check the name, then log in to the registry.",
    },
    "target-unknown": {
      why: "The build options name a target stage that the Dockerfile does not have.",
      fix: "Choose another target in the build options, or name a stage so: FROM … AS {name}",
    },
    "user-unknown": {
      why: "USER or --chown names {name}, and /etc/passwd of the image does not know it.",
      fix: "Make the user before: RUN useradd {name} on Debian, RUN adduser -D {name} on busybox and Alpine. A number works without.",
    },
    "secret-missing": {
      why: "The instruction wants a secret with the id {name}, and this build was given none.",
      fix: "Give it in the build options. It is forgotten after the build and never gets into the image.",
    },
    "dockerfile-syntax": {
      why: "A Dockerfile is read line by line, and each begins with an instruction such as FROM, RUN or COPY. This one can’t be read.",
      fix: "Look at the marked line. A long command goes on in the next line only after a \\ at its end.",
    },
    "needs-root": {
      why: "Only root may do this, and the step runs as another user.",
      fix: "Do it above the USER instruction, or switch back with USER root for this step.",
    },
    "permission-denied": {
      why: "The user of this step may not do that with {name}.",
      fix: "If there is a USER above, do it before, or give the files away with COPY --chown. A script has to be executable: RUN chmod +x {name}",
    },
    "script-not-executable": {
      why: "{name} is there, but the file is not marked as a program.",
      fix: "Mark it: COPY --chmod=755 …, or RUN chmod +x {name}. Or start it by its interpreter: RUN sh {name}",
    },
    "exec-format": {
      why: "The program was made for another kind of processor, or it is a script whose first line does not say what runs it.",
      fix: "Get the program for this machine (amd64), or begin the script with #!/bin/sh.",
    },
    "line-ends": {
      why: "The script was saved with the line ends of Windows. An invisible character belongs to the name of its interpreter then.",
      fix: "Save it with line ends of Unix (LF), or take them out: RUN sed -i 's/\\r$//' {name}",
    },
    "command-unknown": {
      why: "The image holds no program called {name}. Base images hold very little.",
      fix: "Check the spelling, or install it in a step before. On Debian: RUN apt-get update && apt-get install -y …",
    },
    "path-unknown": {
      why: "There is no {name}, or its first line names an interpreter that is not there. The line ends of Windows do that too: an invisible character belongs to the name then.",
      fix: "Check the path. If the file is there, look at its first line, and save it with line ends of Unix (LF).",
    },
    "program-missing": {
      why: "The list form starts its first word as a program, and the image has none called {name}.",
      fix: 'Check the spelling, or install it. Each word is an entry of its own: ["npm", "install"]',
    },
    "json-form": {
      why: "The list form takes JSON: words in double quotes, each an entry of its own. Anything else is given to a shell as it stands.",
      fix: 'Write ["echo", "hello"], or a plain command without brackets: RUN echo hello',
    },
    "shell-missing": {
      why: "RUN needs a shell in the image, and this one has no /bin/sh. An image from scratch is empty.",
      fix: "Do the work in a stage before that has a shell, and copy the result: COPY --from=…",
    },
    "shell-syntax": {
      why: "The shell can’t read the command: something is not closed, or a word is missing.",
      fix: "Look for an open quote, if without fi, for without do and done. In a Dockerfile a line goes on only after a \\.",
    },
    "file-missing": {
      why: "The command looks for {name}, and there is no such file at this point of the build.",
      fix: "Copy it in a step before, and mind WORKDIR: paths without a slash in front start there.",
    },
    "npm-package-unknown": {
      why: "npm knows no package {name}.",
      fix: "Check the name and the version in package.json.",
    },
    "npm-manifest-missing": {
      why: "npm works with a package.json, and there is none in the directory of this step.",
      fix: "Copy it before: COPY package*.json ./ and mind WORKDIR.",
    },
    "npm-lock-missing": {
      why: "npm ci installs exactly what package-lock.json says, and there is none that fits.",
      fix: "Copy package-lock.json as well, or use npm install.",
    },
    "npm-script-missing": {
      why: "package.json has no script called {name}.",
      fix: "Look at “scripts” in package.json; npm run lists them.",
    },
    "npm-conflict": {
      why: "Two packages want different versions of a third, so npm finds no set that fits.",
      fix: "Bring the versions in package.json into line. The output names the two.",
    },
    "npm-in-root": {
      why: "npm does not install into the root directory of an image, which is where a step runs without WORKDIR.",
      fix: "Name a directory before: WORKDIR /app",
    },
    "npm-failed": {
      why: "npm has given up. The lines that begin with “npm error” say why.",
      fix: "Read the first of them. With a terminal before this step you can try npm by hand.",
    },
    "node-module-missing": {
      why: "Node can’t find {name}: it is neither installed nor copied.",
      fix: "Install packages in a step before (COPY package*.json ./, RUN npm install), and mind where your files lie.",
    },
    "pip-package-unknown": {
      why: "pip finds no {name} that fits this Python.",
      fix: "Check the spelling and the version.",
    },
    "pip-requirements-missing": {
      why: "There is no {name} at this point of the build.",
      fix: "Copy it before: COPY {name} . and mind WORKDIR.",
    },
    "pip-managed": {
      why: "This Python belongs to Debian, which does not want pip to change it.",
      fix: "Make an environment of your own: RUN python3 -m venv /venv && /venv/bin/pip install … Or begin with FROM python.",
    },
    "python-module-missing": {
      why: "Python can’t find the module {name}.",
      fix: "Install it in a step before: RUN pip install {name}",
    },
    "compiler-error": {
      why: "The compiler does not accept {name}. The output names line and column.",
      fix: "Correct the first error: the others often follow from it.",
    },
    "compiler-header-missing": {
      why: "The compiler looks for {name}, which belongs to a library that is not installed.",
      fix: "Install its development package, on Debian usually lib…-dev.",
    },
    "linker-error": {
      why: "The code was compiled, but {name} is defined nowhere.",
      fix: "Compile the file that holds it as well, or name its library: -l…, after the sources.",
    },
    "make-target-missing": {
      why: "make finds no rule for what it should do, or no Makefile at all.",
      fix: "Copy the Makefile before, and mind WORKDIR.",
    },
    "disk-full": {
      why: "The build has written as much as a build may write.",
      fix: "Write less, and tidy in the same instruction that makes the mess: a later rm frees nothing.",
    },
    memory: {
      why: "The command needed more memory than a build may have, and the kernel ended it.",
      fix: "Let it do less at once, for example make -j1, or NODE_OPTIONS=--max-old-space-size=1024.",
    },
    killed: {
      why: "The command was killed, most often because memory ran out.",
      fix: "Let it do less at once.",
    },
    processes: {
      why: "The command started more processes than a build may have.",
      fix: "Let it do less at once, for example make -j2.",
    },
    "name-lookup": {
      why: "The name of a server could not be looked up. Either it does not exist, or this step has no network.",
      fix: "Check the address. RUN --network=none takes the network away, and an operator may allow the sources of packages only.",
    },
    "no-connection": {
      why: "The server could not be reached.",
      fix: "Check address and port. An operator may allow the sources of packages only.",
    },
    "download-missing": {
      why: "The server answers, but there is nothing at this address.",
      fix: "Check the address: version, letters, ending.",
    },
    certificate: {
      why: "The other end could not prove who it is: certificates are missing here, or it is not who it says.",
      fix: "On Debian: RUN apt-get update && apt-get install -y ca-certificates",
    },
    "port-taken": {
      why: "Port {name} is in use already, by another program of the same step.",
      fix: "A server belongs into CMD, not into RUN: a build waits for every command to end.",
    },
    timeout: {
      why: "The build took longer than a build may. Often a command waits for an answer, or is a server that never ends.",
      fix: "Servers belong into CMD. Give commands flags like -y, so that they ask nothing.",
    },
  },
} as const;

export type ExplanationKind = keyof typeof enExplanations.kind;

interface Words {
  readonly why: string;
  readonly fix: string;
}

export const koExplanations = {
  title: "무슨 뜻인가요",
  fix: "이렇게 해 보세요",
  kind: {
    "apt-without-update": {
      why: "베이스 이미지에는 패키지 목록이 들어 있지 않아서 apt가 아직 {name} 패키지를 모릅니다.",
      fix: "같은 명령에서 목록을 먼저 받으세요: RUN apt-get update && apt-get install -y {name}",
    },
    "apt-package-unknown": {
      why: "apt가 받은 목록에 {name}이라는 패키지가 없습니다.",
      fix: "철자를 확인하세요. 명령과 패키지의 이름이 다를 수도 있습니다. 이 단계 앞에서 터미널을 열고 apt-cache search로 찾아보세요.",
    },
    "apt-not-confirmed": {
      why: "apt는 설치하기 전에 물어보는데, 빌드 중에는 대답할 사람이 없습니다.",
      fix: "묻지 않게 하세요: apt-get install -y",
    },
    "apk-package-unknown": {
      why: "Alpine에 {name}이라는 패키지가 없습니다.",
      fix: "철자를 확인하세요. Alpine의 패키지는 Debian과 이름이 다른 경우가 많습니다.",
    },
    "apk-stand-in": {
      why: "Alpine을 가져올 수 없어서 작은 이미지가 그 자리를 대신하고 있으며, 여기에는 패키지가 없습니다.",
      fix: "Debian에서 시작하세요: FROM debian:bookworm-slim, 그리고 apk 대신 apt-get을 씁니다.",
    },
    "copy-outside": {
      why: "빌드는 이 플레이그라운드의 파일만 볼 수 있습니다. {name} 경로는 그 밖에 있습니다.",
      fix: "파일을 플레이그라운드에 넣고, “..” 없이 그 안의 경로로 쓰세요.",
    },
    "copy-ignored": {
      why: "{name} 파일은 있지만 .dockerignore의 {line}번째 줄이 빌드에서 빼고 있습니다: {rule}",
      fix: "그 줄을 지우거나, 뒤에 다음 줄을 더해 다시 넣으세요: !{name}",
    },
    "copy-missing": {
      why: "이 플레이그라운드의 파일 중에 {name} 경로가 없습니다. 대문자와 소문자는 서로 다릅니다.",
      fix: "파일 목록에서 이름을 확인하세요. 경로는 Dockerfile이 있는 디렉터리에서 시작합니다.",
    },
    "copy-missing-in-stage": {
      why: "{stage} 스테이지나 이미지에 {name} 경로가 없습니다.",
      fix: "그 스테이지가 파일을 어디에 두는지 보세요. 그 스테이지의 마지막 단계 뒤에서 터미널을 열면 됩니다.",
    },
    "from-stage-unknown": {
      why: "이 앞에 {name}이라는 스테이지가 없어 이미지 이름으로 여겼는데, 그런 이미지도 없습니다.",
      fix: "가져오려는 스테이지의 FROM에서 AS 뒤에 적은 이름을 그대로 쓰세요.",
    },
    "image-unknown": {
      why: "{name}이라는 이미지가 없거나, 공개되지 않은 이미지입니다.",
      fix: "이름을 확인하세요. 개인이나 회사의 이미지는 앞에 이름이 붙습니다: 이름/이미지",
    },
    "tag-unknown": {
      why: "{name} 이미지를 찾을 수 없습니다. 콜론 뒤는 태그이며, 만든 사람이 붙인 태그만 있습니다.",
      fix: "이름과 태그를 확인하거나, 태그를 빼서 latest를 쓰세요.",
    },
    "image-unreachable": {
      why: "{name} 이미지의 레지스트리에 연결할 수 없고, 이 컴퓨터에도 이미지가 없습니다.",
      fix: "debian, node, python, nginx, busybox처럼 여기에 있는 이미지를 써 보세요.",
    },
    "login-needed": {
      why: "레지스트리가 {name} 이미지를 로그인한 사람에게만 주거나, 그런 이미지가 없습니다. 두 경우의 대답이 같습니다.",
      fix: "이름을 확인한 다음 레지스트리에 로그인하세요.",
    },
    "target-unknown": {
      why: "빌드 옵션의 대상 스테이지가 Dockerfile에 없습니다.",
      fix: "빌드 옵션에서 다른 대상을 고르거나, 스테이지에 이름을 붙이세요: FROM … AS {name}",
    },
    "user-unknown": {
      why: "USER나 --chown이 {name} 사용자를 쓰는데, 이미지의 /etc/passwd에 없습니다.",
      fix: "먼저 사용자를 만드세요. Debian에서는 RUN useradd {name}, busybox와 Alpine에서는 RUN adduser -D {name}. 숫자는 그대로 쓸 수 있습니다.",
    },
    "secret-missing": {
      why: "이 명령은 id가 {name}인 시크릿이 필요한데, 이 빌드에는 주어지지 않았습니다.",
      fix: "빌드 옵션에서 넣으세요. 빌드가 끝나면 잊히고, 이미지에는 들어가지 않습니다.",
    },
    "dockerfile-syntax": {
      why: "Dockerfile은 한 줄씩 읽으며, 각 줄은 FROM, RUN, COPY 같은 명령으로 시작합니다. 이 줄은 읽을 수 없습니다.",
      fix: "표시된 줄을 보세요. 긴 명령은 줄 끝에 \\가 있을 때만 다음 줄로 이어집니다.",
    },
    "needs-root": {
      why: "root만 할 수 있는 일인데, 이 단계는 다른 사용자로 실행됩니다.",
      fix: "USER 명령보다 위에서 하거나, 이 단계만 USER root로 되돌리세요.",
    },
    "permission-denied": {
      why: "이 단계의 사용자는 {name}에 그렇게 할 권한이 없습니다.",
      fix: "위에 USER가 있다면 그보다 먼저 하거나, COPY --chown으로 파일을 넘겨주세요. 스크립트는 실행할 수 있어야 합니다: RUN chmod +x {name}",
    },
    "script-not-executable": {
      why: "{name} 파일은 있지만 프로그램으로 표시되어 있지 않습니다.",
      fix: "표시하세요: COPY --chmod=755 …, 또는 RUN chmod +x {name}. 해석기로 시작해도 됩니다: RUN sh {name}",
    },
    "exec-format": {
      why: "다른 종류의 프로세서를 위한 프로그램이거나, 첫 줄에 무엇으로 실행할지 적지 않은 스크립트입니다.",
      fix: "이 컴퓨터(amd64)용 프로그램을 받거나, 스크립트를 #!/bin/sh로 시작하세요.",
    },
    "line-ends": {
      why: "스크립트가 Windows의 줄 끝으로 저장되었습니다. 그래서 보이지 않는 문자가 해석기 이름에 붙습니다.",
      fix: "Unix 줄 끝(LF)으로 저장하거나, 빼내세요: RUN sed -i 's/\\r$//' {name}",
    },
    "command-unknown": {
      why: "이미지에 {name}이라는 프로그램이 없습니다. 베이스 이미지에는 아주 적은 것만 들어 있습니다.",
      fix: "철자를 확인하거나, 앞 단계에서 설치하세요. Debian에서는: RUN apt-get update && apt-get install -y …",
    },
    "path-unknown": {
      why: "{name} 파일이 없거나, 첫 줄에 적힌 해석기가 없습니다. Windows의 줄 끝도 그런 결과를 냅니다. 보이지 않는 문자가 이름에 붙기 때문입니다.",
      fix: "경로를 확인하세요. 파일이 있다면 첫 줄을 보고, Unix 줄 끝(LF)으로 저장하세요.",
    },
    "program-missing": {
      why: "목록 형식은 첫 단어를 프로그램으로 시작하는데, 이미지에 {name}이라는 것이 없습니다.",
      fix: '철자를 확인하거나 설치하세요. 단어마다 따로 적습니다: ["npm", "install"]',
    },
    "json-form": {
      why: "목록 형식은 JSON입니다. 단어마다 큰따옴표로 감싸 따로 적어야 하며, 그렇지 않으면 그대로 셸에 넘어갑니다.",
      fix: '["echo", "hello"]처럼 쓰거나, 대괄호 없이 명령을 쓰세요: RUN echo hello',
    },
    "shell-missing": {
      why: "RUN에는 이미지 안의 셸이 필요한데, 이 이미지에는 /bin/sh가 없습니다. scratch에서 시작한 이미지는 비어 있습니다.",
      fix: "셸이 있는 앞 스테이지에서 작업하고 결과를 복사하세요: COPY --from=…",
    },
    "shell-syntax": {
      why: "셸이 명령을 읽을 수 없습니다. 닫히지 않은 것이 있거나 단어가 빠졌습니다.",
      fix: "닫지 않은 따옴표, fi 없는 if, do와 done 없는 for를 찾아보세요. Dockerfile에서는 \\ 뒤에서만 줄이 이어집니다.",
    },
    "file-missing": {
      why: "명령이 {name} 파일을 찾는데, 빌드의 이 시점에는 없습니다.",
      fix: "앞 단계에서 복사하고 WORKDIR를 확인하세요. 슬래시로 시작하지 않는 경로는 거기에서 시작합니다.",
    },
    "npm-package-unknown": {
      why: "npm이 {name}이라는 패키지를 모릅니다.",
      fix: "package.json의 이름과 버전을 확인하세요.",
    },
    "npm-manifest-missing": {
      why: "npm에는 package.json이 필요한데, 이 단계의 디렉터리에 없습니다.",
      fix: "먼저 복사하세요: COPY package*.json ./ 그리고 WORKDIR를 확인하세요.",
    },
    "npm-lock-missing": {
      why: "npm ci는 package-lock.json에 적힌 그대로 설치하는데, 맞는 파일이 없습니다.",
      fix: "package-lock.json도 복사하거나 npm install을 쓰세요.",
    },
    "npm-script-missing": {
      why: "package.json에 {name}이라는 스크립트가 없습니다.",
      fix: "package.json의 “scripts”를 보세요. npm run으로 목록을 볼 수 있습니다.",
    },
    "npm-conflict": {
      why: "두 패키지가 또 다른 패키지의 서로 다른 버전을 원해서 맞는 조합이 없습니다.",
      fix: "package.json의 버전을 서로 맞추세요. 출력에 두 패키지의 이름이 나옵니다.",
    },
    "npm-in-root": {
      why: "npm은 이미지의 루트 디렉터리에 설치하지 않습니다. WORKDIR가 없으면 단계는 거기에서 실행됩니다.",
      fix: "먼저 디렉터리를 정하세요: WORKDIR /app",
    },
    "npm-failed": {
      why: "npm이 실패했습니다. “npm error”로 시작하는 줄에 이유가 있습니다.",
      fix: "그중 첫 줄을 읽어 보세요. 이 단계 앞에서 터미널을 열면 npm을 직접 실행해 볼 수 있습니다.",
    },
    "node-module-missing": {
      why: "Node가 {name} 모듈을 찾지 못합니다. 설치되지도 복사되지도 않았습니다.",
      fix: "앞 단계에서 패키지를 설치하고(COPY package*.json ./, RUN npm install), 파일이 어디에 있는지 확인하세요.",
    },
    "pip-package-unknown": {
      why: "pip이 이 Python에 맞는 {name} 패키지를 찾지 못합니다.",
      fix: "철자와 버전을 확인하세요.",
    },
    "pip-requirements-missing": {
      why: "빌드의 이 시점에는 {name} 파일이 없습니다.",
      fix: "먼저 복사하세요: COPY {name} . 그리고 WORKDIR를 확인하세요.",
    },
    "pip-managed": {
      why: "이 Python은 Debian의 것이며, Debian은 pip이 바꾸는 것을 막습니다.",
      fix: "가상 환경을 만드세요: RUN python3 -m venv /venv && /venv/bin/pip install … 또는 FROM python으로 시작하세요.",
    },
    "python-module-missing": {
      why: "Python이 {name} 모듈을 찾지 못합니다.",
      fix: "앞 단계에서 설치하세요: RUN pip install {name}",
    },
    "compiler-error": {
      why: "컴파일러가 {name} 파일을 받아들이지 않습니다. 출력에 줄과 칸이 나옵니다.",
      fix: "첫 번째 오류부터 고치세요. 나머지는 거기에서 비롯된 경우가 많습니다.",
    },
    "compiler-header-missing": {
      why: "컴파일러가 {name} 파일을 찾는데, 설치되지 않은 라이브러리의 것입니다.",
      fix: "개발용 패키지를 설치하세요. Debian에서는 보통 lib…-dev입니다.",
    },
    "linker-error": {
      why: "컴파일은 되었지만 {name}이 어디에도 정의되어 있지 않습니다.",
      fix: "그것이 들어 있는 파일도 함께 컴파일하거나, 라이브러리를 소스 뒤에 적으세요: -l…",
    },
    "make-target-missing": {
      why: "make가 할 일에 맞는 규칙을 찾지 못했거나, Makefile이 없습니다.",
      fix: "먼저 Makefile을 복사하고 WORKDIR를 확인하세요.",
    },
    "disk-full": {
      why: "빌드가 쓸 수 있는 만큼 다 썼습니다.",
      fix: "덜 쓰고, 지울 것은 만든 명령 안에서 지우세요. 나중에 rm을 해도 공간은 돌아오지 않습니다.",
    },
    memory: {
      why: "명령이 빌드에 허용된 것보다 많은 메모리를 써서 커널이 종료했습니다.",
      fix: "한 번에 하는 일을 줄이세요. 예를 들어 make -j1, 또는 NODE_OPTIONS=--max-old-space-size=1024.",
    },
    killed: {
      why: "명령이 강제로 종료되었습니다. 메모리가 모자란 경우가 가장 많습니다.",
      fix: "한 번에 하는 일을 줄이세요.",
    },
    processes: {
      why: "명령이 빌드에 허용된 것보다 많은 프로세스를 시작했습니다.",
      fix: "한 번에 하는 일을 줄이세요. 예를 들어 make -j2.",
    },
    "name-lookup": {
      why: "서버의 이름을 찾을 수 없습니다. 그런 이름이 없거나, 이 단계에 네트워크가 없습니다.",
      fix: "주소를 확인하세요. RUN --network=none은 네트워크를 없애며, 운영자가 패키지 저장소만 허용했을 수도 있습니다.",
    },
    "no-connection": {
      why: "서버에 연결할 수 없습니다.",
      fix: "주소와 포트를 확인하세요. 운영자가 패키지 저장소만 허용했을 수도 있습니다.",
    },
    "download-missing": {
      why: "서버는 대답하지만 이 주소에는 아무것도 없습니다.",
      fix: "주소를 확인하세요: 버전, 글자, 끝부분.",
    },
    certificate: {
      why: "상대가 누구인지 확인하지 못했습니다. 여기에 인증서가 없거나, 상대가 다른 서버입니다.",
      fix: "Debian에서는: RUN apt-get update && apt-get install -y ca-certificates",
    },
    "port-taken": {
      why: "포트 {name}은 같은 단계의 다른 프로그램이 이미 쓰고 있습니다.",
      fix: "서버는 RUN이 아니라 CMD에 둡니다. 빌드는 모든 명령이 끝나기를 기다립니다.",
    },
    timeout: {
      why: "빌드가 허용된 시간보다 오래 걸렸습니다. 명령이 대답을 기다리거나, 끝나지 않는 서버인 경우가 많습니다.",
      fix: "서버는 CMD에 두세요. 명령에는 -y 같은 옵션을 주어 묻지 않게 하세요.",
    },
  },
} as const satisfies {
  readonly title: string;
  readonly fix: string;
  readonly kind: Record<ExplanationKind, Words>;
};
