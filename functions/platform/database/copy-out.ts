import type { Socket } from "node:net";
import type pg from "pg";

/** Enough rows at once to make their number of no account, and few enough to be nothing in memory. */
const blockBytes = 1 << 18;

/**
 * Runs a `copy … to stdout` and yields what it writes, in blocks of whole rows. While a block is being consumed at most
 * another one is received: the server waits meanwhile.
 *
 * @throws pg.DatabaseError when the server refuses the statement or fails midway, Error when the connection is lost
 */
export async function* copyOut(client: pg.Client, statement: string): AsyncGenerator<Buffer> {
  const receiver = new CopyReceiver(statement);
  client.query(receiver);
  for (;;) {
    const block = await receiver.take();
    if (block.length === 0) return;
    yield block;
  }
}

/** Takes pg's messages of a running COPY. */
class CopyReceiver implements pg.Submittable {
  readonly #statement: string;
  #socket: Socket | undefined;
  #bytes = Buffer.allocUnsafe(blockBytes);
  #size = 0;
  #isEnded = false;
  #failure: Error | undefined;
  #wake: () => void = () => undefined;

  constructor(statement: string) {
    this.#statement = statement;
  }

  /** @returns a block of whole rows, empty at the end */
  async take(): Promise<Buffer> {
    if (this.#size < blockBytes && !this.#isEnded) {
      this.#socket?.resume();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#size === 0 && this.#failure !== undefined) throw this.#failure;
    const block = this.#bytes.subarray(0, this.#size);
    this.#bytes = Buffer.allocUnsafe(blockBytes);
    this.#size = 0;
    return block;
  }

  /** By the extended protocol, which accepts one statement only. */
  submit(connection: pg.Connection): void {
    this.#socket = connection.stream as Socket;
    connection.parse({ text: this.#statement, name: "", types: [] }, true);
    connection.bind({}, true);
    connection.execute({}, true);
    connection.sync();
  }

  /** A message is a row, which the protocol promises. It is copied, as pg uses its buffer again. */
  handleCopyData({ chunk }: { chunk: Uint8Array }): void {
    const size = this.#size + chunk.length;
    if (size > this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes], 2 * size);
    this.#bytes.set(chunk, this.#size);
    this.#size = size;
    if (size < blockBytes) return;
    this.#socket?.pause();
    this.#wake();
  }

  handleCommandComplete(): void {}

  handleReadyForQuery(): void {
    this.#end();
  }

  handleError(error: Error): void {
    this.#failure = error;
    this.#end();
  }

  #end(): void {
    this.#isEnded = true;
    this.#wake();
  }
}
