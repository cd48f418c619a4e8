import { createHash } from "node:crypto";
import type { Dialect } from "./dialect.ts";

/** What a client needs in order to call. */
export interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly refreshToken: string;
}

interface RefreshToken {
  readonly scopes: readonly string[];
  usedAt: number;
  isSpent: boolean;
}

/** What a token request is answered with. */
export interface Grant {
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
  readonly scopes: readonly string[];
}

type TokenDialect = Pick<Dialect, "refreshTokens" | "spentRefreshToken" | "accessTokenSeconds">;

const unusedRefreshTokenMs = 180 * 86_400_000;

/** The tokens of an account for one application. */
export class Tokens {
  readonly #dialect: TokenDialect;
  readonly #clientId: string;
  readonly #refresh = new Map<string, RefreshToken>();
  readonly #access = new Map<string, { readonly expiresAt: number; readonly scopes: readonly string[] }>();
  #issued = 0;

  constructor(dialect: TokenDialect, clientId: string) {
    this.#dialect = dialect;
    this.#clientId = clientId;
  }

  /** Makes a refresh token known, as if it had been granted. */
  addRefreshToken(token: string, scopes: readonly string[], now: Date): void {
    this.#refresh.set(token, { scopes, usedAt: now.getTime(), isSpent: false });
  }

  /** Grants what a person has consented to: a refresh token is among it only with offline_access. */
  grant(scopes: readonly string[], now: Date): Grant {
    const refreshToken = scopes.includes("offline_access") ? this.#issueRefreshToken(scopes, now) : undefined;
    return { accessToken: this.#issueAccessToken(scopes, now), refreshToken, scopes };
  }

  /** Undefined if the refresh token is unknown, revoked, spent, or unused for 180 days. */
  refresh(token: string, now: Date): Grant | undefined {
    const known = this.#refresh.get(token);
    if (known?.isSpent && this.#dialect.spentRefreshToken === "everything is revoked") this.revokeAll();
    if (!known || known.isSpent || now.getTime() - known.usedAt > unusedRefreshTokenMs) return undefined;
    known.usedAt = now.getTime();
    known.isSpent = this.#dialect.refreshTokens === "rotating";
    const { scopes } = known;
    return {
      accessToken: this.#issueAccessToken(scopes, now),
      refreshToken: this.#refreshTokenAfter(token, scopes, now),
      scopes,
    };
  }

  /** What an access token allows; undefined if it is unknown, revoked or has expired. */
  scopesOf(accessToken: string, now: Date): readonly string[] | undefined {
    const known = this.#access.get(accessToken);
    return known && now.getTime() < known.expiresAt ? known.scopes : undefined;
  }

  expireAccessTokens(): void {
    this.#access.clear();
  }

  /** As when the account's owner takes back what was granted. */
  revokeAll(): void {
    this.#access.clear();
    this.#refresh.clear();
  }

  #refreshTokenAfter(token: string, scopes: readonly string[], now: Date): string | undefined {
    switch (this.#dialect.refreshTokens) {
      case "rotating":
        return this.#issueRefreshToken(scopes, now);
      case "the same":
        return token;
      case "none":
        return undefined;
    }
  }

  #issueRefreshToken(scopes: readonly string[], now: Date): string {
    const token = this.#secretText("refresh").slice(0, 42);
    this.addRefreshToken(token, scopes, now);
    return token;
  }

  /** In the form of a signed token, and as long. */
  #issueAccessToken(scopes: readonly string[], now: Date): string {
    const issuedAt = Math.floor(now.getTime() / 1_000);
    const expiresAt = issuedAt + this.#dialect.accessTokenSeconds;
    const claims = {
      cid: this.#clientId,
      platform_user_id: "00000000-0000-4000-8000-000000000001",
      aud: "https://api.cc.email/v3",
      scp: scopes,
      iat: issuedAt,
      exp: expiresAt,
    };
    const parts = [{ alg: "RS256", kid: "sandbox" }, claims].map((part) => encode(JSON.stringify(part)));
    const token = [...parts, this.#secretText("access").repeat(18).slice(0, 760)].join(".");
    this.#access.set(token, { expiresAt: expiresAt * 1_000, scopes });
    return token;
  }

  #secretText(kind: string): string {
    return createHash("sha256")
      .update(`${this.#clientId}/${kind}/${++this.#issued}`)
      .digest("base64url");
  }
}

const encode = (text: string): string => Buffer.from(text).toString("base64url");
