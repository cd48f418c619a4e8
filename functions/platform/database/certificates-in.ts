import { X509Certificate } from "node:crypto";

/**
 * The certificates of a text in PEM, as PEM. Forms and command lines make spaces, or a backslash and an n, of its line
 * breaks: both are read.
 *
 * @returns none if one of them cannot be read
 */
export function certificatesIn(text: string): string[] {
  const [, ...blocks] = text.replaceAll("\\n", "\n").split("-----BEGIN CERTIFICATE-----");
  try {
    return blocks.map((block) => {
      const [base64 = ""] = block.split("-----END CERTIFICATE-----");
      return new X509Certificate(Buffer.from(base64, "base64")).toString();
    });
  } catch {
    return [];
  }
}
