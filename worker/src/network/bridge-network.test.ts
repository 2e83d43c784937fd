import { describe, expect, test } from "vitest";
import {
  type AskedSubnet,
  type BridgeNetwork,
  chooseAddress,
  chooseSubnet,
  MAX_BRIDGE_NETWORKS,
  macOf,
} from "./bridge-network.ts";

const POOL = "100.96.0.0/16";
const ask = (changes: Partial<AskedSubnet> = {}, taken: string[] = [POOL]) =>
  chooseSubnet({ subnet: null, gateway: null, range: null, ...changes }, taken);

describe("the subnet of a network", () => {
  test("is the first of Docker's own that is free, and there are as many as a session has networks", () => {
    expect(ask()).toEqual({ subnet: "172.18.0.0/16", gateway: "172.18.0.1", range: null });
    const taken = [POOL];
    for (let count = 0; count < MAX_BRIDGE_NETWORKS; count++) {
      const chosen = ask({}, taken);
      if ("refusal" in chosen) throw new Error(chosen.refusal);
      taken.push(chosen.subnet);
    }
    expect(new Set(taken).size).toBe(MAX_BRIDGE_NETWORKS + 1);
    expect(ask({}, taken)).toEqual({ refusal: expect.stringContaining("non-overlapping") });
  });

  test("is the one that is asked for, with its gateway and range", () => {
    expect(ask({ subnet: "10.1.2.3/24" })).toEqual({
      subnet: "10.1.2.0/24",
      gateway: "10.1.2.1",
      range: null,
    });
    expect(ask({ subnet: "10.1.2.0/24", gateway: "10.1.2.254", range: "10.1.2.128/25" })).toEqual({
      subnet: "10.1.2.0/24",
      gateway: "10.1.2.254",
      range: "10.1.2.128/25",
    });
  });

  test.each([
    [{ subnet: "100.96.4.0/24" }, [POOL]],
    [{ subnet: "100.0.0.0/8" }, [POOL]],
    [{ subnet: "172.18.5.0/24" }, ["172.18.0.0/16"]],
    [{ subnet: "127.1.0.0/16" }, []],
    [{ subnet: "239.1.0.0/16" }, []],
    [{ subnet: "0.0.0.0/8" }, []],
    [{ subnet: "10.0.0.0/7" }, []],
    [{ subnet: "10.0.0.0/31" }, []],
    [{ subnet: "10.0.0.0/33" }, []],
    [{ subnet: "10.0.0.0" }, []],
    [{ subnet: "10.0.0.0/24; reboot" }, []],
    [{ subnet: "10.0.0.0/24", gateway: "10.0.1.1" }, []],
    [{ subnet: "10.0.0.0/24", gateway: "10.0.0.0" }, []],
    [{ subnet: "10.0.0.0/24", gateway: "10.0.0.255" }, []],
    [{ subnet: "10.0.0.0/24", gateway: "$(reboot)" }, []],
    [{ subnet: "10.0.0.0/24", range: "10.0.0.0/16" }, []],
    [{ subnet: "10.0.0.0/24", range: "10.0.1.0/25" }, []],
  ])("is not %j where %j are taken", (asked, taken) => {
    expect(ask(asked, taken)).toEqual({ refusal: expect.any(String) });
  });
});

describe("the address of a container", () => {
  const network = (changes: Partial<BridgeNetwork> = {}): BridgeNetwork => ({
    id: "0123456789ab",
    subnet: "10.0.0.0/29",
    gateway: "10.0.0.1",
    range: null,
    internal: false,
    ...changes,
  });

  test("is the first free one, until none is left", () => {
    const taken = new Set<string>();
    for (let count = 0; count < 5; count++) taken.add(chooseAddress(network(), null, taken) ?? "none");
    expect([...taken]).toEqual(["10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.6"]);
    expect(chooseAddress(network(), null, taken)).toBeNull();
  });

  test("is of the range, unless another one of the subnet is asked for", () => {
    const ranged = network({ subnet: "10.0.0.0/24", range: "10.0.0.64/30" });
    expect(chooseAddress(ranged, null, new Set(["10.0.0.64"]))).toBe("10.0.0.65");
    expect(chooseAddress(ranged, "10.0.0.9", new Set())).toBe("10.0.0.9");
  });

  test("is none that is kept for somebody else", () => {
    const kept = network({ reserved: ["10.0.0.2", "10.0.0.3", "10.0.0.6"] });
    expect(chooseAddress(kept, null, new Set())).toBe("10.0.0.4");
    expect(chooseAddress(kept, null, new Set(["10.0.0.4"]))).toBe("10.0.0.5");
    expect(chooseAddress(kept, "10.0.0.3", new Set())).toBeNull();
  });

  test.each(["10.0.0.0", "10.0.0.1", "10.0.0.7", "10.0.0.8", "10.0.0.3", "x"])("is not %s", (wanted) => {
    expect(chooseAddress(network(), wanted, new Set(["10.0.0.3"]))).toBeNull();
  });

  test("makes its hardware address", () => {
    expect(macOf("172.18.0.2")).toBe("02:42:ac:12:00:02");
  });
});
