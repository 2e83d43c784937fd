import type { DiagnosticCode } from "@slipway/dockerfile";

/** What the editor says of a Dockerfile, one sentence per code. `{word}` is the text that it is said of. */
export const enDiagnostics = {
  "file-too-large": "The Dockerfile is too large to be read.",
  "file-empty": "The Dockerfile has no instructions yet. It starts with FROM and a base image.",
  "directive-duplicate": "A parser directive may be given once only.",
  "directive-invalid": "This parser directive can’t be understood.",
  "empty-continuation": "An empty line inside a continued instruction. Take it out, or end the instruction.",
  "heredoc-unterminated": "The here-document has no line that ends it.",
  "instruction-unknown": "“{word}” is not an instruction.",
  "instruction-unsupported": "Slipway does not know the instruction {word} yet.",
  "flag-unknown": "“{word}” is not a flag of this instruction.",
  "flag-unsupported": "Slipway does not know the flag “{word}” yet.",
  "flag-invalid": "The value of this flag can’t be understood.",
  "argument-missing": "Something is missing after the instruction.",
  "argument-invalid": "“{word}” can’t be understood here.",
  "from-missing": "A Dockerfile starts with FROM; only ARG may stand before it.",
  "stage-name-invalid": "“{word}” can’t be the name of a stage.",
  "stage-name-duplicate": "Two stages have the same name.",
  "stage-unknown": "There is no such stage before this line.",
  "variable-invalid": "The variable in “{word}” can’t be expanded.",
} as const satisfies Record<DiagnosticCode, string>;

export const koDiagnostics = {
  "file-too-large": "Dockerfile이 너무 커서 읽을 수 없습니다.",
  "file-empty": "Dockerfile에 아직 명령이 없습니다. FROM과 베이스 이미지로 시작합니다.",
  "directive-duplicate": "파서 지시문은 한 번만 쓸 수 있습니다.",
  "directive-invalid": "이해할 수 없는 파서 지시문입니다.",
  "empty-continuation": "이어지는 명령 안에 빈 줄이 있습니다. 지우거나 명령을 끝내세요.",
  "heredoc-unterminated": "히어독을 끝내는 줄이 없습니다.",
  "instruction-unknown": "“{word}”: 없는 명령입니다.",
  "instruction-unsupported": "{word} 명령은 아직 지원하지 않습니다.",
  "flag-unknown": "“{word}”: 이 명령에 없는 플래그입니다.",
  "flag-unsupported": "“{word}” 플래그는 아직 지원하지 않습니다.",
  "flag-invalid": "플래그의 값을 이해할 수 없습니다.",
  "argument-missing": "명령 뒤에 빠진 것이 있습니다.",
  "argument-invalid": "“{word}”: 여기에 쓸 수 없는 값입니다.",
  "from-missing": "Dockerfile은 FROM으로 시작합니다. 그 앞에는 ARG만 올 수 있습니다.",
  "stage-name-invalid": "“{word}”: 스테이지 이름으로 쓸 수 없습니다.",
  "stage-name-duplicate": "두 스테이지의 이름이 같습니다.",
  "stage-unknown": "이 줄보다 앞에 그런 스테이지가 없습니다.",
  "variable-invalid": "“{word}”의 변수를 풀 수 없습니다.",
} as const satisfies Record<DiagnosticCode, string>;
