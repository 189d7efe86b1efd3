// A real OpenID Connect provider for tests: `node provider.mjs PORT KID REDIRECT_URI`. Its log-in form takes any name.
import { generateKeyPairSync } from "node:crypto";

import { Provider } from "oidc-provider";

const [port, kid, redirect] = process.argv.slice(2);
const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: "sabaq",
      client_secret: "a secret with : and +",
      redirect_uris: [redirect],
      id_token_signed_response_alg: "ES256",
    },
  ],
  jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), kid, alg: "ES256", use: "sig" }] },
  cookies: { keys: ["only for tests"] },
  pkce: { required: () => true },
  claims: { openid: ["sub"], profile: ["preferred_username"], email: ["email", "email_verified"] },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: `at-the-provider-${id}`, preferred_username: id, email: `${id}@x.example`, email_verified: false }),
  }),
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
process.stdin.resume().on("end", () => process.exit()); // ends with whoever started it
