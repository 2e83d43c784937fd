import { useCallback, useState } from "react";
import { type Build, useBuild } from "../../features/build-log/use-build.ts";
import { NOTHING_REMEMBERED, type Remembered } from "../../features/build-options/wish.ts";
import type { BuildWish, PlaygroundView } from "../../rpc/client.ts";

export interface Building {
  readonly build: Build;
  /** What the playground's builds have in common: that of the last one. */
  readonly remembered: Remembered;
  readonly start: (wish: BuildWish) => void;
  /** As the last one, without what was for that build alone. */
  readonly startAsBefore: () => void;
  readonly startWithoutCache: () => void;
}

/** Starts builds with the options that people chose; `save` comes first, `onStart` is told of each. */
export function useBuilding(
  playground: PlaygroundView,
  save: () => Promise<boolean>,
  onStart: () => void,
): Building {
  const build = useBuild(playground.id, playground.build);
  const [remembered, setRemembered] = useState<Remembered>(playground.build?.options ?? NOTHING_REMEMBERED);
  const { phase, start: startBuild } = build;
  const start = useCallback(
    (wish: BuildWish) => {
      if (phase.kind === "starting") return;
      onStart();
      setRemembered({ target: wish.target ?? null, buildArgs: wish.buildArgs ?? {} });
      void startBuild(save, wish);
    },
    [phase.kind, startBuild, save, onStart],
  );
  const common = { target: remembered.target, buildArgs: { ...remembered.buildArgs } };
  return {
    build,
    remembered,
    start,
    startAsBefore: () => start(common),
    startWithoutCache: () => start({ ...common, noCache: true }),
  };
}
