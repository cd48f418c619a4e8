import { expect, test } from "vitest";
import { style } from "../../functions/show-runs/style.ts";

const [light = "", dark = "", print = ""] = style.split(":root {").slice(1);

function colourOf(block: string, name: string): number[] {
  const hex = new RegExp(`--${name}: #([0-9a-f]{3,6})`).exec(block)?.[1] ?? "";
  const full = hex.length === 3 ? hex.replaceAll(/./g, "$&$&") : hex;
  return [0, 2, 4].map((place) => Number.parseInt(full.slice(place, place + 2), 16) / 255);
}

/** By the definition of WCAG 2. */
function luminanceOf(colour: readonly number[]): number {
  const [red = 0, green = 0, blue = 0] = colour.map((part) =>
    part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrastOf(block: string, text: string, ground: string): number {
  const [less = 0, more = 0] = [text, ground]
    .map((name) => luminanceOf(colourOf(block, name)))
    .toSorted((one, other) => one - other);
  return (more + 0.05) / (less + 0.05);
}

const grounds = ["paper", "card", "wash"];
const texts = ["ink", "muted", "blue", "green", "red", "amber"];

test.each([
  ["light", light],
  ["dark", dark],
  ["printed", print],
])("every text of a page that is %s can be read on every ground", (_, block) => {
  const pairs = texts.flatMap((text) =>
    grounds.map((ground) => [text, ground, contrastOf(block, text, ground)]),
  );
  expect(pairs.filter(([, , contrast]) => !(Number(contrast) >= 4.5))).toEqual([]);
});
