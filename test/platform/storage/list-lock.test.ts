import { describe, expect, test } from "vitest";
import { ListBusyError } from "../../../functions/domain/errors.ts";
import { DuplicateRunError, withListLock } from "../../../functions/platform/storage/list-lock.ts";
import { lockKey } from "../../../functions/platform/storage/object-keys.ts";
import { InMemoryStore } from "../../support/in-memory-store.ts";

const at = (minute: number) => new Date(Date.UTC(2026, 5, 1, 0, minute));
const options = (runId: string, minute = 0, list = "daily") => ({
  list,
  runId,
  now: at(minute),
  expiresAt: at(minute + 15),
});
const never = new Promise<never>(() => undefined);

describe("withListLock", () => {
  test("lets one of many runs work", async () => {
    const store = new InMemoryStore();
    let inside = 0;
    const work = async () => {
      inside++;
      await Promise.resolve();
    };
    const runs = Array.from({ length: 10 }, (_, run) => withListLock(store, options(`run-${run}`), work));
    const outcomes = await Promise.allSettled(runs);
    expect(inside).toBe(1);
    const refused = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
    expect(refused).toHaveLength(9);
    for (const reason of refused) expect(reason).toBeInstanceOf(ListBusyError);
  });

  test("names its holder and when it expires", async () => {
    const store = new InMemoryStore();
    void withListLock(store, options("first"), () => never);
    await Promise.resolve();
    await expect(withListLock(store, options("second", 1), async () => 1)).rejects.toThrow(
      /run first; its lock expires at 2026-06-01T00:15/,
    );
  });

  test("is released after the work, even if that failed, and for a run whose clock is behind", async () => {
    const store = new InMemoryStore();
    await withListLock(store, options("first", 5), async () => 1);
    await expect(
      withListLock(store, options("second", 4), () => Promise.reject(new Error("down"))),
    ).rejects.toThrow("down");
    expect(await withListLock(store, options("third", 3), async () => 3)).toBe(3);
  });

  test("of a killed run passes to one other run once it has expired", async () => {
    const store = new InMemoryStore();
    void withListLock(store, options("killed"), () => never);
    await Promise.resolve();
    let inside = 0;
    const take = (run: string, minute: number) =>
      withListLock(store, options(run, minute), async () => void inside++).catch((error: Error) => error);
    expect(await take("early", 14)).toBeInstanceOf(ListBusyError);
    await Promise.all([take("a", 16), take("b", 16), take("c", 16)]);
    expect(inside).toBe(1);
  });

  test("a put that the SDK repeats does not lock a run out of its own list", async () => {
    const store = new InMemoryStore();
    const put = store.put.bind(store);
    store.put = async (key, bytes, condition) => {
      const answer = await put(key, bytes, condition);
      return condition?.ifAbsent ? undefined : answer;
    };
    expect(await withListLock(store, options("first"), async (isFirstRun) => isFirstRun)).toBe(true);
  });

  test("tells the work whether any run has held it before", async () => {
    const store = new InMemoryStore();
    const isFirst = (runId: string) => withListLock(store, options(runId), async (isFirstRun) => isFirstRun);
    expect([await isFirst("first"), await isFirst("second")]).toEqual([true, false]);
    await store.put(lockKey("daily"), Buffer.from("no lock"));
    expect(await isFirst("third")).toBe(false);
  });

  test.each([
    ["is empty", ""],
    ["is no JSON", "{"],
    ["is JSON, but no lock", '{"runId":7}'],
    ["expires at no time", '{"runId":"other","expiresAt":"soon"}'],
  ])("a lock that %s goes to one run, which says so", async (_, content) => {
    const store = new InMemoryStore();
    await store.put(lockKey("daily"), Buffer.from(content));
    const notes: string[] = [];
    let inside = 0;
    const take = (runId: string) =>
      withListLock(store, { ...options(runId), note: (text) => notes.push(text) }, async () => {
        inside++;
        await expect(withListLock(store, options("late"), async () => 1)).rejects.toThrow(ListBusyError);
      }).catch((error: Error) => error);
    const outcomes = await Promise.all([take("a"), take("b")]);
    expect(inside).toBe(1);
    expect(outcomes.filter((outcome) => outcome instanceof ListBusyError)).toHaveLength(1);
    expect(notes).toEqual(["locks/daily.json was no lock, and was replaced by one"]);
  });

  describe("of a run whose event was delivered twice", () => {
    const tick = (runId: string, minute = 0) => ({ ...options(runId, minute), trigger: "tick" });
    const outcomeOf = (store: InMemoryStore, lock: ReturnType<typeof tick>, work = async () => "worked") =>
      withListLock(store, lock, work).catch((error: Error) => error);

    test("names the run that has it, to whichever of both comes second", async () => {
      const store = new InMemoryStore();
      // The first time there is no lock, and then one that was released.
      for (const round of ["first", "second"]) {
        await withListLock(store, options(`before the ${round}`), async () => undefined);
        const runs = Array.from({ length: 5 }, (_, n) => `${round}-${n}`);
        const outcomes = await Promise.all(runs.map((runId) => outcomeOf(store, tick(runId))));
        const winner = runs[outcomes.indexOf("worked")];
        const duplicates = outcomes.filter((outcome) => outcome instanceof DuplicateRunError);
        expect(duplicates.map(({ duplicateOf }) => duplicateOf)).toEqual(Array(4).fill(winner));
      }
    });

    test("is not given to the second one after the first one has done its work", async () => {
      const store = new InMemoryStore();
      await withListLock(store, tick("first"), async () => undefined);
      expect(await outcomeOf(store, tick("second", 20))).toMatchObject({ duplicateOf: "first" });
    });

    test("is given to the second one if the first one failed or was killed, or another run came between", async () => {
      const failed = new InMemoryStore();
      await outcomeOf(failed, tick("first"), () => Promise.reject(new Error("down")));
      expect(await outcomeOf(failed, tick("second"))).toBe("worked");
      const killed = new InMemoryStore();
      void withListLock(killed, tick("first"), () => never);
      await Promise.resolve();
      expect(await outcomeOf(killed, tick("second", 14))).toBeInstanceOf(DuplicateRunError);
      expect(await outcomeOf(killed, tick("third", 15))).toBe("worked");
      const other = new InMemoryStore();
      await withListLock(other, tick("first"), async () => undefined);
      await withListLock(other, options("another"), async () => undefined);
      expect(await outcomeOf(other, tick("second"))).toBe("worked");
    });

    test("stays busy for every other run, and for those of which nothing is known", async () => {
      const store = new InMemoryStore();
      void withListLock(store, tick("first"), () => never);
      await Promise.resolve();
      for (const others of [options("second"), { ...tick("second"), trigger: "another tick" }]) {
        const outcome = await withListLock(store, others, async () => 2).catch((error: Error) => error);
        expect(outcome).toBeInstanceOf(ListBusyError);
        expect(outcome).not.toBeInstanceOf(DuplicateRunError);
      }
      const before = new InMemoryStore();
      void withListLock(before, options("of an earlier version"), () => never);
      await Promise.resolve();
      expect(await outcomeOf(before, tick("second"))).not.toBeInstanceOf(DuplicateRunError);
    });
  });

  test("lists are locked independently", async () => {
    const store = new InMemoryStore();
    void withListLock(store, options("first"), () => never);
    await Promise.resolve();
    expect(await withListLock(store, options("second", 0, "weekly"), async () => 2)).toBe(2);
  });
});
