import { expect, test } from "vitest";
import type { ContactAnswer } from "../../../functions/providers/constant-contact/answers.ts";
import { readContact } from "../../../functions/providers/constant-contact/read-contact.ts";

test.each([
  ["Account", undefined, undefined],
  ["Account", "Account", undefined],
  ["Account", "Contact", 2],
  ["Contact", undefined, 1],
  ["Contact", "Account", 1],
  ["Contact", "Contact", 2],
  [undefined, undefined, 1],
] as const)(
  "of who is created by %s and updated by %s, the reader's last hand is told",
  (created, updated, at) => {
    const answer: ContactAnswer = {
      contact_id: "a",
      create_source: created,
      update_source: updated,
      created_at: 1,
      updated_at: 2,
    };
    expect(readContact(answer, new Map()).byReaderAt).toBe(at);
  },
);
