import { describe, expect, test } from "vitest";
import { mirrorStateKey } from "../../../../functions/platform/storage/object-keys.ts";
import { day, minute } from "./in-memory-account.ts";
import { Killed, MirrorWorld } from "./mirror-world.ts";

const stateKey = mirrorStateKey("main");

/** Some old members of the daily list. */
function worldOf(...ids: string[]): MirrorWorld {
  const world = new MirrorWorld();
  const createdAt = world.clock.now() - 9 * day;
  for (const id of ids) world.account.add(id, { createdAt, updatedAt: createdAt, lists: ["daily"] });
  return world;
}

async function wordOf(world: MirrorWorld, id: string, options = {}): Promise<string> {
  return MirrorWorld.wordFor(await world.run(options), id);
}

describe("refreshing", () => {
  test("the first run reads the account whole, the next ones what changed, and a day later it is whole again", async () => {
    const world = worldOf("a", "b", "c", "d");
    const requestsOf = async () => {
      const before = world.account.requests;
      await world.run();
      return world.account.requests - before;
    };
    // Two pages, a count, and two queries for what changed meanwhile.
    expect(await requestsOf()).toBe(5);
    world.clock.pass(60);
    expect(await requestsOf()).toBe(2);
    world.clock.pass(24 * 60);
    expect(await requestsOf()).toBe(5);
  });

  test("a refresh that finds nothing adds nothing to the mirror", async () => {
    const world = worldOf("a");
    await world.run();
    const objects = world.store.objects.size;
    world.clock.pass(60);
    await world.run();
    expect(world.store.objects.size).toBe(objects);
  });

  test("two clocks: an opt-out that does not move the contact's clock is noticed", async () => {
    const world = worldOf("a", "b");
    await world.run();
    world.clock.pass(60);
    world.account.optOut("a");
    world.account.optOut("b", "Account");
    const rows = await world.run();
    expect(MirrorWorld.wordFor(rows, "a")).toBe("READER_FINAL");
    expect(MirrorWorld.wordFor(rows, "b")).toBe("PUBLISHER_FINAL");
  });

  test("an index that lags: what was written before the last refresh and shown after it is noticed", async () => {
    const world = worldOf("a", "b");
    await world.run();
    Object.assign(world.account, { lagMs: 10 * minute, membershipMovesClock: true });
    world.clock.pass(60);
    world.account.optOut("a");
    world.account.leave("b", "daily");
    world.clock.pass(1);
    const before = await world.run();
    expect(["a", "b"].map((id) => MirrorWorld.wordFor(before, id))).toEqual(["subscribed", "subscribed"]);
    world.clock.pass(12);
    const after = await world.run();
    expect(["a", "b"].map((id) => MirrorWorld.wordFor(after, id))).toEqual(["READER_FINAL", "READER"]);
  });

  test("a server whose clock was ahead for a while hides nothing that happens afterwards", async () => {
    const world = worldOf("a");
    world.account.aheadMs = 40 * day;
    await world.run();
    world.account.aheadMs = 0;
    world.clock.pass(60);
    await world.run();
    world.account.optOut("a");
    world.clock.pass(60);
    expect(await wordOf(world, "a")).toBe("READER_FINAL");
  });

  test("a contact who left, and whom the index still shows on the list, has left", async () => {
    const world = worldOf("a");
    await world.run();
    world.clock.pass(60);
    const beganAt = world.clock.now();
    const mirror = world.open();
    await mirror.refresh({ signal: world.signal });
    await mirror.record([{ ...world.account.get("a")!, lists: [] }], { beganAt });
    world.clock.pass(1);
    expect(await wordOf(world, "a", { isWhole: true })).toBe("READER");
  });

  test.each(["newest first", "oldest first"] as const)(
    "rows that shift under the cursor, %s: nobody is missed",
    async (order) => {
      const world = worldOf("a", "b", "c", "d", "e", "f");
      world.account.order = order;
      let changes = 0;
      world.account.beforePage = (page) => {
        if (page === 1 && changes++ < 1) world.account.changeFields(order === "newest first" ? "f" : "a");
      };
      const rows = await world.run();
      expect([...rows.keys()].sort()).toEqual(["a", "b", "c", "d", "e", "f"].map((id) => `${id}@example.fr`));
    },
  );

  test("an account that never holds still is not taken for whole, but what was seen is remembered", async () => {
    const world = worldOf("a", "b", "c", "d", "e", "f");
    await world.run();
    world.clock.pass(2 * 24 * 60);
    world.account.order = "oldest first";
    world.account.leave("f", "daily");
    world.account.changeFields("f");
    let next = 0;
    world.account.beforePage = (page) => {
      world.clock.pass(1);
      if (page === 1) world.account.purge(world.account.ids[next++]!);
    };
    await expect(world.run()).rejects.toThrow("could not be read whole");
    world.account.beforePage = () => undefined;
    const failedAt = world.clock.now();
    world.clock.pass(60);
    const row = (await world.run()).get("f@example.fr");
    expect(row).toMatchObject({ cause: "READER" });
    expect(row!.unsubscribedAt).toBeLessThanOrEqual(failedAt);
  });

  test("an account that is not counted is whole when two readings show as many", async () => {
    const world = worldOf("a", "b");
    world.account.isCounting = false;
    expect((await world.run()).size).toBe(2);
    let added = 0;
    world.account.beforePage = (page) => {
      if (page === 0) world.account.add(`new${added++}`);
    };
    world.clock.pass(2 * 24 * 60);
    await expect(world.run()).rejects.toThrow("not counted");
  });

  test("a contact without an address is nobody, and is counted", async () => {
    const world = worldOf("a", "b");
    world.account.change("b", { email: undefined });
    const mirror = world.open();
    await mirror.refresh({ signal: world.signal });
    expect((await mirror.list("daily", { signal: world.signal })).withoutAddress).toBe(1);
    expect((await world.rowsOf(mirror)).size).toBe(1);
  });

  test("a contact with a new address has that one alone", async () => {
    const world = worldOf("a");
    await world.run();
    world.clock.pass(60);
    world.account.change("a", { email: "new@example.fr", updatedAt: world.clock.now() });
    expect([...(await world.run()).keys()]).toEqual(["new@example.fr"]);
  });

  test("many contacts are stored in parts, and read back whole", async () => {
    const ids = Array.from({ length: 12_000 }, (_, n) => `reader.${n}`);
    const world = worldOf(...ids);
    world.account.pageRows = 500;
    expect((await world.run()).size).toBe(ids.length);
    world.clock.pass(60);
    world.account.optOut("reader.7");
    world.account.leave("reader.8", "daily");
    world.account.changeFields("reader.8");
    const rows = await world.run();
    expect(MirrorWorld.wordFor(rows, "reader.7")).toBe("READER_FINAL");
    expect(MirrorWorld.wordFor(rows, "reader.8")).toBe("READER");
    expect(rows.size).toBe(ids.length);
  });

  test("a long log is written into a new base", async () => {
    const world = worldOf("a", "b");
    await world.run();
    world.account.leave("b", "daily");
    for (let run = 0; run < 60; run++) {
      world.clock.pass(16);
      world.account.changeFields("a");
      world.account.changeFields("b");
      await world.run();
    }
    const { log } = JSON.parse(Buffer.from(world.store.objects.get(stateKey)!.bytes).toString());
    expect(log.length).toBeLessThan(20);
    expect(await wordOf(world, "b")).toBe("READER");
  });
});

describe("who left one list", () => {
  test("is noticed with the next change of the contact, or a day later", async () => {
    const world = worldOf("a", "b");
    await world.run();
    world.clock.pass(60);
    world.account.leave("a", "daily");
    world.account.leave("b", "daily");
    world.account.changeFields("a");
    const rows = await world.run();
    expect(rows.get("a@example.fr")).toMatchObject({ cause: "READER", unsubscribedAt: world.clock.now() });
    expect(MirrorWorld.wordFor(rows, "b")).toBe("subscribed");
    world.clock.pass(24 * 60);
    expect(await wordOf(world, "b")).toBe("READER");
  });

  test("is remembered until they join again", async () => {
    const world = worldOf("a");
    await world.run();
    world.clock.pass(60);
    world.account.leave("a", "daily");
    const leftAt = world.clock.now();
    await world.run({ isWhole: true });
    for (const _ of [1, 2, 3]) {
      world.clock.pass(25 * 60);
      expect((await world.run()).get("a@example.fr")).toMatchObject({ unsubscribedAt: leftAt });
    }
    world.account.membershipMovesClock = true;
    world.clock.pass(60);
    world.account.join("a", "daily");
    const joinedAt = world.clock.now();
    world.clock.pass(60);
    expect((await world.run()).get("a@example.fr")).toMatchObject({ subscribedAt: joinedAt });
  });

  test("and is seen on it again in another way, has joined since they were last seen off it", async () => {
    const world = worldOf("a");
    await world.run();
    world.clock.pass(60);
    world.account.leave("a", "daily");
    await world.run({ isWhole: true });
    const seenAt = world.clock.now();
    world.clock.pass(60);
    await world.run();
    world.clock.pass(60);
    world.account.join("a", "daily");
    await world.open().record([world.account.get("a")!], { beganAt: world.clock.now() });
    expect((await world.run()).get("a@example.fr")).toMatchObject({ subscribedAt: seenAt });
  });

  test("is another matter on each list", async () => {
    const world = worldOf("a");
    world.account.join("a", "weekly");
    await world.run();
    world.clock.pass(60);
    world.account.leave("a", "daily");
    await world.run({ isWhole: true });
    expect(await wordOf(world, "a")).toBe("READER");
    expect(await wordOf(world, "a", { list: "weekly" })).toBe("subscribed");
    expect(await wordOf(world, "a", { list: "another" })).toBe("MAY_HAVE_LEFT");
    expect(await wordOf(world, "a", { list: "another", joinKnown: "always" })).toBe("nobody");
  });

  test("is remembered through a deletion", async () => {
    const world = worldOf("a");
    await world.run();
    world.clock.pass(60);
    world.account.leave("a", "daily");
    await world.run({ isWhole: true });
    world.clock.pass(60);
    world.account.delete("a");
    expect(await wordOf(world, "a", { isWhole: true })).toBe("DELETED");
    world.clock.pass(60);
    world.account.revive("a");
    expect(await wordOf(world, "a")).toBe("READER");
  });

  test("a deleted member who comes back may have left", async () => {
    const world = worldOf("a");
    await world.run();
    world.clock.pass(60);
    world.account.purge("a");
    expect(await wordOf(world, "a", { isWhole: true })).toBe("DELETED");
    world.clock.pass(60);
    world.account.add("a", { createdAt: world.clock.now() });
    expect(await wordOf(world, "a")).toBe("MAY_HAVE_LEFT");
  });

  test("the same address deleted and alive: the living one counts, and the departure is not forgotten", async () => {
    const world = worldOf("a");
    await world.run();
    world.clock.pass(60);
    world.account.leave("a", "daily");
    await world.run({ isWhole: true });
    world.clock.pass(60);
    world.account.delete("a");
    world.account.add("a2", { email: "A@example.fr" });
    expect([...(await world.run({ isWhole: true })).values()]).toMatchObject([{ cause: "READER" }]);
    world.clock.pass(60);
    world.account.join("a2", "daily");
    expect([...(await world.run({ isWhole: true })).values()]).toMatchObject([
      { email: "A@example.fr", subscribed: true },
    ]);
  });

  test("whom a run of ours removed has not left, whether or not the run lived to see it", async () => {
    const world = worldOf("a", "b", "c");
    const mirror = world.open();
    await mirror.refresh({ signal: world.signal });
    world.clock.pass(60);
    const removal = { list: "daily", by: "PUBLISHER", contactIds: ["a", "b"] } as const;
    await mirror.recordRemoval({ ...removal, isDone: false });
    for (const id of ["a", "b", "c"]) world.account.leave(id, "daily");
    await mirror.recordRemoval({ ...removal, contactIds: ["a"], isDone: true });
    const soon = await world.run();
    expect(["a", "b", "c"].map((id) => MirrorWorld.wordFor(soon, id))).toEqual([
      "PUBLISHER",
      "subscribed",
      "subscribed",
    ]);
    world.clock.pass(30 * 60);
    const later = await world.run();
    expect(["a", "b", "c"].map((id) => MirrorWorld.wordFor(later, id))).toEqual([
      "PUBLISHER",
      "PUBLISHER",
      "READER",
    ]);
  });
});

describe("a mirror that is lost or damaged", () => {
  async function worldWithDeparture(): Promise<MirrorWorld> {
    const world = worldOf("a", "b");
    await world.run();
    world.clock.pass(60);
    world.account.leave("a", "daily");
    expect(await wordOf(world, "a", { isWhole: true })).toBe("READER");
    world.account.add("late", { lists: ["daily"] });
    await world.run({ isWhole: true });
    world.clock.pass(60);
    world.account.leave("late", "daily");
    expect(await wordOf(world, "late", { isWhole: true })).toBe("READER");
    world.clock.pass(60);
    return world;
  }

  test.each<[string, (world: MirrorWorld) => unknown]>([
    ["a state that is missing", ({ store }) => store.objects.delete(stateKey)],
    ["a state that is no JSON", ({ store }) => store.put(stateKey, Buffer.from("{"))],
    ["a state of another version", ({ store }) => store.put(stateKey, Buffer.from('{"version":2}'))],
    ["chunks that are missing", ({ store }) => keepOnly(store.objects, stateKey)],
    [
      "chunks that were altered",
      async ({ store }) => {
        for (const key of store.objects.keys()) if (key !== stateKey) await store.put(key, Buffer.from("?"));
      },
    ],
  ])("%s: the account is read whole, and nobody is taken for new", async (_, damage) => {
    const world = await worldWithDeparture();
    world.notes.length = 0;
    await damage(world);
    const rows = await world.run();
    expect(MirrorWorld.wordFor(rows, "a")).toBe("MAY_HAVE_LEFT");
    expect(MirrorWorld.wordFor(rows, "late")).toBe("MAY_HAVE_LEFT");
    expect(MirrorWorld.wordFor(rows, "b")).toBe("subscribed");
    expect(world.notes).toEqual([expect.stringContaining("the account is read whole")]);
    world.notes.length = 0;
    world.clock.pass(60);
    expect(await wordOf(world, "a")).toBe("MAY_HAVE_LEFT");
    expect(world.notes).toEqual([]);
  });

  test("of two runs that read it anew at once, the one that is done first begins it", async () => {
    const world = await worldWithDeparture();
    world.store.objects.delete(stateKey);
    const beginning = async () =>
      JSON.parse(Buffer.from((await world.store.get(stateKey))!.bytes).toString());
    let first: unknown;
    let isOvertaken = false;
    world.account.beforePage = async () => {
      if (isOvertaken) return;
      isOvertaken = true;
      await world.run();
      first = (await beginning()).beganAt;
      world.clock.pass(1);
    };
    await world.run();
    expect(first).toBeTypeOf("number");
    expect(await beginning()).toMatchObject({ beganAt: first });
  });

  test("what is left of it is still remembered", async () => {
    const world = await worldWithDeparture();
    world.account.changeFields("b");
    const before = new Set(world.store.objects.keys());
    await world.run();
    for (const key of world.store.objects.keys()) if (!before.has(key)) world.store.objects.delete(key);
    expect(await wordOf(world, "a")).toBe("READER");
    expect(world.notes.at(-1)).toContain("is missing, damaged");
  });

  test("whom a damaged reading lacks is not taken for deleted", async () => {
    const world = worldOf("a", "b");
    await world.run();
    world.clock.pass(25 * 60);
    world.account.leave("a", "daily");
    const before = new Set(world.store.objects.keys());
    const killed = { writes: 2, isWritten: false };
    await expect(world.run({ killed })).rejects.toBeInstanceOf(Killed);
    for (const key of world.store.objects.keys()) if (!before.has(key)) world.store.objects.delete(key);
    world.clock.pass(60);
    const rows = await world.run();
    expect(MirrorWorld.wordFor(rows, "a")).toBe("READER");
    expect(rows.get("b@example.fr")).toMatchObject({ subscribedAt: world.account.get("b")!.createdAt });
  });

  test("a state that is lost while a run works is not taken for an empty account", async () => {
    const world = await worldWithDeparture();
    const mirror = world.open();
    await mirror.refresh({ signal: world.signal });
    world.store.objects.delete(stateKey);
    await mirror.record([world.account.get("b")!], { beganAt: world.clock.now() });
    expect(MirrorWorld.wordFor(await world.rowsOf(mirror), "b")).toBe("subscribed");
    expect(MirrorWorld.wordFor(await world.rowsOf(mirror), "a")).toBe("MAY_HAVE_LEFT");
  });

  test("a reading that is lost as soon as it is stored is not taken for an empty account", async () => {
    const world = worldOf("a", "b");
    const { store } = world;
    const losing = Object.assign(Object.create(store), {
      get: (key: string) => store.get(key),
      put: async (...write: Parameters<typeof store.put>) => {
        const etag = await store.put(...write);
        if (write[0] === stateKey) keepOnly(store.objects, stateKey);
        return etag;
      },
    });
    await expect(world.open(losing).refresh({ signal: world.signal })).rejects.toThrow("missing or damaged");
    expect(await wordOf(world, "a")).toBe("subscribed");
    expect(world.notes.at(-1)).toContain("the account is read whole");
  });

  test("a bucket that fails is not taken for a lost mirror", async () => {
    const world = await worldWithDeparture();
    const broken = Object.assign(Object.create(world.store), {
      get: () => Promise.reject(new Error("S3 is down")),
    });
    await expect(world.open(broken).refresh({ signal: world.signal })).rejects.toThrow("S3 is down");
    expect(await wordOf(world, "a")).toBe("READER");
  });
});

describe("whose contact came by an import of ours", () => {
  /** A run that imports new addresses at this moment. */
  async function added(world: MirrorWorld, emails: readonly string[]): Promise<void> {
    const mirror = world.open();
    const joining = await mirror.storeJoining({ contactIds: [], emails });
    const now = world.clock.now();
    await mirror.recordAddition({ list: "daily", beganAt: now, endedAt: now, joining });
  }

  test("is forgotten if the addresses are lost, which are missed only once", async () => {
    const world = worldOf("a");
    await world.run();
    const before = new Set(world.store.objects.keys());
    await added(world, ["late@example.fr"]);
    for (const key of world.store.objects.keys()) if (!before.has(key)) world.store.objects.delete(key);
    await world.run();
    expect(world.notes.at(-1)).toContain("the account is read whole");
    world.notes.length = 0;
    await world.run();
    expect(world.notes).toEqual([]);
  });

  test("has left if the first reading does not show them on the list, however often the log is written anew", async () => {
    const world = worldOf("a");
    await world.run();
    world.clock.pass(1);
    await added(world, ["Late@example.fr", "other@example.fr"]);
    const createdAt = world.clock.now();
    for (let day = 0; day < 2; day++) await world.run({ isWhole: true });
    world.clock.pass(60);
    for (const id of ["late", "stranger"]) world.account.add(id, { createdAt });
    for (let runs = 0; runs < 3; runs++) {
      const rows = await world.run({ isWhole: runs === 1 });
      expect(MirrorWorld.wordFor(rows, "late")).toBe("READER");
      expect(MirrorWorld.wordFor(rows, "stranger")).toBe("nobody");
      world.clock.pass(60);
    }
  });

  test("has left, too, if another run had read them before the import was known to be over", async () => {
    const world = worldOf("a");
    await world.run();
    world.account.add("late");
    world.clock.pass(1);
    await world.run();
    await added(world, ["late@example.fr"]);
    world.clock.pass(60);
    expect(await wordOf(world, "late", { isWhole: true })).toBe("READER");
  });
});

describe("runs of two lists at the same time", () => {
  test("remember what either saw", async () => {
    const world = worldOf("a", "b", "c");
    await world.run();
    world.clock.pass(60);
    world.account.leave("a", "daily");
    world.account.changeFields("a");
    world.account.leave("b", "daily");
    const [daily, weekly] = await Promise.all([world.run(), world.run({ isWhole: true, list: "weekly" })]);
    expect(MirrorWorld.wordFor(daily, "a")).toBe("READER");
    expect(weekly.size).toBe(3);
    const rows = await world.run();
    expect(["a", "b", "c"].map((id) => MirrorWorld.wordFor(rows, id))).toEqual([
      "READER",
      "READER",
      "subscribed",
    ]);
  });

  test.each([
    ["notes a departure", false],
    ["reads the account whole", true],
  ])("one writes a new base while the other %s: it stays", async (_, isWhole) => {
    const world = worldOf("a", "b");
    await world.run();
    world.clock.pass(60);
    const other = world.open();
    let writes = 0;
    const store = Object.assign(Object.create(world.store), {
      put: async (...write: Parameters<typeof world.store.put>) => {
        // The rows of the reading, the state, the rows of the base.
        if (++writes === 3) {
          world.account.leave("a", "daily");
          await other.refresh({ isWhole, signal: world.signal });
          if (!isWhole) await other.record([world.account.get("a")!], { beganAt: world.clock.now() });
        }
        return world.store.put(...write);
      },
    });
    await world.open(store).refresh({ isWhole: true, signal: world.signal });
    expect(writes).toBeGreaterThan(3);
    expect(await wordOf(world, "a")).toBe("READER");
  });

  test("keep each other's pending activities", async () => {
    const world = worldOf("a");
    const [daily, weekly] = [world.open(), world.open()];
    await Promise.all([daily.refresh({ signal: world.signal }), weekly.refresh({ signal: world.signal })]);
    const activity = { kind: "import", id: "17", startedAt: world.clock.now() } as const;
    await Promise.all([
      daily.setPending("daily", [{ ...activity, list: "daily" }]),
      weekly.setPending("weekly", [{ ...activity, list: "weekly" }]),
    ]);
    expect(await world.open().pending("daily")).toEqual([{ ...activity, list: "daily" }]);
    await daily.setPending("daily", []);
    expect(await world.open().pending("daily")).toEqual([]);
    expect(await world.open().pending("weekly")).toEqual([{ ...activity, list: "weekly" }]);
  });

  test("a state whose answer was lost, and that was written again by the SDK, is not written twice", async () => {
    const world = worldOf("a", "b");
    const { store } = world;
    const put = store.put.bind(store);
    store.put = async (...write) => {
      await put(...write);
      return put(...write);
    };
    await world.run();
    expect((await world.run()).size).toBe(2);
  });
});

describe("a run that is killed", () => {
  test.each(
    [0, 1, 2, 3, 4, 5].flatMap((writes) => [
      { writes, isWritten: false },
      { writes, isWritten: true },
    ]),
  )("around a write forgets nobody: $writes, $isWritten", async (killed) => {
    const world = worldOf("a", "b");
    await world.run();
    world.clock.pass(60);
    world.account.leave("a", "daily");
    const death = await world.run({ isWhole: true, killed }).catch((error: unknown) => error);
    expect(death instanceof Killed || death instanceof Map).toBe(true);
    world.clock.pass(1);
    const rows = await world.run({ isWhole: true });
    expect(MirrorWorld.wordFor(rows, "a")).toBe("READER");
    expect(MirrorWorld.wordFor(rows, "b")).toBe("subscribed");
  });
});

function keepOnly(objects: Map<string, unknown>, kept: string): void {
  for (const key of objects.keys()) if (key !== kept) objects.delete(key);
}
