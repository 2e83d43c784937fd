import type { LintRule } from "@slipway/dockerfile";

/** What each of BuildKit's build checks says, and why it matters. The worker's own message follows with the details. */
export const enChecks = {
  StageNameCasing: "Stage names are written in lower case, because they are compared without regard to case.",
  FromAsCasing: "FROM and AS look best in the same case.",
  NoEmptyContinuation: "An empty line inside a continued instruction. Docker will stop accepting it.",
  ConsistentInstructionCasing: "Write all instructions in one case: all capitals, or all small.",
  DuplicateStageName: "Two stages have the same name, so only the later one can be referred to.",
  ReservedStageName: "This word has a meaning of its own and can’t be the name of a stage.",
  JSONArgsRecommended:
    "Write the command as a JSON list. In the other form a shell starts it and keeps signals such as “stop” to itself.",
  MaintainerDeprecated: "MAINTAINER is out of use. A LABEL says the same.",
  UndefinedArgInFrom: "FROM uses an argument that no ARG before it declares.",
  WorkdirRelativePath: "A relative WORKDIR depends on what the base image has set. Begin it with a slash.",
  UndefinedVar: "This variable is used before anything sets it, so it is empty.",
  MultipleInstructionsDisallowed: "Only the last instruction of this kind in a stage counts.",
  LegacyKeyValueFormat: "Write key=value. The form with a space is out of use.",
  RedundantTargetPlatform: "FROM already builds for the target platform, so this flag can go.",
  SecretsUsedInArgOrEnv:
    "This looks like a secret. ARG and ENV stay in the image for everyone to read; use RUN --mount=type=secret instead.",
  InvalidDefaultArgInFrom: "With the default value of this argument, FROM has no valid image name.",
  FromPlatformFlagConstDisallowed: "A fixed --platform makes the image useless on other machines.",
  CopyIgnoredFile: "This file is excluded by .dockerignore, so it can’t be copied.",
  InvalidDefinitionDescription: "A comment that describes a stage or an argument begins with its name.",
  ExposeProtoCasing: "Protocols in EXPOSE are written in small letters.",
  ExposeInvalidFormat:
    "EXPOSE takes a port, without an address and without a port of the host. Docker will stop accepting this.",
} as const satisfies Record<LintRule, string>;

export const koChecks = {
  StageNameCasing: "스테이지 이름은 대소문자를 구별하지 않으므로 소문자로 씁니다.",
  FromAsCasing: "FROM과 AS는 대소문자를 맞추어 씁니다.",
  NoEmptyContinuation: "이어지는 명령 안에 빈 줄이 있습니다. 앞으로 Docker가 받아들이지 않게 됩니다.",
  ConsistentInstructionCasing: "명령은 모두 대문자로, 또는 모두 소문자로 통일해서 씁니다.",
  DuplicateStageName: "두 스테이지의 이름이 같아 뒤의 것만 가리킬 수 있습니다.",
  ReservedStageName: "따로 뜻이 있는 단어라 스테이지 이름으로 쓸 수 없습니다.",
  JSONArgsRecommended:
    "명령은 JSON 목록으로 쓰세요. 그렇지 않으면 셸이 명령을 시작하면서 중지 같은 시그널을 전해 주지 않습니다.",
  MaintainerDeprecated: "MAINTAINER는 더 이상 쓰지 않습니다. LABEL로 같은 내용을 적을 수 있습니다.",
  UndefinedArgInFrom: "FROM이 앞에서 ARG로 선언하지 않은 인자를 쓰고 있습니다.",
  WorkdirRelativePath: "상대 경로 WORKDIR은 베이스 이미지의 설정에 따라 달라집니다. 슬래시로 시작하세요.",
  UndefinedVar: "값을 정하기 전에 쓰는 변수라 비어 있습니다.",
  MultipleInstructionsDisallowed: "한 스테이지에서 이 종류의 명령은 마지막 것만 쓰입니다.",
  LegacyKeyValueFormat: "key=value로 쓰세요. 빈칸으로 나누는 방식은 더 이상 쓰지 않습니다.",
  RedundantTargetPlatform: "FROM은 원래 대상 플랫폼으로 빌드하므로 이 플래그는 없어도 됩니다.",
  SecretsUsedInArgOrEnv:
    "비밀 값처럼 보입니다. ARG와 ENV는 이미지에 남아 누구나 볼 수 있으니 RUN --mount=type=secret을 쓰세요.",
  InvalidDefaultArgInFrom: "이 인자의 기본값으로는 FROM의 이미지 이름이 올바르지 않습니다.",
  FromPlatformFlagConstDisallowed: "--platform 값을 고정하면 다른 컴퓨터에서 쓸 수 없는 이미지가 됩니다.",
  CopyIgnoredFile: ".dockerignore가 제외한 파일이라 복사할 수 없습니다.",
  InvalidDefinitionDescription: "스테이지나 인자를 설명하는 주석은 그 이름으로 시작합니다.",
  ExposeProtoCasing: "EXPOSE의 프로토콜은 소문자로 씁니다.",
  ExposeInvalidFormat:
    "EXPOSE에는 주소나 호스트 포트 없이 포트만 씁니다. 앞으로 Docker가 받아들이지 않게 됩니다.",
} as const satisfies Record<LintRule, string>;
