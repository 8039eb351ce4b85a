-- Signing in by the name and passphrase of a directory (LDAP): wrong tries, counted before the directory is asked.

-- names of the directory are not those of our accounts; who they are is known only once the passphrase was right
create table directory_try (
    name   text   not null primary key,     -- keyed digest of the name typed
    failed bigint not null,                 -- wrong passphrases in a row
    locked bigint not null,                 -- moment until which it is refused, or 0
    seen   bigint not null                  -- moment of the last try
);
