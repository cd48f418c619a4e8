import type { Reporter, TestModule } from "vitest/node";

/** Ends a run with two plain lines that a script can read: "in 92 s" and "N passed, N failed, N skipped". */
export default class PlainReporter implements Reporter {
  #startedAt = 0;

  onInit(): void {
    this.#startedAt = performance.now();
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    for (const module of modules) {
      counts.failed += module.errors().length;
      for (const test of module.children.allTests()) counts[test.result().state]++;
    }
    const skipped = counts.skipped + counts.pending;
    console.log(`\nin ${Math.round((performance.now() - this.#startedAt) / 1000)} s`);
    console.log(
      `${counts.passed} passed, ${counts.failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`,
    );
  }
}
