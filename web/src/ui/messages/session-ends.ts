import type { EndCause } from "@slipway/protocol";

/** A launch that waits in line. */
export const enQueue = {
  title: "All places are taken",
  looking: "Looking for your place in line.",
  position:
    "{ahead, plural, =0 {You are next.} one {One launch is before yours.} other {# launches are before yours.}}",
  wait: "{minutes, plural, =0 {A place is about to be free.} one {It takes a minute at most, sooner if others stop.} other {It takes # minutes at most, sooner if others stop.}}",
  unknown: "How long it takes is not known yet.",
  text: "The session starts by itself when it is its turn. You can go on editing and building.",
  cancel: "Leave the line",
} as const;

export const koQueue = {
  title: "자리가 모두 찼습니다",
  looking: "순서를 확인하고 있습니다.",
  position: "{ahead, plural, =0 {다음 차례입니다.} other {앞에 #개의 실행이 기다리고 있습니다.}}",
  wait: "{minutes, plural, =0 {곧 자리가 납니다.} other {길어야 #분 걸립니다. 다른 사람이 먼저 끝내면 더 빨라집니다.}}",
  unknown: "얼마나 걸릴지 아직 알 수 없습니다.",
  text: "차례가 되면 세션이 저절로 시작됩니다. 그동안 계속 편집하고 빌드할 수 있습니다.",
  cancel: "기다리지 않기",
} as const;

/** What to do after each end of a session. */
export const enNextSteps = {
  "stopped-by-owner": "Launch it again whenever you like; it starts from the image, as it was.",
  "stopped-by-operator":
    "Save what you need of it first. If it should run again, talk to whoever runs this place.",
  expired: "Launch again for more time. In a session, “+time” moves its end.",
  "command-exited":
    "That is as it should be for a command that comes to an end. Start with a shell to look around in the container.",
  "command-failed":
    "The command failed. Its output says why. Start with a shell and run the command by hand, or change the Dockerfile.",
  "out-of-memory":
    "Start with a shell, and run the program on less at a time. Usage shows the memory as it grows.",
  "disk-quota": "Start with a shell, and see with du -xsh /* what is large.",
  "launch-failed": "Read what went wrong, change the Dockerfile where that is the reason, and build again.",
  "launch-crowded": "Nothing is wrong with your image. Launch again in a while.",
  "image-gone": "The image had to make room. Build again, which goes quickly, and launch.",
  "worker-stopped": "Nothing is wrong with your image. Launch again, as soon as a worker is there.",
  "worker-lost":
    "Nothing is wrong with your image. If the worker does not come back, build again and launch.",
  build: "Build again",
  "nothing-to-save": "If it should run again, talk to whoever runs this place.",
  stepGone: "Open the terminal from the build’s step once more.",
} as const satisfies Record<EndCause, string> & Record<string, string>;

export const koNextSteps = {
  "stopped-by-owner": "언제든 다시 실행할 수 있습니다. 이미지에서 처음 상태로 시작합니다.",
  "stopped-by-operator": "필요한 것을 먼저 보관하세요. 다시 실행해야 한다면 운영자에게 문의하세요.",
  expired: "시간이 더 필요하면 다시 실행하세요. 세션에서는 ‘+시간’으로 끝나는 때를 미룰 수 있습니다.",
  "command-exited": "끝이 있는 명령이라면 정상입니다. 컨테이너를 둘러보려면 셸로 시작하세요.",
  "command-failed":
    "명령이 실패했습니다. 이유는 출력에 있습니다. 셸로 시작해 명령을 직접 실행해 보거나 Dockerfile을 고치세요.",
  "out-of-memory":
    "셸로 시작해 프로그램이 한 번에 더 적은 양을 다루게 하세요. 사용량에서 메모리가 늘어나는 것을 볼 수 있습니다.",
  "disk-quota": "셸로 시작해 du -xsh /* 로 무엇이 큰지 확인하세요.",
  "launch-failed": "무엇이 잘못되었는지 읽고, Dockerfile이 원인이라면 고쳐서 다시 빌드하세요.",
  "launch-crowded": "이미지에는 문제가 없습니다. 잠시 뒤에 다시 실행하세요.",
  "image-gone": "자리를 만들기 위해 이미지가 지워졌습니다. 금방 끝나니 다시 빌드하고 실행하세요.",
  "worker-stopped": "이미지에는 문제가 없습니다. 워커가 준비되면 다시 실행하세요.",
  "worker-lost": "이미지에는 문제가 없습니다. 워커가 돌아오지 않으면 다시 빌드하고 실행하세요.",
  build: "다시 빌드",
  "nothing-to-save": "다시 실행해야 한다면 운영자에게 문의하세요.",
  stepGone: "빌드의 단계에서 터미널을 다시 여세요.",
} as const satisfies Record<EndCause, string> & Record<string, string>;
