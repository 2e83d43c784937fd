import { useLocale, useTranslations } from "use-intl";
import type { Action } from "../../features/palette/palette.tsx";
import { changeLook, terminalLook } from "../../features/terminal/terminal-look.ts";
import { rememberPreference } from "../../rpc/preferences.ts";
import { useBench } from "./bench.ts";
import { AREAS } from "./layout/layout.ts";
import { PANELS } from "./panels.tsx";

/** What can be done to builds. */
export function useBuildActions(): readonly Action[] {
  const t = useTranslations();
  const { building, openDialog } = useBench();
  const group = t("build.title");
  return [
    { id: "build", group, label: t("build.action"), keys: "Ctrl+Enter", run: building.startAsBefore },
    { id: "build-again", group, label: t("build.again"), run: building.startWithoutCache },
    ...(building.build.busy
      ? [
          {
            id: "build-cancel",
            group,
            label: t("palette.cancelBuild"),
            run: () => void building.build.cancel(),
          },
        ]
      : []),
    { id: "build-options", group, label: t("build.openOptions"), run: () => openDialog("build-options") },
    { id: "registries", group, label: t("build.openRegistries"), run: () => openDialog("registries") },
  ];
}

/** What can be done to the session. */
export function useSessionActions(): readonly Action[] {
  const t = useTranslations();
  const { session, image, layout } = useBench();
  const { phase } = session;
  const group = t("session.title");
  const act = (id: string, label: string, run: () => unknown): Action => ({
    id,
    group,
    label,
    run: () => {
      layout.show("session", "session");
      void run();
    },
  });
  // Whatever is refused is said where the session is.
  const quietly = (asked: Promise<unknown>) => asked.catch(() => undefined);
  const launches =
    image === null
      ? []
      : [
          act("launch", t("session.launch"), () => session.launch({ start: "command" })),
          act("launch-shell", t("session.launchShell"), () => session.launch({ start: "shell" })),
        ];
  if (phase.kind !== "live") return launches;
  const { view } = phase;
  const ports = view.ports.filter(({ listening, loopbackOnly }) => listening && !loopbackOnly);
  return [
    act("restart", t("session.restart"), session.restart),
    ...(view.state === "running"
      ? [
          act("terminal", t("session.openTerminal"), () => quietly(session.openTerminal())),
          act("extend", t("session.extendLabel"), () => session.extend()),
          act("pause", t(view.paused ? "session.resume" : "session.pause"), () =>
            quietly(session.pause(!view.paused)),
          ),
        ]
      : []),
    ...ports.map(({ port }) =>
      port === session.shownPort
        ? act(`port-${port}`, t("preview.closeCommand", { port: String(port) }), () => session.showPort(null))
        : act(`port-${port}`, t("preview.show", { port: String(port) }), () => session.showPort(port)),
    ),
    act("stop", t("palette.stop"), () => session.stop()),
  ];
}

/** What can be looked at, and how. */
export function usePageActions(): readonly Action[] {
  const t = useTranslations();
  const language = useLocale();
  const { snapshot, openFile, layout } = useBench();
  const [go, files, look] = [t("palette.go"), t("playground.files"), t("palette.look")];
  const reload = (preference: Parameters<typeof rememberPreference>[0]) =>
    void rememberPreference(preference).then(() => window.location.reload());
  const letters = (step: number) => changeLook({ fontPx: terminalLook().fontPx + step });
  return [
    ...PANELS.map(({ id, area, title }) => ({
      id: `panel-${id}`,
      group: go,
      label: t("palette.show", { name: t(title) }),
      run: () => layout.show(area, id),
    })),
    ...snapshot.files.map(({ path }) => ({
      id: `file-${path}`,
      group: files,
      label: t("palette.openFile", { path }),
      run: () => openFile(path),
    })),
    ...(layout.narrow ? [] : AREAS).map((area) => ({
      id: `area-${area}`,
      group: look,
      label: t("palette.toggle", { name: t(`layout.area.${area}`) }),
      run: () => layout.toggle(area),
    })),
    { id: "larger", group: look, label: t("palette.larger"), run: () => letters(1) },
    { id: "smaller", group: look, label: t("palette.smaller"), run: () => letters(-1) },
    {
      id: "screen-reader",
      group: look,
      label: t("palette.screenReader"),
      run: () => changeLook({ screenReader: !terminalLook().screenReader }),
    },
    { id: "light", group: look, label: t("palette.light"), run: () => reload({ theme: "light" }) },
    { id: "dark", group: look, label: t("palette.dark"), run: () => reload({ theme: "dark" }) },
    {
      id: "language",
      group: look,
      label: t("preferences.language"),
      run: () => reload({ language: language === "ko" ? "en" : "ko" }),
    },
    { id: "home", group: go, label: t("app.home"), run: () => window.location.assign("/") },
  ];
}
