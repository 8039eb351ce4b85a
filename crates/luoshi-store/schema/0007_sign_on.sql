-- Signing in by other means than a passphrase: passkeys, and what may be shown to us once.

-- public keys of authenticators (WebAuthn): who shows one of them holds its private half
create table passkey (
    top_id     bigint not null,
    credential text   not null,             -- its name, in base64url
    person_id  bigint not null,
    cose       text   not null,             -- the public key (RFC 9052), in base64url
    counter    bigint not null,             -- signatures made, as it last said; 0 where it does not count
    name       text   not null,             -- what its owner calls it
    made       bigint not null,
    used       bigint not null,             -- moment, or 0
    stopped    bigint not null,             -- moment its counter went back, so that there may be two of it; or 0
    primary key (top_id, credential)
);
create index passkey_by_person on passkey (top_id, person_id);
create index passkey_by_credential on passkey (credential);

-- what was handed to a browser to be shown again once: a row says that it was
create table ticket (
    top_id bigint not null,
    ticket text   not null,                 -- digest
    used   bigint not null,
    primary key (top_id, ticket)
);
