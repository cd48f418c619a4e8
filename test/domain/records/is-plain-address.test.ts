import { fc, test as property } from "@fast-check/vitest";
import { expect, test } from "vitest";
import { isDeliverable } from "../../../functions/domain/email.ts";
import { isPlainAddress } from "../../../functions/domain/records/is-plain-address.ts";

const isPlain = (address: string) => {
  const bytes = Buffer.from(`<${address}>`);
  return isPlainAddress(bytes, 1, bytes.length - 1);
};
const long = (length: number) => "a".repeat(length);

test.each(["a@b.fr", "jean.dupont+news@mail.example.fr", "j_d-2@xn--bcher-kva.example", `${long(64)}@x.fr`])(
  "%s is plain",
  (address) => {
    expect(isPlain(address)).toBe(true);
  },
);

test.each([
  "",
  "@x.fr",
  "a@",
  "a@fr",
  "a@x..fr",
  "a@.fr",
  "a@x.fr.",
  "a@-x.fr",
  "a@x-.fr",
  "a@x@y.fr",
  "a b@x.fr",
  "A@x.fr",
  "é@x.fr",
  "a@x_y.fr",
  `${long(65)}@x.fr`,
  `a@${long(64)}.fr`,
  `a@${`${long(60)}.`.repeat(5)}fr`,
])("%s is not plain", (address) => {
  expect(isPlain(address)).toBe(false);
});

const part = fc.string({ unit: fc.constantFrom(..."ab0.-_+@ é"), maxLength: 8 });

property.prop([fc.tuple(part, part, part).map(([local, domain, end]) => `${local}@${domain}.${end}`)])(
  "a plain address is deliverable",
  (address) => {
    if (isPlain(address)) expect(isDeliverable(address)).toBe(true);
  },
);
