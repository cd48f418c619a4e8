/**
 * How many addresses a list should have by now: those that were read, and those that were added since. Any other number
 * shows that somebody else has added some.
 */
export class ListSize {
  #known: number | undefined;
  #underWay = 0;

  /**
   * New addresses are about to be sent.
   *
   * @param held how many addresses the list had when it was read
   * @returns what to call once when their request is over, with how many of them the list has because of it
   */
  add(held: number, addresses: number): (added: number) => void {
    this.#known ??= held;
    this.#underWay += addresses;
    return (added) => {
      this.#underWay -= addresses;
      this.#known! += added;
    };
  }

  /** Counts the list again. @returns whether it is as large as it should be: not exactly while additions are under way */
  async isAsExpected(held: number, countAll: () => Promise<number>): Promise<boolean> {
    this.#known ??= held;
    const least = this.#known;
    const most = least + this.#underWay;
    const counted = await countAll();
    if (least <= counted && counted <= most) return true;
    this.#known = counted;
    return false;
  }
}
