-- Some of what version 0.1.0 kept: two organisations, their people, posts, sign-ins, and three meetings.

insert into top (path, top_id) values
('0001', 1),
('0002', 9);

insert into unit (top_id, id, path, level, class, code, parts, order_no, short_name, full_name, search, founded, dissolved, why_dissolved, since, next_child) values
(1, 1, '0001', 'leading_group', 'organ', '', '', 1, '林泽厅党组', '中共林泽厅党组', '林泽厅党组 linzetingdangzu lztdz', '2020-01-01', '9999-12-31', null, '2020-01-01', 2),
(1, 2, '00010001', 'organ_committee', 'organ', '', '', 2, '机关党委', '中共机关党委', '机关党委 jiguandangwei jgdw', '2020-01-01', '9999-12-31', null, '2020-01-01', 3),
(1, 3, '000100010001', 'branch', 'organ', '', '', 3, '第一支部', '中共第一支部', '第一支部 diyizhibu dyzb', '2020-01-01', '9999-12-31', null, '2020-01-01', 1),
(1, 4, '000100010002', 'branch', 'organ', '', '', 4, '第二支部', '中共第二支部', '第二支部 dierzhibu dezb', '2020-01-01', '9999-12-31', null, '2020-01-01', 1),
(9, 9, '0002', 'leading_group', 'organ', '', '', 9, '外单位党组', '中共外单位党组', '外单位党组 waidanweidangzu wdwdz', '2020-01-01', '9999-12-31', null, '2020-01-01', 1);

insert into unit_change (top_id, unit_id, id, change, on_date, other_id, note, actor_id) values
(1, 1, 1882635666867580666, 'found', '2020-01-01', 0, '', 0),
(1, 2, 1882635666867580667, 'found', '2020-01-01', 0, '', 0),
(1, 3, 1882635666867580669, 'found', '2020-01-01', 0, '', 0),
(1, 4, 1882635666867580671, 'found', '2020-01-01', 0, '', 0),
(9, 9, 1882635666867580674, 'found', '2020-01-01', 0, '', 0);

insert into person (top_id, id, unit_id, path, standing, name, search, sex, born, joined, full_on, left_on, left_why) values
(1, 101, 3, '000100010001', 'full', '周文静', 'zhouwenjing zwj 周文静', '', '', '', '', '9999-12-31', null),
(1, 102, 3, '000100010001', 'full', '李建国', 'lijianguo ljg 李建国', '', '', '', '', '9999-12-31', null),
(1, 103, 4, '000100010002', 'full', '王秀兰', 'wangxiulan wxl 王秀兰', '', '', '', '', '9999-12-31', null),
(1, 104, 3, '000100010001', 'full', '张晓明', 'zhangxiaoming zxm 张晓明', '', '', '', '', '9999-12-31', null),
(1, 105, 3, '000100010001', 'full', '同志105', 'tongzhi105 tz105 同志105', '', '', '', '', '9999-12-31', null),
(1, 106, 3, '000100010001', 'full', '同志106', 'tongzhi106 tz106 同志106', '', '', '', '', '9999-12-31', null),
(1, 107, 3, '000100010001', 'full', '同志107', 'tongzhi107 tz107 同志107', '', '', '', '', '9999-12-31', null),
(1, 108, 3, '000100010001', 'full', '同志108', 'tongzhi108 tz108 同志108', '', '', '', '', '9999-12-31', null),
(1, 109, 3, '000100010001', 'full', '同志109', 'tongzhi109 tz109 同志109', '', '', '', '', '9999-12-31', null),
(1, 110, 3, '000100010001', 'full', '同志110', 'tongzhi110 tz110 同志110', '', '', '', '', '9999-12-31', null),
(1, 111, 3, '000100010001', 'full', '同志111', 'tongzhi111 tz111 同志111', '', '', '', '', '9999-12-31', null),
(1, 112, 3, '000100010001', 'full', '同志112', 'tongzhi112 tz112 同志112', '', '', '', '', '9999-12-31', null),
(9, 201, 9, '0002', 'full', '外人甲', 'wairenjia wrj 外人甲', '', '', '', '', '9999-12-31', null);

insert into affiliation (top_id, person_id, until_date, from_date, unit_id, why) values
(1, 101, '9999-12-31', '2021-01-01', 3, ''),
(1, 102, '9999-12-31', '2021-01-01', 3, ''),
(1, 103, '9999-12-31', '2021-01-01', 4, ''),
(1, 104, '9999-12-31', '2021-01-01', 3, ''),
(1, 105, '9999-12-31', '2021-01-01', 3, ''),
(1, 106, '9999-12-31', '2021-01-01', 3, ''),
(1, 107, '9999-12-31', '2021-01-01', 3, ''),
(1, 108, '9999-12-31', '2021-01-01', 3, ''),
(1, 109, '9999-12-31', '2021-01-01', 3, ''),
(1, 110, '9999-12-31', '2021-01-01', 3, ''),
(1, 111, '9999-12-31', '2021-01-01', 3, ''),
(1, 112, '9999-12-31', '2021-01-01', 3, ''),
(9, 201, '9999-12-31', '2021-01-01', 9, '');

insert into standing (top_id, person_id, from_date, standing) values
(1, 101, '2021-01-01', 'full'),
(1, 102, '2021-01-01', 'full'),
(1, 103, '2021-01-01', 'full'),
(1, 104, '2021-01-01', 'full'),
(1, 105, '2021-01-01', 'full'),
(1, 106, '2021-01-01', 'full'),
(1, 107, '2021-01-01', 'full'),
(1, 108, '2021-01-01', 'full'),
(1, 109, '2021-01-01', 'full'),
(1, 110, '2021-01-01', 'full'),
(1, 111, '2021-01-01', 'full'),
(1, 112, '2021-01-01', 'full'),
(9, 201, '2021-01-01', 'full');

insert into holding (top_id, unit_id, post, seat, until_date, from_date, person_id, path, how) values
(1, 1, 'party_affairs_worker', 101, '9999-12-31', '2021-01-01', 101, '0001', ''),
(1, 3, 'branch_secretary', 0, '9999-12-31', '2021-01-01', 102, '000100010001', ''),
(1, 4, 'branch_secretary', 0, '9999-12-31', '2021-01-01', 103, '000100010002', ''),
(9, 9, 'party_affairs_worker', 201, '9999-12-31', '2021-01-01', 201, '0002', '');

insert into login (name, top_id, person_id) values
('user101', 1, 101),
('user102', 1, 102),
('user103', 1, 103),
('user104', 1, 104),
('user201', 9, 201);

insert into account (top_id, person_id, login, hash, failed, locked, active) values
(1, 101, 'user101', '$argon2id$v=19$m=19456,t=2,p=1$JgM4csFvsMSihrXywLt5iQ$bBw/iyV1hoLEPTajoKt7iX8/gvVz1ObOl5zJBTHh5Uo', 0, 0, 1),
(1, 102, 'user102', '$argon2id$v=19$m=19456,t=2,p=1$JgM4csFvsMSihrXywLt5iQ$bBw/iyV1hoLEPTajoKt7iX8/gvVz1ObOl5zJBTHh5Uo', 0, 0, 1),
(1, 103, 'user103', '$argon2id$v=19$m=19456,t=2,p=1$JgM4csFvsMSihrXywLt5iQ$bBw/iyV1hoLEPTajoKt7iX8/gvVz1ObOl5zJBTHh5Uo', 0, 0, 1),
(1, 104, 'user104', '$argon2id$v=19$m=19456,t=2,p=1$JgM4csFvsMSihrXywLt5iQ$bBw/iyV1hoLEPTajoKt7iX8/gvVz1ObOl5zJBTHh5Uo', 0, 0, 1),
(9, 201, 'user201', '$argon2id$v=19$m=19456,t=2,p=1$JgM4csFvsMSihrXywLt5iQ$bBw/iyV1hoLEPTajoKt7iX8/gvVz1ObOl5zJBTHh5Uo', 0, 0, 1);

insert into session (top_id, token, person_id, began, seen, ends) values
(1, '8cba7f072878a66cfd444d5386284dd79c551ad4c2a716d1c193088daba10c28', 102, 1795421282882, 1795421282882, 1795464482882);

insert into record (top_id, id, version, unit_id, path, kind, on_date, written, author_id, data, tags, roles, makes_up, roll, withdrawn) values
(1, 1882635668257079512, 1, 3, '000100010001', 'general-meeting', '2023-02-10', '2026-11-23', 102, '{"topic":"synced 0"}', '', 'present:102', '', 'c52275e746559ce3bbc52867819002b7f7c57ca71386506dc7ca482ca6388f04', ''),
(1, 1882635668303984035, 1, 3, '000100010001', 'general-meeting', '2023-02-10', '2026-11-23', 102, '{"topic":"synced 1"}', '', 'present:102', '', 'c52275e746559ce3bbc52867819002b7f7c57ca71386506dc7ca482ca6388f04', ''),
(1, 1882635668309062947, 1, 3, '000100010001', 'general-meeting', '2023-02-10', '2026-11-23', 102, '{"topic":"synced 2"}', '', 'present:102', '', 'c52275e746559ce3bbc52867819002b7f7c57ca71386506dc7ca482ca6388f04', '');

insert into roll (top_id, digest, people) values
(1, 'c52275e746559ce3bbc52867819002b7f7c57ca71386506dc7ca482ca6388f04', '[101,102,104,105,106,107,108,109,110,111,112]');

insert into record_person (top_id, record_id, version, person_id, role, why) values
(1, 1882635668257079512, 1, 102, 'present', ''),
(1, 1882635668303984035, 1, 102, 'present', ''),
(1, 1882635668309062947, 1, 102, 'present', '');

insert into operation (top_id, id, person_id, outcome, at) values
(1, 1882635668243581961, 102, '/units/3/records/1882635668257079512', 1795421283967),
(1, 1882635668299385881, 102, '/units/3/records/1882635668303984035', 1795421284011),
(1, 1882635668305074942, 102, '/units/3/records/1882635668309062947', 1795421284016);

insert into audit (top_id, id, at, person_id, unit_id, act, object, detail) values
(1, 1882635666867580665, 1795421282641, 0, 1, 'unit.found', 1, ''),
(1, 1882635666867580668, 1795421282641, 0, 1, 'unit.found', 2, '中共机关党委'),
(1, 1882635666867580670, 1795421282641, 0, 2, 'unit.found', 3, '中共第一支部'),
(1, 1882635666867580672, 1795421282641, 0, 2, 'unit.found', 4, '中共第二支部'),
(9, 1882635666867580673, 1795421282641, 0, 9, 'unit.found', 9, ''),
(1, 1882635666867580675, 1795421282641, 0, 3, 'person.add', 101, ''),
(1, 1882635666867580676, 1795421282641, 0, 3, 'person.add', 102, ''),
(1, 1882635666868328726, 1795421282642, 0, 4, 'person.add', 103, ''),
(1, 1882635666876031024, 1795421282650, 0, 3, 'person.add', 104, ''),
(1, 1882635666876911216, 1795421282650, 0, 3, 'person.add', 105, ''),
(1, 1882635666876911217, 1795421282650, 0, 3, 'person.add', 106, ''),
(1, 1882635666876911218, 1795421282650, 0, 3, 'person.add', 107, ''),
(1, 1882635666876911219, 1795421282650, 0, 3, 'person.add', 108, ''),
(1, 1882635666876911220, 1795421282650, 0, 3, 'person.add', 109, ''),
(1, 1882635666876911221, 1795421282650, 0, 3, 'person.add', 110, ''),
(1, 1882635666876911222, 1795421282650, 0, 3, 'person.add', 111, ''),
(1, 1882635666877717589, 1795421282651, 0, 3, 'person.add', 112, ''),
(9, 1882635666877717590, 1795421282651, 0, 9, 'person.add', 201, ''),
(1, 1882635666877717591, 1795421282651, 0, 1, 'holding.appoint', 101, 'party_affairs_worker'),
(1, 1882635666877717592, 1795421282651, 0, 3, 'holding.appoint', 102, 'branch_secretary'),
(1, 1882635666877717593, 1795421282651, 0, 4, 'holding.appoint', 103, 'branch_secretary'),
(9, 1882635666877717594, 1795421282651, 0, 9, 'holding.appoint', 201, 'party_affairs_worker'),
(1, 1882635667103998853, 1795421282867, 101, 0, 'account.add', 101, ''),
(1, 1882635667104426730, 1795421282867, 102, 0, 'account.add', 102, ''),
(1, 1882635667104441578, 1795421282867, 103, 0, 'account.add', 103, ''),
(1, 1882635667104441579, 1795421282867, 104, 0, 'account.add', 104, ''),
(9, 1882635667104441580, 1795421282867, 201, 0, 'account.add', 201, ''),
(1, 1882635667104441581, 1795421282867, 0, 1, 'edition.put', 1, 'duties 2023'),
(1, 1882635667119775559, 1795421282882, 102, 0, 'session.begin', 102, ''),
(1, 1882635668257583019, 1795421283967, 102, 3, 'record.add', 1882635668257079512, 'general-meeting'),
(1, 1882635668303984036, 1795421284011, 102, 3, 'record.add', 1882635668303984035, 'general-meeting'),
(1, 1882635668309062948, 1795421284016, 102, 3, 'record.add', 1882635668309062947, 'general-meeting');
