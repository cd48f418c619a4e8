import { describe, expect, test } from "vitest";
import { NdjsonChunks, readChunk } from "../../../functions/platform/storage/ndjson-chunks.ts";
import { InMemoryStore } from "../../support/in-memory-store.ts";

const rowsOf = (rows: number) => ({ rows, size: 1000 });

describe("NdjsonChunks", () => {
  test("stores no more in a chunk than its size allows, or a single row", async () => {
    const chunks = new NdjsonChunks<string>(
      new InMemoryStore(),
      { rows: 10, size: 20 },
      (chunk) => `rows-${chunk}`,
    );
    for (const text of ["a".repeat(50), "b".repeat(6), "c".repeat(6), "d".repeat(6), "e"])
      await chunks.add(text);
    await chunks.finish();
    expect(chunks.chunks.map(({ rows }) => rows)).toEqual([1, 2, 2]);
  });

  test("stores a fixed number of rows per object, and the rest at the end", async () => {
    const store = new InMemoryStore();
    const chunks = new NdjsonChunks<{ n: number; text: string }>(
      store,
      rowsOf(2),
      (chunk) => `rows-${chunk}`,
    );
    for (const n of [1, 2, 3]) await chunks.add({ n, text: 'line\nbreak, "quote", é' });
    await chunks.finish();
    await chunks.finish();
    expect(chunks.chunks.map(({ rows }) => rows)).toEqual([2, 1]);
    expect(chunks.rows).toBe(3);
    expect(await readChunk(store, "rows-1", chunks.chunks[1]!.sha256)).toEqual([
      { n: 3, text: 'line\nbreak, "quote", é' },
    ]);
  });

  test("rows that are added concurrently are all stored", async () => {
    const store = new InMemoryStore();
    const chunks = new NdjsonChunks<number>(store, rowsOf(1), (chunk) => `rows-${chunk}`);
    await Promise.all([1, 2, 3, 4].map((n) => chunks.add(n)));
    await chunks.finish();
    const stored = await Promise.all([0, 1, 2, 3].map((chunk) => readChunk(store, `rows-${chunk}`)));
    expect(stored.flat().sort()).toEqual([1, 2, 3, 4]);
  });

  test("an object that cannot be stored fails the next call, at the latest finish", async () => {
    const store = new InMemoryStore();
    store.put = () => Promise.reject(new Error("S3 is down"));
    const chunks = new NdjsonChunks<number>(store, rowsOf(1), (chunk) => `rows-${chunk}`);
    await chunks.add(1);
    await expect(chunks.finish()).rejects.toThrow("S3 is down");
  });

  test("a missing object, or one with another hash, is not read", async () => {
    const store = new InMemoryStore();
    const chunks = new NdjsonChunks<number>(store, rowsOf(1), (chunk) => `rows-${chunk}`);
    await chunks.add(1);
    await chunks.finish();
    expect(await readChunk(store, "rows-9", "any")).toBeUndefined();
    expect(await readChunk(store, "rows-0", "0".repeat(64))).toBeUndefined();
  });
});
