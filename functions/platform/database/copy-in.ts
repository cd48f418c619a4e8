import type pg from "pg";

/** What pg has for COPY, and its types do not mention. */
interface CopyConnection extends pg.Connection {
  sendCopyFromChunk(bytes: Uint8Array): void;
  endCopyFrom(): void;
}

/** A running COPY into the database. */
export interface CopyIn {
  /**
   * Sends bytes, and waits until the connection takes more.
   *
   * @throws pg.DatabaseError when the server has refused the statement or a row, Error when the connection is lost
   */
  write(bytes: Uint8Array): Promise<void>;
  /** Ends the rows. @returns their number, by the server's count. @throws as `write` does */
  end(): Promise<number>;
}

/** Runs a `copy … from stdin`. Until its end, the connection is good for nothing but to be closed. */
export function copyIn(client: pg.Client, statement: string): CopyIn {
  const sender = new CopySender(statement);
  client.query(sender);
  return sender;
}

/** Sends pg's messages of a running COPY. */
class CopySender implements pg.Submittable, CopyIn {
  readonly #statement: string;
  #connection: CopyConnection | undefined;
  #isSynced = false;
  #state: "submitted" | "open" | "ended" = "submitted";
  #rows = 0;
  #failure: Error | undefined;
  #wake: () => void = () => undefined;

  constructor(statement: string) {
    this.#statement = statement;
  }

  async write(bytes: Uint8Array): Promise<void> {
    const connection = await this.#open();
    const { stream } = connection;
    connection.sendCopyFromChunk(bytes);
    if (stream.writableNeedDrain) stream.once("drain", () => this.#wake());
    await this.#until(() => !stream.writableNeedDrain);
  }

  async end(): Promise<number> {
    const connection = await this.#open();
    connection.endCopyFrom();
    this.#sync();
    await this.#until(() => this.#state === "ended");
    return this.#rows;
  }

  /** By the extended protocol, which accepts one statement only. The server ignores a sync before the end of the rows. */
  submit(connection: pg.Connection): void {
    this.#connection = connection as CopyConnection;
    connection.parse({ text: this.#statement, name: "", types: [] }, true);
    connection.bind({}, true);
    connection.execute({}, true);
    connection.flush();
  }

  handleCopyInResponse(): void {
    this.#enter("open");
  }

  handleCommandComplete({ text }: { text: string }): void {
    this.#rows = Number(text.split(" ")[1]);
  }

  handleReadyForQuery(): void {
    this.#enter("ended");
  }

  /** After an error the server skips all messages up to a sync. */
  handleError(error: Error): void {
    this.#failure = error;
    this.#sync();
    this.#wake();
  }

  /** The connection, as soon as the server waits for rows. */
  async #open(): Promise<CopyConnection> {
    await this.#until(() => this.#state === "open");
    return this.#connection!;
  }

  #enter(state: "open" | "ended"): void {
    this.#state = state;
    this.#wake();
  }

  #sync(): void {
    if (!this.#isSynced) this.#connection?.sync();
    this.#isSynced = true;
  }

  async #until(isSo: () => boolean): Promise<void> {
    while (this.#failure === undefined && !isSo()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#failure !== undefined) throw this.#failure;
  }
}
