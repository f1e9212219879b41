-- What the translator writes around sqlift.date() and its like, so that dates in their usual form stay out of plpgsql.
-- https://sqlite.org/lang_datefunc.html

-- Whether the text is YYYY-MM-DD or YYYY-MM-DD HH:MM:SS of the years 1970 to 2069, and a date that the calendar has: exactly then
-- its parts stand at their places, and PostgreSQL reads it as SQLite does.
-- It is inlined, so an argument that is no column or parameter would be computed several times. Looking up two digits in
-- a list, which PostgreSQL 14 hashes, is what costs least; a regular expression takes three times as long.
CREATE OR REPLACE FUNCTION sqlift.is_moment(value text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN $1 OPERATOR(pg_catalog.~~) '____-__-__ __:__:__'
            THEN pg_catalog.split_part($1, ':', 2) OPERATOR(pg_catalog.=) ANY ('{00,01,02,03,04,05,06,07,08,09,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,35,36,37,38,39,40,41,42,43,44,45,46,47,48,49,50,51,52,53,54,55,56,57,58,59}'::pg_catalog.text[])
                AND pg_catalog.split_part($1, ':', 3) OPERATOR(pg_catalog.=) ANY ('{00,01,02,03,04,05,06,07,08,09,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,35,36,37,38,39,40,41,42,43,44,45,46,47,48,49,50,51,52,53,54,55,56,57,58,59}'::pg_catalog.text[])
                AND pg_catalog.substr($1, 12, 2) OPERATOR(pg_catalog.=) ANY ('{00,01,02,03,04,05,06,07,08,09,10,11,12,13,14,15,16,17,18,19,20,21,22,23}'::pg_catalog.text[])
            ELSE $1 OPERATOR(pg_catalog.~~) '____-__-__' END
        AND pg_catalog.split_part($1, '-', 1) OPERATOR(pg_catalog.=) ANY ('{1970,1971,1972,1973,1974,1975,1976,1977,1978,1979,1980,1981,1982,1983,1984,1985,1986,1987,1988,1989,1990,1991,1992,1993,1994,1995,1996,1997,1998,1999,2000,2001,2002,2003,2004,2005,2006,2007,2008,2009,2010,2011,2012,2013,2014,2015,2016,2017,2018,2019,2020,2021,2022,2023,2024,2025,2026,2027,2028,2029,2030,2031,2032,2033,2034,2035,2036,2037,2038,2039,2040,2041,2042,2043,2044,2045,2046,2047,2048,2049,2050,2051,2052,2053,2054,2055,2056,2057,2058,2059,2060,2061,2062,2063,2064,2065,2066,2067,2068,2069}'::pg_catalog.text[])
        AND CASE WHEN pg_catalog.substr($1, 9, 2) OPERATOR(pg_catalog.=) ANY ('{01,02,03,04,05,06,07,08,09,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28}'::pg_catalog.text[])
            THEN pg_catalog.split_part($1, '-', 2) OPERATOR(pg_catalog.=) ANY ('{01,02,03,04,05,06,07,08,09,10,11,12}'::pg_catalog.text[])
            WHEN pg_catalog.substr($1, 6, 5) OPERATOR(pg_catalog.=) ANY ('{01-29,01-30,01-31,03-29,03-30,03-31,04-29,04-30,05-29,05-30,05-31,06-29,06-30,07-29,07-30,07-31,08-29,08-30,08-31,09-29,09-30,10-29,10-30,10-31,11-29,11-30,12-29,12-30,12-31}'::pg_catalog.text[]) THEN true
            ELSE pg_catalog.substr($1, 6, 5) OPERATOR(pg_catalog.=) '02-29'
                AND pg_catalog.split_part($1, '-', 1) OPERATOR(pg_catalog.=) ANY ('{1972,1976,1980,1984,1988,1992,1996,2000,2004,2008,2012,2016,2020,2024,2028,2032,2036,2040,2044,2048,2052,2056,2060,2064,2068}'::pg_catalog.text[]) END
$f$;

-- The same, for what no index or generated column holds: bytes are cut out of a text at a third of what characters cost. textsend() is
-- STABLE because the encoding of the client is a setting; what passes has digits and signs alone, in 10 or 19 bytes.
CREATE OR REPLACE FUNCTION sqlift.has_moment(value text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN pg_catalog.octet_length($1) OPERATOR(pg_catalog.=) 19
            THEN pg_catalog.substr(pg_catalog.textsend($1), 17, 3) OPERATOR(pg_catalog.=) ANY ('{:00,:01,:02,:03,:04,:05,:06,:07,:08,:09,:10,:11,:12,:13,:14,:15,:16,:17,:18,:19,:20,:21,:22,:23,:24,:25,:26,:27,:28,:29,:30,:31,:32,:33,:34,:35,:36,:37,:38,:39,:40,:41,:42,:43,:44,:45,:46,:47,:48,:49,:50,:51,:52,:53,:54,:55,:56,:57,:58,:59}'::pg_catalog.bytea[])
                AND pg_catalog.substr(pg_catalog.textsend($1), 14, 3) OPERATOR(pg_catalog.=) ANY ('{:00,:01,:02,:03,:04,:05,:06,:07,:08,:09,:10,:11,:12,:13,:14,:15,:16,:17,:18,:19,:20,:21,:22,:23,:24,:25,:26,:27,:28,:29,:30,:31,:32,:33,:34,:35,:36,:37,:38,:39,:40,:41,:42,:43,:44,:45,:46,:47,:48,:49,:50,:51,:52,:53,:54,:55,:56,:57,:58,:59}'::pg_catalog.bytea[])
                AND pg_catalog.substr(pg_catalog.textsend($1), 11, 3) OPERATOR(pg_catalog.=) ANY ('{" 00"," 01"," 02"," 03"," 04"," 05"," 06"," 07"," 08"," 09"," 10"," 11"," 12"," 13"," 14"," 15"," 16"," 17"," 18"," 19"," 20"," 21"," 22"," 23"}'::pg_catalog.bytea[])
            ELSE pg_catalog.octet_length($1) OPERATOR(pg_catalog.=) 10 END
        AND pg_catalog.substr(pg_catalog.textsend($1), 1, 4) OPERATOR(pg_catalog.=) ANY ('{1970,1971,1972,1973,1974,1975,1976,1977,1978,1979,1980,1981,1982,1983,1984,1985,1986,1987,1988,1989,1990,1991,1992,1993,1994,1995,1996,1997,1998,1999,2000,2001,2002,2003,2004,2005,2006,2007,2008,2009,2010,2011,2012,2013,2014,2015,2016,2017,2018,2019,2020,2021,2022,2023,2024,2025,2026,2027,2028,2029,2030,2031,2032,2033,2034,2035,2036,2037,2038,2039,2040,2041,2042,2043,2044,2045,2046,2047,2048,2049,2050,2051,2052,2053,2054,2055,2056,2057,2058,2059,2060,2061,2062,2063,2064,2065,2066,2067,2068,2069}'::pg_catalog.bytea[])
        AND CASE WHEN pg_catalog.substr(pg_catalog.textsend($1), 5, 6) OPERATOR(pg_catalog.=) ANY ('{-01-01,-01-02,-01-03,-01-04,-01-05,-01-06,-01-07,-01-08,-01-09,-01-10,-01-11,-01-12,-01-13,-01-14,-01-15,-01-16,-01-17,-01-18,-01-19,-01-20,-01-21,-01-22,-01-23,-01-24,-01-25,-01-26,-01-27,-01-28,-01-29,-01-30,-01-31,-02-01,-02-02,-02-03,-02-04,-02-05,-02-06,-02-07,-02-08,-02-09,-02-10,-02-11,-02-12,-02-13,-02-14,-02-15,-02-16,-02-17,-02-18,-02-19,-02-20,-02-21,-02-22,-02-23,-02-24,-02-25,-02-26,-02-27,-02-28,-03-01,-03-02,-03-03,-03-04,-03-05,-03-06,-03-07,-03-08,-03-09,-03-10,-03-11,-03-12,-03-13,-03-14,-03-15,-03-16,-03-17,-03-18,-03-19,-03-20,-03-21,-03-22,-03-23,-03-24,-03-25,-03-26,-03-27,-03-28,-03-29,-03-30,-03-31,-04-01,-04-02,-04-03,-04-04,-04-05,-04-06,-04-07,-04-08,-04-09,-04-10,-04-11,-04-12,-04-13,-04-14,-04-15,-04-16,-04-17,-04-18,-04-19,-04-20,-04-21,-04-22,-04-23,-04-24,-04-25,-04-26,-04-27,-04-28,-04-29,-04-30,-05-01,-05-02,-05-03,-05-04,-05-05,-05-06,-05-07,-05-08,-05-09,-05-10,-05-11,-05-12,-05-13,-05-14,-05-15,-05-16,-05-17,-05-18,-05-19,-05-20,-05-21,-05-22,-05-23,-05-24,-05-25,-05-26,-05-27,-05-28,-05-29,-05-30,-05-31,-06-01,-06-02,-06-03,-06-04,-06-05,-06-06,-06-07,-06-08,-06-09,-06-10,-06-11,-06-12,-06-13,-06-14,-06-15,-06-16,-06-17,-06-18,-06-19,-06-20,-06-21,-06-22,-06-23,-06-24,-06-25,-06-26,-06-27,-06-28,-06-29,-06-30,-07-01,-07-02,-07-03,-07-04,-07-05,-07-06,-07-07,-07-08,-07-09,-07-10,-07-11,-07-12,-07-13,-07-14,-07-15,-07-16,-07-17,-07-18,-07-19,-07-20,-07-21,-07-22,-07-23,-07-24,-07-25,-07-26,-07-27,-07-28,-07-29,-07-30,-07-31,-08-01,-08-02,-08-03,-08-04,-08-05,-08-06,-08-07,-08-08,-08-09,-08-10,-08-11,-08-12,-08-13,-08-14,-08-15,-08-16,-08-17,-08-18,-08-19,-08-20,-08-21,-08-22,-08-23,-08-24,-08-25,-08-26,-08-27,-08-28,-08-29,-08-30,-08-31,-09-01,-09-02,-09-03,-09-04,-09-05,-09-06,-09-07,-09-08,-09-09,-09-10,-09-11,-09-12,-09-13,-09-14,-09-15,-09-16,-09-17,-09-18,-09-19,-09-20,-09-21,-09-22,-09-23,-09-24,-09-25,-09-26,-09-27,-09-28,-09-29,-09-30,-10-01,-10-02,-10-03,-10-04,-10-05,-10-06,-10-07,-10-08,-10-09,-10-10,-10-11,-10-12,-10-13,-10-14,-10-15,-10-16,-10-17,-10-18,-10-19,-10-20,-10-21,-10-22,-10-23,-10-24,-10-25,-10-26,-10-27,-10-28,-10-29,-10-30,-10-31,-11-01,-11-02,-11-03,-11-04,-11-05,-11-06,-11-07,-11-08,-11-09,-11-10,-11-11,-11-12,-11-13,-11-14,-11-15,-11-16,-11-17,-11-18,-11-19,-11-20,-11-21,-11-22,-11-23,-11-24,-11-25,-11-26,-11-27,-11-28,-11-29,-11-30,-12-01,-12-02,-12-03,-12-04,-12-05,-12-06,-12-07,-12-08,-12-09,-12-10,-12-11,-12-12,-12-13,-12-14,-12-15,-12-16,-12-17,-12-18,-12-19,-12-20,-12-21,-12-22,-12-23,-12-24,-12-25,-12-26,-12-27,-12-28,-12-29,-12-30,-12-31}'::pg_catalog.bytea[]) THEN true
            ELSE pg_catalog.substr(pg_catalog.textsend($1), 5, 6) OPERATOR(pg_catalog.=) '-02-29'::pg_catalog.bytea
                AND pg_catalog.substr(pg_catalog.textsend($1), 1, 4) OPERATOR(pg_catalog.=) ANY ('{1972,1976,1980,1984,1988,1992,1996,2000,2004,2008,2012,2016,2020,2024,2028,2032,2036,2040,2044,2048,2052,2056,2060,2064,2068}'::pg_catalog.bytea[]) END
$f$;

-- The same for queries that aggregate: one comparison less, with longer lists, which a row alone would not pay for.
CREATE OR REPLACE FUNCTION sqlift.has_moment_in_many(value text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN pg_catalog.octet_length($1) OPERATOR(pg_catalog.=) 19
            THEN pg_catalog.substr(pg_catalog.textsend($1), 16, 4) OPERATOR(pg_catalog.=) ANY ('{0:00,0:01,0:02,0:03,0:04,0:05,0:06,0:07,0:08,0:09,0:10,0:11,0:12,0:13,0:14,0:15,0:16,0:17,0:18,0:19,0:20,0:21,0:22,0:23,0:24,0:25,0:26,0:27,0:28,0:29,0:30,0:31,0:32,0:33,0:34,0:35,0:36,0:37,0:38,0:39,0:40,0:41,0:42,0:43,0:44,0:45,0:46,0:47,0:48,0:49,0:50,0:51,0:52,0:53,0:54,0:55,0:56,0:57,0:58,0:59,1:00,1:01,1:02,1:03,1:04,1:05,1:06,1:07,1:08,1:09,1:10,1:11,1:12,1:13,1:14,1:15,1:16,1:17,1:18,1:19,1:20,1:21,1:22,1:23,1:24,1:25,1:26,1:27,1:28,1:29,1:30,1:31,1:32,1:33,1:34,1:35,1:36,1:37,1:38,1:39,1:40,1:41,1:42,1:43,1:44,1:45,1:46,1:47,1:48,1:49,1:50,1:51,1:52,1:53,1:54,1:55,1:56,1:57,1:58,1:59,2:00,2:01,2:02,2:03,2:04,2:05,2:06,2:07,2:08,2:09,2:10,2:11,2:12,2:13,2:14,2:15,2:16,2:17,2:18,2:19,2:20,2:21,2:22,2:23,2:24,2:25,2:26,2:27,2:28,2:29,2:30,2:31,2:32,2:33,2:34,2:35,2:36,2:37,2:38,2:39,2:40,2:41,2:42,2:43,2:44,2:45,2:46,2:47,2:48,2:49,2:50,2:51,2:52,2:53,2:54,2:55,2:56,2:57,2:58,2:59,3:00,3:01,3:02,3:03,3:04,3:05,3:06,3:07,3:08,3:09,3:10,3:11,3:12,3:13,3:14,3:15,3:16,3:17,3:18,3:19,3:20,3:21,3:22,3:23,3:24,3:25,3:26,3:27,3:28,3:29,3:30,3:31,3:32,3:33,3:34,3:35,3:36,3:37,3:38,3:39,3:40,3:41,3:42,3:43,3:44,3:45,3:46,3:47,3:48,3:49,3:50,3:51,3:52,3:53,3:54,3:55,3:56,3:57,3:58,3:59,4:00,4:01,4:02,4:03,4:04,4:05,4:06,4:07,4:08,4:09,4:10,4:11,4:12,4:13,4:14,4:15,4:16,4:17,4:18,4:19,4:20,4:21,4:22,4:23,4:24,4:25,4:26,4:27,4:28,4:29,4:30,4:31,4:32,4:33,4:34,4:35,4:36,4:37,4:38,4:39,4:40,4:41,4:42,4:43,4:44,4:45,4:46,4:47,4:48,4:49,4:50,4:51,4:52,4:53,4:54,4:55,4:56,4:57,4:58,4:59,5:00,5:01,5:02,5:03,5:04,5:05,5:06,5:07,5:08,5:09,5:10,5:11,5:12,5:13,5:14,5:15,5:16,5:17,5:18,5:19,5:20,5:21,5:22,5:23,5:24,5:25,5:26,5:27,5:28,5:29,5:30,5:31,5:32,5:33,5:34,5:35,5:36,5:37,5:38,5:39,5:40,5:41,5:42,5:43,5:44,5:45,5:46,5:47,5:48,5:49,5:50,5:51,5:52,5:53,5:54,5:55,5:56,5:57,5:58,5:59,6:00,6:01,6:02,6:03,6:04,6:05,6:06,6:07,6:08,6:09,6:10,6:11,6:12,6:13,6:14,6:15,6:16,6:17,6:18,6:19,6:20,6:21,6:22,6:23,6:24,6:25,6:26,6:27,6:28,6:29,6:30,6:31,6:32,6:33,6:34,6:35,6:36,6:37,6:38,6:39,6:40,6:41,6:42,6:43,6:44,6:45,6:46,6:47,6:48,6:49,6:50,6:51,6:52,6:53,6:54,6:55,6:56,6:57,6:58,6:59,7:00,7:01,7:02,7:03,7:04,7:05,7:06,7:07,7:08,7:09,7:10,7:11,7:12,7:13,7:14,7:15,7:16,7:17,7:18,7:19,7:20,7:21,7:22,7:23,7:24,7:25,7:26,7:27,7:28,7:29,7:30,7:31,7:32,7:33,7:34,7:35,7:36,7:37,7:38,7:39,7:40,7:41,7:42,7:43,7:44,7:45,7:46,7:47,7:48,7:49,7:50,7:51,7:52,7:53,7:54,7:55,7:56,7:57,7:58,7:59,8:00,8:01,8:02,8:03,8:04,8:05,8:06,8:07,8:08,8:09,8:10,8:11,8:12,8:13,8:14,8:15,8:16,8:17,8:18,8:19,8:20,8:21,8:22,8:23,8:24,8:25,8:26,8:27,8:28,8:29,8:30,8:31,8:32,8:33,8:34,8:35,8:36,8:37,8:38,8:39,8:40,8:41,8:42,8:43,8:44,8:45,8:46,8:47,8:48,8:49,8:50,8:51,8:52,8:53,8:54,8:55,8:56,8:57,8:58,8:59,9:00,9:01,9:02,9:03,9:04,9:05,9:06,9:07,9:08,9:09,9:10,9:11,9:12,9:13,9:14,9:15,9:16,9:17,9:18,9:19,9:20,9:21,9:22,9:23,9:24,9:25,9:26,9:27,9:28,9:29,9:30,9:31,9:32,9:33,9:34,9:35,9:36,9:37,9:38,9:39,9:40,9:41,9:42,9:43,9:44,9:45,9:46,9:47,9:48,9:49,9:50,9:51,9:52,9:53,9:54,9:55,9:56,9:57,9:58,9:59}'::pg_catalog.bytea[])
                AND pg_catalog.substr(pg_catalog.textsend($1), 11, 5) OPERATOR(pg_catalog.=) ANY ('{" 00:0"," 00:1"," 00:2"," 00:3"," 00:4"," 00:5"," 01:0"," 01:1"," 01:2"," 01:3"," 01:4"," 01:5"," 02:0"," 02:1"," 02:2"," 02:3"," 02:4"," 02:5"," 03:0"," 03:1"," 03:2"," 03:3"," 03:4"," 03:5"," 04:0"," 04:1"," 04:2"," 04:3"," 04:4"," 04:5"," 05:0"," 05:1"," 05:2"," 05:3"," 05:4"," 05:5"," 06:0"," 06:1"," 06:2"," 06:3"," 06:4"," 06:5"," 07:0"," 07:1"," 07:2"," 07:3"," 07:4"," 07:5"," 08:0"," 08:1"," 08:2"," 08:3"," 08:4"," 08:5"," 09:0"," 09:1"," 09:2"," 09:3"," 09:4"," 09:5"," 10:0"," 10:1"," 10:2"," 10:3"," 10:4"," 10:5"," 11:0"," 11:1"," 11:2"," 11:3"," 11:4"," 11:5"," 12:0"," 12:1"," 12:2"," 12:3"," 12:4"," 12:5"," 13:0"," 13:1"," 13:2"," 13:3"," 13:4"," 13:5"," 14:0"," 14:1"," 14:2"," 14:3"," 14:4"," 14:5"," 15:0"," 15:1"," 15:2"," 15:3"," 15:4"," 15:5"," 16:0"," 16:1"," 16:2"," 16:3"," 16:4"," 16:5"," 17:0"," 17:1"," 17:2"," 17:3"," 17:4"," 17:5"," 18:0"," 18:1"," 18:2"," 18:3"," 18:4"," 18:5"," 19:0"," 19:1"," 19:2"," 19:3"," 19:4"," 19:5"," 20:0"," 20:1"," 20:2"," 20:3"," 20:4"," 20:5"," 21:0"," 21:1"," 21:2"," 21:3"," 21:4"," 21:5"," 22:0"," 22:1"," 22:2"," 22:3"," 22:4"," 22:5"," 23:0"," 23:1"," 23:2"," 23:3"," 23:4"," 23:5"}'::pg_catalog.bytea[])
            ELSE pg_catalog.octet_length($1) OPERATOR(pg_catalog.=) 10 END
        AND pg_catalog.substr(pg_catalog.textsend($1), 1, 4) OPERATOR(pg_catalog.=) ANY ('{1970,1971,1972,1973,1974,1975,1976,1977,1978,1979,1980,1981,1982,1983,1984,1985,1986,1987,1988,1989,1990,1991,1992,1993,1994,1995,1996,1997,1998,1999,2000,2001,2002,2003,2004,2005,2006,2007,2008,2009,2010,2011,2012,2013,2014,2015,2016,2017,2018,2019,2020,2021,2022,2023,2024,2025,2026,2027,2028,2029,2030,2031,2032,2033,2034,2035,2036,2037,2038,2039,2040,2041,2042,2043,2044,2045,2046,2047,2048,2049,2050,2051,2052,2053,2054,2055,2056,2057,2058,2059,2060,2061,2062,2063,2064,2065,2066,2067,2068,2069}'::pg_catalog.bytea[])
        AND CASE WHEN pg_catalog.substr(pg_catalog.textsend($1), 5, 6) OPERATOR(pg_catalog.=) ANY ('{-01-01,-01-02,-01-03,-01-04,-01-05,-01-06,-01-07,-01-08,-01-09,-01-10,-01-11,-01-12,-01-13,-01-14,-01-15,-01-16,-01-17,-01-18,-01-19,-01-20,-01-21,-01-22,-01-23,-01-24,-01-25,-01-26,-01-27,-01-28,-01-29,-01-30,-01-31,-02-01,-02-02,-02-03,-02-04,-02-05,-02-06,-02-07,-02-08,-02-09,-02-10,-02-11,-02-12,-02-13,-02-14,-02-15,-02-16,-02-17,-02-18,-02-19,-02-20,-02-21,-02-22,-02-23,-02-24,-02-25,-02-26,-02-27,-02-28,-03-01,-03-02,-03-03,-03-04,-03-05,-03-06,-03-07,-03-08,-03-09,-03-10,-03-11,-03-12,-03-13,-03-14,-03-15,-03-16,-03-17,-03-18,-03-19,-03-20,-03-21,-03-22,-03-23,-03-24,-03-25,-03-26,-03-27,-03-28,-03-29,-03-30,-03-31,-04-01,-04-02,-04-03,-04-04,-04-05,-04-06,-04-07,-04-08,-04-09,-04-10,-04-11,-04-12,-04-13,-04-14,-04-15,-04-16,-04-17,-04-18,-04-19,-04-20,-04-21,-04-22,-04-23,-04-24,-04-25,-04-26,-04-27,-04-28,-04-29,-04-30,-05-01,-05-02,-05-03,-05-04,-05-05,-05-06,-05-07,-05-08,-05-09,-05-10,-05-11,-05-12,-05-13,-05-14,-05-15,-05-16,-05-17,-05-18,-05-19,-05-20,-05-21,-05-22,-05-23,-05-24,-05-25,-05-26,-05-27,-05-28,-05-29,-05-30,-05-31,-06-01,-06-02,-06-03,-06-04,-06-05,-06-06,-06-07,-06-08,-06-09,-06-10,-06-11,-06-12,-06-13,-06-14,-06-15,-06-16,-06-17,-06-18,-06-19,-06-20,-06-21,-06-22,-06-23,-06-24,-06-25,-06-26,-06-27,-06-28,-06-29,-06-30,-07-01,-07-02,-07-03,-07-04,-07-05,-07-06,-07-07,-07-08,-07-09,-07-10,-07-11,-07-12,-07-13,-07-14,-07-15,-07-16,-07-17,-07-18,-07-19,-07-20,-07-21,-07-22,-07-23,-07-24,-07-25,-07-26,-07-27,-07-28,-07-29,-07-30,-07-31,-08-01,-08-02,-08-03,-08-04,-08-05,-08-06,-08-07,-08-08,-08-09,-08-10,-08-11,-08-12,-08-13,-08-14,-08-15,-08-16,-08-17,-08-18,-08-19,-08-20,-08-21,-08-22,-08-23,-08-24,-08-25,-08-26,-08-27,-08-28,-08-29,-08-30,-08-31,-09-01,-09-02,-09-03,-09-04,-09-05,-09-06,-09-07,-09-08,-09-09,-09-10,-09-11,-09-12,-09-13,-09-14,-09-15,-09-16,-09-17,-09-18,-09-19,-09-20,-09-21,-09-22,-09-23,-09-24,-09-25,-09-26,-09-27,-09-28,-09-29,-09-30,-10-01,-10-02,-10-03,-10-04,-10-05,-10-06,-10-07,-10-08,-10-09,-10-10,-10-11,-10-12,-10-13,-10-14,-10-15,-10-16,-10-17,-10-18,-10-19,-10-20,-10-21,-10-22,-10-23,-10-24,-10-25,-10-26,-10-27,-10-28,-10-29,-10-30,-10-31,-11-01,-11-02,-11-03,-11-04,-11-05,-11-06,-11-07,-11-08,-11-09,-11-10,-11-11,-11-12,-11-13,-11-14,-11-15,-11-16,-11-17,-11-18,-11-19,-11-20,-11-21,-11-22,-11-23,-11-24,-11-25,-11-26,-11-27,-11-28,-11-29,-11-30,-12-01,-12-02,-12-03,-12-04,-12-05,-12-06,-12-07,-12-08,-12-09,-12-10,-12-11,-12-12,-12-13,-12-14,-12-15,-12-16,-12-17,-12-18,-12-19,-12-20,-12-21,-12-22,-12-23,-12-24,-12-25,-12-26,-12-27,-12-28,-12-29,-12-30,-12-31}'::pg_catalog.bytea[]) THEN true
            ELSE pg_catalog.substr(pg_catalog.textsend($1), 5, 6) OPERATOR(pg_catalog.=) '-02-29'::pg_catalog.bytea
                AND pg_catalog.substr(pg_catalog.textsend($1), 1, 4) OPERATOR(pg_catalog.=) ANY ('{1972,1976,1980,1984,1988,1992,1996,2000,2004,2008,2012,2016,2020,2024,2028,2032,2036,2040,2044,2048,2052,2056,2060,2064,2068}'::pg_catalog.bytea[]) END
$f$;

-- The same for queries that aggregate all rows of a table: three comparisons with lists that hold thousands. Functions keep them,
-- so that they are read once per session and not whenever a query is planned.
DO $$
DECLARE
    list record;
BEGIN
    FOR list IN
        SELECT 'moment_months' AS name, pg_catalog.array_agg(pg_catalog.format('%s-%s', y, pg_catalog.lpad(m::text, 2, '0'))) AS members
        FROM pg_catalog.generate_series(1970, 2069) AS y, pg_catalog.generate_series(1, 12) AS m
        UNION ALL
        SELECT 'moment_hours', pg_catalog.array_agg(pg_catalog.format('-%s %s', pg_catalog.lpad(d::text, 2, '0'), pg_catalog.lpad(h::text, 2, '0')))
        FROM pg_catalog.generate_series(1, 28) AS d, pg_catalog.generate_series(0, 23) AS h
        UNION ALL
        SELECT 'moment_seconds', pg_catalog.array_agg(pg_catalog.format(':%s:%s', pg_catalog.lpad(m::text, 2, '0'), pg_catalog.lpad(s::text, 2, '0')))
        FROM pg_catalog.generate_series(0, 59) AS m, pg_catalog.generate_series(0, 59) AS s
    LOOP
        EXECUTE pg_catalog.format('CREATE OR REPLACE FUNCTION sqlift.%I() RETURNS bytea[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS %L',
                                  list.name, pg_catalog.format('BEGIN RETURN %L::bytea[]; END', list.members));
    END LOOP;
END $$;
CREATE OR REPLACE FUNCTION sqlift.has_moment_in_all(value text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $f$
    SELECT pg_catalog.substr(pg_catalog.textsend($1), 14) OPERATOR(pg_catalog.=) ANY (sqlift.moment_seconds())
            AND pg_catalog.substr(pg_catalog.textsend($1), 8, 6) OPERATOR(pg_catalog.=) ANY (sqlift.moment_hours())
            AND pg_catalog.substr(pg_catalog.textsend($1), 1, 7) OPERATOR(pg_catalog.=) ANY (sqlift.moment_months())
        OR sqlift.has_moment($1)
$f$;

-- '001' to '366', of a type whose members are found by their place at once. to_char() takes three times as long.
DO $$
BEGIN
    EXECUTE pg_catalog.format('CREATE OR REPLACE FUNCTION sqlift.days_of_year() RETURNS name[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS %L',
        pg_catalog.format('BEGIN RETURN %L::name[]; END', (SELECT pg_catalog.array_agg(pg_catalog.lpad(d::text, 3, '0') ORDER BY d) FROM pg_catalog.generate_series(1, 366) AS d)));
END $$;

-- Whether it is YYYY-MM-DD HH:MM, or YYYY-MM-DD HH:MM:SS with a fraction or the zone of UTC behind it, and perhaps a T between:
-- then the moment without the fraction is that of sqlift.short_moment(). What other programs write, so it is not put in a
-- query's own words, which would be planned with every query.
CREATE OR REPLACE FUNCTION sqlift.short_moment(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE WHEN pg_catalog.octet_length($1) OPERATOR(pg_catalog.=) 16 THEN pg_catalog.replace($1, 'T', ' ') OPERATOR(pg_catalog.||) ':00'
                ELSE pg_catalog.replace(pg_catalog.left($1, 19), 'T', ' ') END
$f$;
CREATE OR REPLACE FUNCTION sqlift.has_long_moment(value text) RETURNS boolean LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    short text;
    tail text;
BEGIN
    IF pg_catalog.octet_length(value) < 19 AND pg_catalog.octet_length(value) <> 16 THEN RETURN false; END IF;
    short := sqlift.short_moment(value);
    tail := pg_catalog.substr(value, 20);
    -- A regular expression would take as long as all the rest.
    RETURN (tail IN ('', 'Z', '+00:00')
            OR tail LIKE '._%' AND tail NOT LIKE '.%.%' AND pg_catalog.ascii(pg_catalog.substr(tail, 2)) BETWEEN 48 AND 57
                AND pg_catalog.ltrim(tail, '.0123456789') IN ('', 'Z', '+00:00'))
        AND sqlift.has_moment(short);
END $f$;

-- '+N months': the day stays, and what the month does not have of it goes into the next one.
CREATE OR REPLACE FUNCTION sqlift.plus_months(moment timestamp, months integer) RETURNS timestamp LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
BEGIN
    RETURN pg_catalog.date_trunc('month', moment) + pg_catalog.make_interval(months => months) + (moment - pg_catalog.date_trunc('month', moment));
END $f$;

-- 'weekday N': Sunday is 0.
CREATE OR REPLACE FUNCTION sqlift.next_weekday(moment timestamp, day integer) RETURNS timestamp LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
BEGIN
    RETURN moment + pg_catalog.make_interval(days => (day + 7 - pg_catalog.date_part('dow', moment)::int) % 7);
END $f$;

-- julianday() inside of avg(), sum() and total(), which add multiples of 2^-40.
CREATE OR REPLACE FUNCTION sqlift.summed_julianday(VARIADIC parts text[]) RETURNS double precision LANGUAGE plpgsql STABLE PARALLEL SAFE AS $f$
DECLARE
    day double precision := sqlift.julianday(VARIADIC parts);
BEGIN
    IF day < 4096 AND day * 1099511627776 <> pg_catalog.trunc(day * 1099511627776) THEN
        RAISE EXCEPTION 'a sum of days before 4701 B.C.' USING ERRCODE = 'feature_not_supported', HINT = 'write julianday(...) + 0.0';
    END IF;
    RETURN day;
END $f$;

-- A day that lies before or behind whatever a comparison with the text lets through, of which the first so many bytes count: what
-- begins with YYYY-MM-DD further away is left out by its text alone. Four days are what February and a time zone may take.
CREATE OR REPLACE FUNCTION sqlift.day_before(bound text, kept integer) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    day text := pg_catalog.substring(pg_catalog.left(bound, kept), '^[0-9]{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01]))?)?');
BEGIN
    IF day IS NULL OR day < '0010' COLLATE "C" OR day >= '9991' COLLATE "C" THEN RETURN ''; END IF;
    day := day || pg_catalog.substr('0000-01-01', pg_catalog.length(day) + 1);
    RETURN pg_catalog.to_char(pg_catalog.make_date(pg_catalog.left(day, 4)::int, pg_catalog.substr(day, 6, 2)::int, 1) + (pg_catalog.right(day, 2)::int - 5), 'YYYY-MM-DD');
END $f$;
CREATE OR REPLACE FUNCTION sqlift.day_behind(bound text, kept integer) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
DECLARE
    day text := pg_catalog.substring(pg_catalog.left(bound, kept), '^[0-9]{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01]))?)?');
BEGIN
    IF day IS NULL OR day < '0010' COLLATE "C" OR day >= '9991' COLLATE "C" THEN RETURN pg_catalog.chr(1114111); END IF;
    day := day || pg_catalog.substr('0000-12-31', pg_catalog.length(day) + 1);
    RETURN pg_catalog.to_char(pg_catalog.make_date(pg_catalog.left(day, 4)::int, pg_catalog.substr(day, 6, 2)::int, 1) + (pg_catalog.right(day, 2)::int + 1), 'YYYY-MM-DD');
END $f$;

-- The functions where nothing of the answer depends on when or where it is asked, so that a call over constants is computed
-- once per plan, and generated columns and indexes may hold one. SQLite refuses there what depends, with these words.
CREATE OR REPLACE FUNCTION sqlift.fixed_parts(parts text[], name text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
BEGIN
    IF coalesce(pg_catalog.cardinality(parts), 0) = 0 OR pg_catalog.lower(parts[1] COLLATE "C") IN ('now', 'subsec', 'subsecond')
        OR pg_catalog.lower(parts[2:]::text COLLATE "C")::text[] && ARRAY['localtime', 'utc'] THEN
        RAISE EXCEPTION 'non-deterministic use of %() in an index or a generated column', name USING ERRCODE = 'feature_not_supported',
            HINT = 'store the moment as a date';
    END IF;
    RETURN parts;
END $f$;
CREATE OR REPLACE FUNCTION sqlift.fixed_date(VARIADIC parts text[]) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
BEGIN
    RETURN sqlift.date(VARIADIC sqlift.fixed_parts(parts, 'date'));
END $f$;
CREATE OR REPLACE FUNCTION sqlift.fixed_time(VARIADIC parts text[]) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
BEGIN
    RETURN sqlift.time(VARIADIC sqlift.fixed_parts(parts, 'time'));
END $f$;
CREATE OR REPLACE FUNCTION sqlift.fixed_datetime(VARIADIC parts text[]) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
BEGIN
    RETURN sqlift.datetime(VARIADIC sqlift.fixed_parts(parts, 'datetime'));
END $f$;
CREATE OR REPLACE FUNCTION sqlift.fixed_julianday(VARIADIC parts text[]) RETURNS double precision LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
BEGIN
    RETURN sqlift.julianday(VARIADIC sqlift.fixed_parts(parts, 'julianday'));
END $f$;
CREATE OR REPLACE FUNCTION sqlift.fixed_unixepoch(VARIADIC parts text[]) RETURNS bigint LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
BEGIN
    RETURN sqlift.unixepoch(VARIADIC sqlift.fixed_parts(parts, 'unixepoch'));
END $f$;
CREATE OR REPLACE FUNCTION sqlift.fixed_unixepoch_subsec(VARIADIC parts text[]) RETURNS double precision LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
BEGIN
    RETURN sqlift.unixepoch_subsec(VARIADIC sqlift.fixed_parts(parts, 'unixepoch'));
END $f$;
CREATE OR REPLACE FUNCTION sqlift.fixed_strftime(format text, VARIADIC parts text[]) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
BEGIN
    RETURN sqlift.strftime(format, VARIADIC sqlift.fixed_parts(parts, 'strftime'));
END $f$;
