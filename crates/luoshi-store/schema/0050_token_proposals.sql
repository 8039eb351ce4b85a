-- Which programs may raise proposals in their owner's name and read those the owner raised: none that was made before.

alter table access_token add column proposals bigint not null default 0;  -- 1 when it may
