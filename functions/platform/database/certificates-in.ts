import { X509Certificate } from "node:crypto";

const certificate = /-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----/gs;

/**
 * The certificates of a text in PEM, as PEM. Forms and command lines make spaces, or a backslash and an n, of its line
 * breaks: both are read.
 *
 * @returns none if one of them cannot be read
 */
export function certificatesIn(text: string): string[] {
  const blocks = Array.from(text.replaceAll("\\n", "\n").matchAll(certificate), ([, base64 = ""]) => base64);
  try {
    return blocks.map((base64) => new X509Certificate(Buffer.from(base64, "base64")).toString());
  } catch {
    return [];
  }
}
