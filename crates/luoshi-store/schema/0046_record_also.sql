-- Few records count for a kind besides their own: they are found by themselves, without reading all others.
create index record_also on record (top_id, on_date) where tags like '%also:%';
