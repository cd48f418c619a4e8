import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { SourceError } from "../../../functions/domain/errors.ts";
import { systemClock } from "../../../functions/platform/clock.ts";
import { createIamToken } from "../../../functions/platform/database/iam-token.ts";
import { openPostgresSession } from "../../../functions/platform/database/postgres-session.ts";
import { failureOf } from "../../sources/outcomes.ts";
import { createAuthority } from "./certificates.ts";
import { startTlsServer, type TlsServer } from "./tls-server.ts";

const authority = createAuthority("The publisher's authority");
const stranger = createAuthority("Another authority");
const ca = authority.certificate;
const identity = authority.certify("127.0.0.1");
const certifiedByPublisher = async () => await server.present(identity);

let server: TlsServer;
beforeAll(async () => {
  server = await startTlsServer(identity);
});
afterAll(() => server.stop());

/** Whether the server says that the connection is encrypted. @param change what the secret says besides */
async function connect(change: object, place: object = {}, clock = systemClock): Promise<string> {
  const session = await openPostgresSession({
    secret: "newsletter-sync/database",
    place,
    readSecret: async () => ({ ...server.secret, ...change }),
    clock,
    begin: "begin",
    connectionError: (...details) => new SourceError(...details),
    signal: new AbortController().signal,
  });
  const { rows } = await session.query(
    "select session_user || case when ssl then ', encrypted' else '' end from pg_stat_ssl where pid = pg_backend_pid()",
  );
  await session.close();
  return String(rows[0]?.[0]);
}
const refusal = async (change: object, place?: object) => (await failureOf(connect(change, place))).message;

describe("a server whose certificate the publisher's authority signed", () => {
  test.each([
    [{}],
    [{ ssl: true }],
    [{ sslmode: "prefer" }],
    [{ sslmode: "require" }],
    [{ sslmode: "verify-ca" }],
    [{ sslmode: "verify-full" }],
  ])("is verified against the secret's ca, with %j", async (change) => {
    expect(await connect({ ...change, ca })).toBe("postgres, encrypted");
  });

  test("is verified against any of several", async () => {
    expect(await connect({ ca: `${stranger.certificate}${ca}` })).toBe("postgres, encrypted");
  });

  test("is refused if the secret's ca is another authority's, whatever else is known here", async () => {
    for (const sslmode of ["require", "verify-ca", "verify-full"]) {
      expect(await refusal({ ca: stranger.certificate, sslmode })).toMatch(
        /cannot be reached: its certificate is signed by no authority of the secret's "ca"/,
      );
    }
  });

  test("is refused without a ca, and the error names the field", async () => {
    expect(await refusal({ ssl: true })).toMatch(/put the authority's certificate into the secret, as "ca"/);
  });

  test("is not reached without encryption, and the error names the fields", async () => {
    for (const change of [{}, { ssl: false }, { sslmode: "disable" }, { ca, ssl: false }]) {
      expect(await refusal(change)).toContain(
        'the secret "newsletter-sync/database" does not work: the server accepts only encrypted connections, ' +
          'which its "ssl" or "sslmode" turns off',
      );
    }
  });

  test("takes the username and password of a secret that RDS manages, at the place beside it", async () => {
    const { host, port, dbname } = server.secret;
    const elsewhere = { host: undefined, port: undefined, dbname: undefined, engine: undefined };
    expect(await connect({ ...elsewhere, ca }, { host, port, dbname })).toBe("postgres, encrypted");
  });
});

describe("a server with a certificate", () => {
  afterEach(certifiedByPublisher);

  test("for another name is accepted with verify-ca alone", async () => {
    await server.present(authority.certify("db.example.fr"));
    expect(await connect({ ca, sslmode: "verify-ca" })).toBe("postgres, encrypted");
    for (const sslmode of ["require", "verify-full"])
      expect(await refusal({ ca, sslmode })).toMatch(/another name than the host/);
  });

  test("that has expired is refused", async () => {
    await server.present(authority.certify("127.0.0.1", { until: new Date(Date.now() - 60_000) }));
    expect(await refusal({ ca, sslmode: "verify-ca" })).toMatch(/its certificate has expired/);
  });

  test("that nobody else signed is accepted if it is the secret's ca", async () => {
    const own = createAuthority("127.0.0.1");
    await server.present(own);
    expect(await connect({ ca: own.certificate, sslmode: "verify-ca" })).toBe("postgres, encrypted");
  });
});

describe("a user of IAM", () => {
  const clock = { ...systemClock, now: () => Date.UTC(2026, 10, 30, 12) };
  const place = { authentication: "iam" };
  const withoutPassword = { username: "iam_reader", password: undefined };

  beforeAll(async () => {
    vi.stubEnv("AWS_REGION", "eu-west-3");
    vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "example");
    vi.stubEnv("AWS_SESSION_TOKEN", "a/session+token=");
    const { host, port } = server.secret;
    const token = await createIamToken({ host, port, username: "iam_reader" }, clock.now());
    await server.createUser("iam_reader", token);
  });
  afterAll(() => vi.unstubAllEnvs());

  test("is authenticated by a token, encrypted on this machine, too", async () => {
    expect(await connect({ ...withoutPassword, ca }, place, clock)).toBe("iam_reader, encrypted");
    expect(await connect({ ...withoutPassword, ...place, ca }, {}, clock)).toBe("iam_reader, encrypted");
  });

  test("is authenticated by a token even if the secret has a password", async () => {
    expect(await connect({ ...withoutPassword, password: "of RDS", ca }, place, clock)).toBe(
      "iam_reader, encrypted",
    );
  });

  test("sends no token to a server that is not verified", async () => {
    expect(await refusal({ ...withoutPassword }, place)).toMatch(/"ca" in PEM/);
  });

  test("whose token is refused learns what it and the function's role need", async () => {
    const error = await failureOf(connect({ ...withoutPassword, ca }, place));
    expect(error.message).toMatch(
      /^source, the database 127\.0\.0\.1:\d+: cannot be reached: .* rds_iam, .* rds-db:connect for that user$/,
    );
  });
});
