/** What an id begins with tells what it is of. */
const beginnings = {
  contact: "c0c0c0c0",
  list: "11571157",
  activity: "ac71ac71",
  customField: "cf1dcf1d",
  part: "9a279a27",
  request: "2e9e2e9e",
};

type Kind = keyof typeof beginnings;

/** The uuid of the thing number `n` of a kind: the same in every run. */
export const numberedId = (kind: Kind, n: number): string =>
  `${beginnings[kind]}-0000-4000-8000-${n.toString(16).padStart(12, "0")}`;

/** The inverse of `numberedId`; undefined for an id of another kind, or one that a test chose. */
export function numberOfId(kind: Kind, id: string): number | undefined {
  const n = Number.parseInt(id.slice(-12), 16);
  return numberedId(kind, n) === id ? n : undefined;
}
