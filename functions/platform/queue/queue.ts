/** A message as the queue gives it out. */
export interface Delivery {
  readonly id: string;
  readonly body: string;
  /** Messages of a group are to be done in their order. */
  readonly group: string;
  /** How often the queue has given it out, this time included. */
  readonly receives: number;
  /** What this one delivery is known by to the queue. */
  readonly receipt: string;
}

/** For how long a message is not to be given out again. */
export interface Wait {
  readonly delivery: Delivery;
  readonly seconds: number;
}

/** The queue, as whoever takes messages from it sees it. */
export interface Queue {
  /** Gives out more messages, of groups of which none is given out; none if there are no more. */
  receive(): Promise<readonly Delivery[]>;
  /** Takes messages out for good. */
  remove(deliveries: readonly Delivery[]): Promise<void>;
  /** Lets messages be given out again, each after its time. Never rejects: then the queue's own time holds. */
  postpone(waits: readonly Wait[]): Promise<void>;
}
