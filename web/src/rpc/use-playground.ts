import { useQuery } from "@tanstack/react-query";
import { type PlaygroundView, rpc } from "./client.ts";

/**
 * A playground as it was when the page asked: files, newest build, newest session. It is asked for once; from then on the
 * page holds the files, and build and session tell of themselves.
 */
export const usePlayground = (id: string) =>
  useQuery<PlaygroundView>({
    queryKey: ["playground", id],
    queryFn: ({ signal }) => rpc.playground.get.query({ id }, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
