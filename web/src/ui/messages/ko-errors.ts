import type { ErrorCode } from "@slipway/protocol";

/** The sentences of en-errors.ts in Korean; placeholders follow the same rule. */
export const koErrors = {
  "dockerfile-invalid": "이 Dockerfile은 읽을 수 없습니다.",
  "dockerfile-missing": "Dockerfile이라는 이름의 파일이 없습니다. 추가한 뒤 다시 빌드하세요.",
  "instruction-unsupported":
    "{instruction, select, none {아직 지원하지 않는 명령이 Dockerfile에 있습니다.} other {{instruction} 명령은 아직 지원하지 않습니다.}}",
  "base-image-missing":
    "{reference, select, none {베이스 이미지를 찾을 수 없습니다.} other {베이스 이미지를 찾을 수 없습니다: {reference}. 이름과 태그를 확인하세요.}}",
  "base-image-failed":
    "{reference, select, none {베이스 이미지를 가져오지 못했습니다.} other {베이스 이미지를 가져오지 못했습니다: {reference}.}} 잠시 뒤 다시 시도하세요.",
  "ignore-file-invalid":
    "{path, select, none {.dockerignore의 패턴을 읽을 수 없습니다.} other {.dockerignore의 패턴을 읽을 수 없습니다({path}).}} 고친 뒤 다시 빌드하세요.",
  "copy-source-missing":
    "{path, select, none {복사할 파일이 없습니다.} other {{path} 파일이 이 플레이그라운드에 없어 복사할 수 없습니다.}}",
  "copy-source-outside":
    "{path, select, none {경로가 플레이그라운드 밖을 가리킵니다.} other {{path} 경로는 플레이그라운드 밖을 가리킵니다.}}",
  "context-invalid": "플레이그라운드의 파일을 빌드에 넘기지 못했습니다.",
  "context-too-large": "플레이그라운드의 파일이 빌드하기에 너무 큽니다.",
  "run-failed":
    "{limit, select, memory {명령이 빌드가 쓸 수 있는 메모리({allowed}바이트)보다 많이 써서 커널이 끝냈습니다.} pids {명령이 빌드가 가질 수 있는 프로세스 수({allowed}개)를 넘었습니다.} other {{exitCode, select, none {명령이 실패했습니다.} other {명령이 실패했습니다(종료 코드 {exitCode}).}} 이유는 출력에 있습니다.}}",
  "user-unknown":
    "{user, select, none {USER가 가리키는 사용자가 이미지에 없습니다.} other {{user} 사용자가 이미지에 없습니다.}}",
  "build-cancelled": "빌드를 취소했습니다.",
  "build-timeout": "빌드가 허용된 시간을 넘겨 멈췄습니다.",
  "build-disk-full":
    "{what, select, cache {이 플레이그라운드의 캐시 마운트가 가득 찼습니다(모두 합쳐 {limit}바이트까지). 다음 빌드 전에 정리됩니다.} other {{limit, select, none {빌드가 쓸 수 있는 디스크 용량을 넘었습니다.} other {빌드가 쓸 수 있는 디스크 용량을 넘었습니다: 모든 단계를 합쳐 {limit}바이트.}}}}",
  "build-log-too-large": "빌드 출력이 보관할 수 있는 양을 넘어 멈췄습니다.",
  "step-state-gone":
    "이 단계의 파일은 더 이상 보관되어 있지 않습니다. 다시 빌드하면 터미널을 열 수 있습니다.",
  "stage-missing":
    "{target, select, none {빌드할 단계가 없습니다.} other {Dockerfile에 {target} 단계가 없습니다.}}",
  "secret-missing":
    "{id, select, none {빌드에 필요한 비밀 값이 주어지지 않았습니다.} other {빌드에 필요한 비밀 값이 주어지지 않았습니다: {id}}}",
  "checksum-mismatch":
    "{source, select, none {가져온 파일이 --checksum과 다릅니다.} other {가져온 파일이 --checksum과 다릅니다: {source}}}",
  "fetch-failed":
    "{source, select, none {파일을 가져오지 못했습니다.} other {가져오지 못했습니다: {source}}}",
  "archive-invalid":
    "{path, select, none {압축 파일을 풀 수 없습니다.} other {압축 파일을 풀 수 없습니다: {path}}}",
  "entitlement-refused":
    "{what, select, none {이곳의 빌드에 허용되지 않는 권한을 Dockerfile이 요구합니다.} other {이곳의 빌드에서는 쓸 수 없습니다: {what}}}",
  "image-invalid":
    "{reference, select, none {이미지가 깨져 있습니다.} other {이미지가 깨져 있습니다: {reference}.}} 레지스트리가 보낸 내용이 약속한 것과 다릅니다.",
  "image-too-large":
    "{reference, select, none {이미지가 허용된 크기보다 큽니다.} other {이미지가 허용된 크기보다 큽니다: {reference}}}",
  "registry-unauthorized":
    "{registry, select, none {레지스트리에 로그인이 필요합니다.} other {{registry} 레지스트리에 로그인이 필요하거나 이 계정에 권한이 없습니다.}}",
  "registry-address-refused":
    "{registry, select, none {레지스트리 주소를 쓸 수 없습니다.} other {{registry} 레지스트리의 주소는 여기에서 쓸 수 없습니다.}}",
  "registry-unreachable":
    "{registry, select, none {레지스트리에 연결할 수 없습니다.} other {{registry} 레지스트리에 연결할 수 없습니다.}} 잠시 뒤 다시 시도하세요.",
  "registry-failed":
    "{registry, select, none {레지스트리의 응답을 이해할 수 없습니다.} other {{registry} 레지스트리의 응답을 이해할 수 없습니다.}}",
  "registry-busy":
    "{registry, select, none {레지스트리가 바쁩니다.} other {{registry} 레지스트리가 바쁩니다.}} 잠시 뒤 다시 시도하세요.",
  "registry-host-invalid":
    "{registry, select, none {레지스트리의 호스트 이름이 아닙니다.} other {{registry}: 레지스트리의 호스트 이름이 아닙니다.}} docker login에 쓰는 것처럼 registry.example이나 10.0.0.5:5000으로 쓰세요.",
  "registry-login-limit": "로그인할 수 있는 레지스트리 수를 다 썼습니다. 먼저 하나를 지우세요.",
  "platform-missing":
    "{reference, select, none {이 컴퓨터의 프로세서에 맞는 이미지가 아닙니다.} other {{reference} 이미지는 이 컴퓨터의 프로세서용이 아닙니다.}}",
  "image-in-use":
    "{reference, select, none {이미지를 사용하고 있습니다.} other {이미지를 사용하고 있습니다: {reference}}}",
  "store-full": "워커의 이미지 저장소가 가득 찼고 모두 사용 중입니다.",
  "file-missing":
    "{path, select, none {이미지에 그 파일이 없습니다.} other {이미지에 파일이 없습니다: {path}}}",
  "file-too-large":
    "{path, select, none {파일이 너무 커서 보여 줄 수 없습니다.} other {파일이 너무 커서 보여 줄 수 없습니다: {path}}}",
  "image-missing": "이미지가 더 이상 없습니다. 다시 빌드하세요.",
  "images-apart": "두 이미지가 서로 다른 워커에 있어 비교할 수 없습니다. 다시 빌드한 뒤 비교하세요.",
  "session-missing": "세션이 끝났습니다.",
  "terminal-missing": "터미널이 닫혔습니다.",
  "session-not-running": "세션이 실행 중이 아닙니다.",
  "session-files-gone": "세션에서 쓴 파일이 더 이상 보관되어 있지 않습니다.",
  "session-disk-full": "세션의 디스크가 가득 찼습니다. 컨테이너에서 무언가를 지우고 다시 시도하세요.",
  "container-path-missing":
    "{path, select, none {컨테이너에 그런 것이 없습니다.} other {컨테이너에 없습니다: {path}}}",
  "container-path-invalid":
    "{path, select, none {이 경로에는 이 작업을 할 수 없습니다.} other {컨테이너의 이 경로에는 할 수 없습니다: {path}}}",
  "upload-too-large":
    "{limit, select, none {파일이 너무 큽니다.} other {파일 하나는 {limit} MiB까지입니다.}} 더 큰 파일은 컨테이너 안에서 wget이나 curl로 받을 수 있습니다.",
  "download-too-large":
    "{limit, select, none {한 번에 내려받기에는 너무 많습니다.} other {한 번에 {limit} MiB, 파일 20,000개까지 내려받을 수 있습니다.}} 폴더 안으로 들어가 나누어 받으세요.",
  "recording-missing": "이 터미널에서 녹화한 것이 없습니다.",
  "link-missing": "이 링크는 더 이상 유효하지 않습니다. 만든 사람에게 새 링크를 요청하세요.",
  "link-limit": "이 세션에 만들 수 있는 링크를 모두 만들었습니다. 먼저 하나를 취소하세요.",
  "saved-image-limit":
    "이 플레이그라운드에 저장할 수 있는 이미지를 모두 저장했습니다. 먼저 하나를 삭제하세요.",
  "command-not-found":
    "{command, select, none {시작할 명령이 이미지에 없습니다.} other {이미지에 {command} 명령이 없어 시작할 수 없습니다.}}",
  "terminal-limit": "이 세션에서 열 수 있는 터미널을 모두 열었습니다.",
  "session-limit": "동시에 실행할 수 있는 세션 수를 모두 쓰고 있습니다. 하나를 중지하고 다시 실행하세요.",
  "container-missing": "이 세션에 그런 컨테이너가 없습니다.",
  "container-conflict": "컨테이너의 상태나 이름 때문에 지금은 할 수 없습니다.",
  "container-limit": "이 세션에는 컨테이너를 더 만들 수 없습니다.",
  "volume-limit": "이 세션에는 볼륨을 더 만들 수 없습니다.",
  "container-refused": "세션의 컨테이너에는 요청한 것을 줄 수 없습니다.",
  "network-missing": "이 세션에 그런 네트워크가 없습니다.",
  "build-limit":
    "한 시간에 시작할 수 있는 빌드를 모두 썼습니다{limit, select, none {} other {({limit}번)}}. 나중에 다시 해 보세요.",
  "ticket-invalid": "접속 티켓이 받아들여지지 않았습니다. 페이지를 새로 고치세요.",
  "ticket-expired": "접속 티켓이 만료되었습니다. 페이지를 새로 고치세요.",
  forbidden: "이것을 바꿀 권한이 없습니다.",
  "frame-refused": "다른 페이지 안에 표시되기를 원하지 않는 페이지입니다. 새 탭에서 열어 주세요.",
  "sign-in-failed": "이메일 주소나 비밀번호가 맞지 않습니다.",
  "sign-in-unavailable": "로그인 서비스가 지금 응답하지 않습니다. 잠시 뒤에 다시 해 보세요.",
  "email-taken": "이 주소로 만든 계정이 이미 있습니다. 로그인해 주세요.",
  "operator-code-wrong": "운영자 코드가 아닙니다.",
  "not-signed-in": "로그인이 풀렸습니다. 페이지를 새로 고치세요.",
  "user-missing": "그 계정이 이제 없습니다.",
  "playground-missing": "플레이그라운드가 없거나 다른 사람의 것입니다.",
  "playground-in-use": "이 플레이그라운드의 세션이나 빌드가 아직 진행 중입니다. 먼저 중지해 주세요.",
  "version-missing": "이 버전은 더 이상 없습니다. 버전이 많아지면 오래된 것부터 지워집니다.",
  "build-missing": "이 빌드는 더 이상 없습니다.",
  "file-name-invalid": "쓸 수 없는 파일 이름입니다.",
  "files-too-large":
    "{what, select, file {파일이 너무 큽니다. 파일 하나는 {limit}MiB까지 담을 수 있습니다.} text {텍스트가 너무 큽니다. 여기에서 편집하는 텍스트는 {limit}MiB까지입니다. 파일로 업로드하거나 크기를 줄여 주세요.} playground {너무 많습니다. 플레이그라운드의 파일은 모두 합해 {limit}MiB까지 담을 수 있습니다.} zip {zip 파일이 너무 큽니다. {limit}MiB까지 받을 수 있습니다.} files {너무 많습니다. 플레이그라운드에는 파일과 폴더를 {limit}개까지 담을 수 있습니다.} playgrounds {플레이그라운드는 {limit}개까지 만들 수 있습니다. 필요 없는 것을 지워 주세요.} other {파일 하나 또는 전체가 플레이그라운드에 담을 수 있는 크기를 넘었습니다.}}",
  "request-invalid": "서버가 요청을 이해하지 못했습니다. 페이지를 새로 고치고 다시 시도하세요.",
  "rate-limited": "요청이 너무 잦습니다. 잠시 기다렸다가 다시 시도하세요.",
  "no-worker": "지금 연결된 워커가 없습니다. 잠시 뒤 다시 시도하세요.",
  "worker-full": "지금은 빈자리가 없습니다. 잠시 뒤 다시 시도하세요.",
  "worker-busy": "워커가 바빠서 지금은 답할 수 없습니다. 잠시 뒤 다시 시도하세요.",
  "worker-missing": "그 워커가 이제 없습니다.",
  "worker-lost": "워커와의 연결이 끊어졌습니다.",
  "join-refused": "토큰이 맞지 않아 워커의 연결이 거절되었습니다.",
  "protocol-version": "페이지와 서버의 버전이 다릅니다. 페이지를 새로 고치세요.",
  "cgroups-missing": "이 서버에서는 컨테이너를 제한할 수 없습니다(cgroup 없음). 운영자에게 알려 주세요.",
  "overlay-missing": "이 서버에서는 레이어를 쌓을 수 없습니다(overlayfs 없음). 운영자에게 알려 주세요.",
  "idmap-missing":
    "이 서버에서는 컨테이너의 사용자를 분리할 수 없습니다(idmapped mount 없음). 운영자에게 알려 주세요.",
  "runtime-missing": "서버에 컨테이너 런타임이 없습니다. 운영자에게 알려 주세요.",
  "runtime-failed": "컨테이너 런타임이 컨테이너를 시작하지 못했습니다.",
  "network-failed": "컨테이너의 네트워크를 만들지 못했습니다.",
  "disk-full": "서버의 디스크가 가득 찼습니다. 운영자에게 알려 주세요.",
  "store-corrupt": "저장된 이미지 데이터가 손상되었습니다. 캐시 없이 다시 빌드하세요.",
  "port-unreachable":
    "{port, select, none {이 포트에서 응답이 없습니다.} other {{port}번 포트에서 응답이 없습니다.}}",
  internal: "저희 쪽에서 문제가 생겼습니다. 다시 시도하세요.",
} as const satisfies Record<ErrorCode, string>;
