-- When who uses a session last proved who they are: asked for anew before how one signs in is changed.

alter table session add column proven bigint not null default 0;  -- moment; 0 in sessions from before
