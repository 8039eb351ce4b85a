// An issuer of single sign-on for tests: the package oidc-provider, on loopback. Whoever is named by `login_hint`, or
// else `a-1`, is signed in at once. POST /spoil/<how> makes it answer the next tokens wrongly, as a broken or hostile issuer would.
import http from 'node:http';
import https from 'node:https';
import fs from 'node:fs';
import crypto from 'node:crypto';
import { Provider } from 'oidc-provider';
import * as jose from 'jose';

// nobody reads more than the first line
console.info = console.warn = () => {};
const [, , back, certificate, key] = process.argv;
const made = () => crypto.generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const jwk = (secret, kid) => ({ ...secret.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' });
let last; // what the token endpoint said last
const keys = { now: made(), kid: 'first', others: [] };

const server = certificate
  ? https.createServer({ cert: fs.readFileSync(certificate), key: fs.readFileSync(key) })
  : http.createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `${certificate ? 'https' : 'http'}://127.0.0.1:${server.address().port}`;
  server.on('request', serve(issuer));
  console.log(issuer);
});

function serve(issuer) {
  const provider = new Provider(issuer, {
    clients: [{ client_id: 'luoshi', client_secret: 'a secret & more', redirect_uris: [back] }],
    jwks: { keys: [jwk(keys.now, keys.kid)] },
    claims: { openid: ['sub'], profile: ['staff'] },
    cookies: { keys: ['for tests'] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    pkce: { required: () => true },
    findAccount: (_, id) => ({ accountId: id, claims: () => (id === 'codeless' ? { sub: id } : { sub: id, staff: id }) }),
    async loadExistingGrant(context) {
      const { client, session } = context.oidc;
      const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope('openid profile');
      await grant.save();
      return grant;
    },
  });
  const answer = provider.callback();
  let spoiled = '';
  return async (request, response) => {
    const path = request.url.split('?')[0];
    if (path.startsWith('/spoil/')) {
      spoiled = path.slice('/spoil/'.length);
      if (spoiled === 'rotated') {
        keys.others.push(jwk(made(), 'second'));
      }
      return response.end('ok');
    }
    if (path.startsWith('/interaction/')) {
      const { params } = await provider.interactionDetails(request, response);
      const login = { accountId: params.login_hint ?? 'a-1', amr: ['pwd'] };
      return provider.interactionFinished(request, response, { login }, { mergeWithLastSubmission: false });
    }
    if (path === '/token' && spoiled === 'again') { // as an issuer would that takes a code twice
      response.setHeader('content-type', 'application/json');
      return response.end(last);
    }
    if (path === '/token' || path === '/jwks' || path === '/me') {
      await altered(response, path, () => spoiled);
    }
    return answer(request, response);
  };
}

// Lets the provider answer, and changes what it says before it leaves.
async function altered(response, path, how) {
  const end = response.end.bind(response);
  response.end = async (body) => {
    let said = JSON.parse(body.toString());
    if (path === '/token' && said.id_token) {
      said.id_token = await spoil(said.id_token, how());
    }
    if (path === '/jwks') {
      said.keys.push(...keys.others.map(({ d, p, q, dp, dq, qi, ...open }) => open));
    }
    if (path === '/me' && how() === 'somebody') {
      said = { sub: 'another', staff: 'another' };
    }
    const bytes = Buffer.from(JSON.stringify(said));
    if (path === '/token' && said.id_token) {
      last = bytes;
    }
    response.setHeader('content-length', bytes.length);
    end(bytes);
  };
}

const now = () => Math.floor(Date.now() / 1000);
const changes = {
  nonce: (claims) => ({ ...claims, nonce: 'of another sign-in' }),
  unasked: ({ nonce, ...claims }) => claims,
  audience: (claims) => ({ ...claims, aud: 'another' }),
  audiences: (claims) => ({ ...claims, aud: ['luoshi', 'another'], azp: 'another' }),
  issuer: (claims) => ({ ...claims, iss: 'https://id.example.org' }),
  expired: (claims) => ({ ...claims, iat: now() - 700, exp: now() - 100 }),
  endless: ({ exp, ...claims }) => claims,
  future: (claims) => ({ ...claims, iat: now() + 600, exp: now() + 1200 }),
  late: (claims) => ({ ...claims, iat: now() - 700, exp: now() - 30 }),
  early: (claims) => ({ ...claims, iat: now() + 30 }),
  strong: (claims) => ({ ...claims, amr: ['pwd', 'mfa'] }),
};

async function spoil(token, how) {
  const claims = jose.decodeJwt(token);
  const coded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  if (how === 'none') {
    return `${coded({ alg: 'none' })}.${coded(claims)}.`;
  }
  if (how === 'shared') { // signed by what everybody knows of the key, as a key of another kind (CVE-2015-9235)
    const open = crypto.createPublicKey(keys.now).export({ type: 'spki', format: 'pem' });
    return new jose.SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: keys.kid }).sign(Buffer.from(open));
  }
  if (how === 'unknown') {
    return new jose.SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'of a stranger' }).sign(made());
  }
  if (how === 'forged') {
    return new jose.SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: keys.kid }).sign(made());
  }
  if (how === 'rotated') {
    const secret = crypto.createPrivateKey({ key: keys.others[0], format: 'jwk' });
    return new jose.SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'second' }).sign(secret);
  }
  if (how === 'cut') {
    return token.slice(0, -6);
  }
  const change = changes[how];
  if (!change) {
    return token;
  }
  return new jose.SignJWT(change(claims)).setProtectedHeader({ alg: 'RS256', kid: keys.kid }).sign(keys.now);
}
